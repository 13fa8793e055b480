"""The process that runs one DApp: started, loaded, asked, and started again after it died."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import msgspec
import structlog

from sidechain_host.program import Program
from sidechain_host.sandbox.connection import OnHost
from sidechain_host.sandbox.settings import SandboxLimits
from sidechain_host.sandbox.supervisor import SandboxProcess, spawn

log = structlog.get_logger()

SETUP_DEADLINE_MS = 30_000
BASE_DEADLINE_MS = 3_000
"""Wall clock of any request, whatever its gas."""

GAS_PER_DEADLINE_MS = 5_000
"""Gas per further millisecond: about twenty times what the dearest code needs."""

REPLAY_FACTOR = 10
"""How much longer a call may take when it is replayed alone."""


@dataclass(frozen=True)
class RunnerSettings:
    """This machine's choices for one DApp's processes."""

    sandbox: SandboxLimits = field(default_factory=SandboxLimits)
    """Fences of each process."""

    cache_bytes: int = 64 * 1024 * 1024
    """Committed rows a process keeps, about; results never depend on it."""

    unsafe_dev: bool = False
    """Whether a kernel without seccomp is accepted."""


class DAppProcess:
    """One DApp's process, whichever it is at the moment."""

    def __init__(self, program: Program, settings: RunnerSettings) -> None:
        """Nothing is started yet."""
        self._program = program
        self._settings = settings
        self._process: SandboxProcess | None = None
        self._starting = asyncio.Lock()
        self.starts = 0
        """How often a process was started."""

    @property
    def process(self) -> SandboxProcess | None:
        """The living process, if there is one: for diagnosis and tests."""
        process = self._process
        return None if process is None or process.closed else process

    async def start(self) -> SandboxProcess:
        """Return the living process, started and loaded if need be.

        Raises:
            SandboxError: it does not come up.
        """
        async with self._starting:
            if self.process is None:
                self._process = await self._spawn()
            assert self._process is not None
            return self._process

    async def ask(
        self, request: dict[str, Any], *, deadline_ms: int, on_host: OnHost | None = None
    ) -> bytes:
        """Put one request; a process that fails it is gone afterwards.

        Raises:
            SandboxError: timeout, death or protocol fault.
            SandboxViolation: it asked what it must not.
        """
        process = await self.start()
        return await process.call(
            msgspec.json.encode(request), deadline_ms=deadline_ms, on_host=on_host
        )

    async def kill(self) -> None:
        """End the process; the next request starts another."""
        if self._process is not None:
            await self._process.close()
            self._process = None

    async def _spawn(self) -> SandboxProcess:
        settings = self._settings
        process = await spawn("runner", limits=settings.sandbox, unsafe_dev=settings.unsafe_dev)
        try:
            setup = self._program.setup_request(settings.cache_bytes)
            await process.call(setup, deadline_ms=SETUP_DEADLINE_MS)
            await process.load(self._program.factory)
        except BaseException:
            await process.close()
            raise
        self.starts += 1
        log.info("dapp_process_started", dapp=self._program.manifest.name, pid=process.pid)
        return process


def deadline_of(gas: int, *, factor: int = 1) -> int:
    """Wall clock for this much gas, milliseconds."""
    return factor * (BASE_DEADLINE_MS + gas // GAS_PER_DEADLINE_MS)
