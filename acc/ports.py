"""Free TCP ports on this machine."""

import contextlib
import errno
import socket
from collections.abc import Iterable

from chain_engine.primitives.errors import ChainError

PORT_MAX = 65_535


class NoFreePort(ChainError):
    """Every port from the wanted one up is taken."""

    code = "NO_FREE_PORT"
    title = "There is no free port from the wanted one up."
    fix = "Give a lower port, or stop the programs that listen above it."


def is_port_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def find_free_ports(count: int, start: int, host: str = "127.0.0.1") -> list[int]:
    """The first `count` free ports from `start` up.

    Raises:
        NoFreePort: there are not so many.
    """
    found: list[int] = []
    for port in range(start, PORT_MAX + 1):
        if is_port_free(port, host):
            found.append(port)
            if len(found) == count:
                return found
    raise NoFreePort(start=start, needed=count, free=len(found))


def draw_free_ports(count: int, host: str = "127.0.0.1") -> list[int]:
    """`count` distinct free ports chosen by the system."""
    with contextlib.ExitStack() as held:
        return list(_draw(count, host, held))


def _draw(count: int, host: str, held: contextlib.ExitStack) -> Iterable[int]:
    # all are held until all are drawn, so none is drawn twice
    for _ in range(count):
        probe = held.enter_context(socket.socket())
        probe.bind((host, 0))
        yield probe.getsockname()[1]
