"""Blocking frames over the child's end of the socket pair."""

import io
import os
from typing import NoReturn

from sidechain_host.sandbox.frames import EXIT_BAD_FRAME, FRAME_BYTES_MAX, HEADER


def exit_now(code: int, why: str) -> NoReturn:
    """End the process at once: V8's thread may be in any state, so nothing is unwound."""
    os.write(2, f"{why}\n".encode())
    os._exit(code)


class Channel:
    """Frames in and out, one at a time, never from two threads at once.

    `read(2)` and `write(2)` through FileIO: it makes no other system calls than those two, which
    is what the seccomp filter allows.
    """

    def __init__(self, descriptor: int) -> None:
        self._file = io.FileIO(descriptor, "r+", closefd=False)

    def receive(self) -> tuple[int, bytes] | None:
        """The next frame, or None when the node has gone."""
        head = self._exactly(HEADER.size)
        if head is None:
            return None
        opcode, length = HEADER.unpack(head)
        if length > FRAME_BYTES_MAX:
            exit_now(EXIT_BAD_FRAME, "a frame is longer than allowed")
        body = self._exactly(length)
        return None if body is None else (opcode, body)

    def send(self, opcode: int, body: bytes) -> None:
        """Write one frame; a node that has gone ends the process."""
        rest = memoryview(HEADER.pack(opcode, len(body)) + body)
        while rest:
            try:
                written = self._file.write(rest)
            except OSError:
                os._exit(0)
            rest = rest[written:]

    def _exactly(self, length: int) -> bytes | None:
        buffer = bytearray(length)
        rest = memoryview(buffer)
        while rest:
            try:
                count = self._file.readinto(rest)
            except OSError:
                return None
            if not count:
                return None
            rest = rest[count:]
        return bytes(buffer)
