"""One node process of a devnet: started, watched, ended."""

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

import aiohttp

from acc.settings import ENVIRONMENT_PREFIX
from chain_engine.primitives.errors import ChainError

LOG_FILE = "node.log"

POLL_S = 0.05
"""Pause between two questions whether a starting node is ready, seconds."""

LOG_TAIL_LINES = 15
"""Lines of the log shown when a node dies."""

LOG_TAIL_BYTES = 16 * 1024


class NodeDied(ChainError):
    """A node process ended by itself."""

    code = "NODE_DIED"
    title = "A node ended while it was needed."
    fix = "Read `log` (the last lines are in `tail`); it says why."
    status = 503


class NodeNotReady(ChainError):
    """A node did not answer in time."""

    code = "NODE_NOT_READY"
    title = "A node did not become ready in time."
    fix = "Read its `log`; on a slow machine start fewer nodes."
    status = 503
    retryable = True


class NodeProcess:
    """A node of a devnet, running or not."""

    def __init__(self, name: str, home: Path, url: str, public_key: str) -> None:
        """Name the node; nothing is started."""
        self.name = name
        """Its delegate's name, such as `node-1`."""
        self.home = home
        """Its home folder."""
        self.url = url
        """Base URL of its API."""
        self.public_key = public_key
        """The key it votes with, hex."""
        self._process: asyncio.subprocess.Process | None = None

    @property
    def log(self) -> Path:
        """Its log file."""
        return self.home / LOG_FILE

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process is not None and self.is_running else None

    @property
    def is_running(self) -> bool:
        """Whether its process is alive."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start the process; a running one is a caller's mistake."""
        assert not self.is_running, f"{self.name} is running"
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "acc", "node", "run",
                "--home", str(self.home), "--end-with-parent", str(os.getpid()),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=_environment(),
                # its own process group: the terminal's Ctrl-C reaches the devnet alone, and
                # whatever a killed node leaves behind can be killed with it
                start_new_session=True,
            )  # fmt: skip

    async def wait_ready(self, timeout_s: float) -> None:
        """Wait until the node says that it is ready.

        Raises:
            NodeDied: it ended instead.
            NodeNotReady: it did not in time.
        """
        try:
            async with asyncio.timeout(timeout_s), aiohttp.ClientSession() as session:
                while not await self._is_ready(session):
                    if not self.is_running:
                        raise self.died()
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            raise NodeNotReady(
                node=self.name, url=self.url, seconds=timeout_s, log=str(self.log)
            ) from None

    async def wait(self) -> int:
        """Wait until the process has ended and return its exit code (negative: a signal)."""
        assert self._process is not None, f"{self.name} was never started"
        return await self._process.wait()

    async def end(self, sig: signal.Signals, timeout_s: float) -> None:
        """Send a signal, wait, and kill what is left of the node and its children."""
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(sig)
            try:
                async with asyncio.timeout(timeout_s):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)

    def died(self) -> NodeDied:
        """The error that tells how this node ended."""
        code = self._process.returncode if self._process is not None else None
        return NodeDied(node=self.name, exit_code=code, log=str(self.log), tail=self._tail())

    async def _is_ready(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(f"{self.url}/readyz") as response:
                return response.status == 200  # noqa: PLR2004
        except (aiohttp.ClientError, OSError):
            return False

    def _tail(self) -> str:
        try:
            with self.log.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - LOG_TAIL_BYTES))
                text = file.read().decode("utf-8", "replace")
        except FileNotFoundError:
            return ""
        return "\n".join(text.splitlines()[-LOG_TAIL_LINES:])


def _environment() -> dict[str, str]:
    """Ours without settings: a port given to the devnet must not reach every node."""
    return {k: v for k, v in os.environ.items() if not k.startswith(ENVIRONMENT_PREFIX)}
