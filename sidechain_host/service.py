"""The DApps of one node: installed, started, stopped, restarted after a crash, remembered.

Each runs as a task of its own: whatever happens to it, the main chain and the other DApps go on.
"""

import asyncio
import os
import traceback
from collections import defaultdict
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import msgspec
import structlog

from chain_engine.codec.canonical import Struct, decode, encode
from chain_engine.primitives.errors import ChainError, NotFound
from sidechain_host.packages import Download, PackageStore
from sidechain_host.registration import LoadedDApp, Registration, load_dapp
from sidechain_host.runner import RunnerSettings

log = structlog.get_logger()

LONGEST_DELAY_S = 60.0
TRACE_CHARACTERS = 4000
"""Last part of a crash's traceback that is logged: without values of variables."""

Launch = Callable[[LoadedDApp], Awaitable[None]]
"""Runs a chain until it is cancelled; what it raises is a crash of this DApp."""

State = Literal["running", "stopped", "failed"]


class DAppStatus(msgspec.Struct, frozen=True):
    """One installed DApp."""

    chain_id: bytes
    """Its chain."""

    name: str
    """Registered name."""

    package_hash: bytes
    """Its package."""

    state: State
    """`failed`: it crashed and waits to be started again."""

    error: str
    """Why it crashed last, or empty."""

    restarts: int
    """Crashes since it was started."""


class _Entry(Struct, frozen=True):
    """An installed DApp on disk."""

    registration: Registration
    """What it was installed from."""

    is_stopped: bool
    """Whether the owner stopped it."""


class _Saved(Struct, frozen=True):
    version: int
    dapps: tuple[_Entry, ...]


class _Running:
    """A DApp's task and how it fares."""

    def __init__(self) -> None:
        self.task: asyncio.Task[None] | None = None
        self.ready: LoadedDApp | None = None
        """Loaded already, by the installation that checked it."""
        self.state: State = "stopped"
        self.error = ""
        self.restarts = 0


class DAppHost:
    """All DApps of a node. An asynchronous context manager: leaving it ends them."""

    def __init__(
        self, folder: Path, packages: PackageStore, *, launch: Launch,
        settings: RunnerSettings | None = None, first_delay_s: float = 1.0,
    ) -> None:  # fmt: skip
        """`folder` holds the list and, per chain, its files.

        `first_delay_s` is the pause after a first crash; it doubles up to a minute.
        """
        self._first_delay_s = first_delay_s
        self._folder = folder
        self._packages = packages
        self._launch = launch
        self._settings = settings or RunnerSettings()
        self._entries: dict[bytes, _Entry] = {}
        self._running: dict[bytes, _Running] = {}
        self._fetching: defaultdict[bytes, asyncio.Lock] = defaultdict(asyncio.Lock)
        """By package: installations take turns."""

    async def __aenter__(self) -> Self:
        """Start what was installed and not stopped."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._entries = {e.registration.chain_id: e for e in self._load()}
        self._running = {chain_id: _Running() for chain_id in self._entries}
        for chain_id, entry in self._entries.items():
            if not entry.is_stopped:
                self._begin(chain_id)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        """End all DApps; the list on disk stays as it is."""
        for chain_id in self._running:
            await self._end(chain_id)

    async def install(self, registration: Registration, download: Download) -> DAppStatus:
        """Fetch a registered package, check everything, remember it and start it.

        Raises:
            PackageMismatch, InvalidPackage: the bytes are not the registered package.
            SandboxDiffers, GenesisDiffers, InvalidManifest, InvalidDAppGenesis, ContractRefused.
        """
        chain_id = registration.chain_id
        # One at a time: the task of a chain begun twice could never be stopped again.
        async with self._fetching[registration.package_hash]:
            if chain_id not in self._entries:
                await self._install(registration, download)
        await self.start(chain_id)
        return self.status(chain_id)

    async def start(self, chain_id: bytes) -> None:
        """Start a DApp; starting a running one does nothing.

        Raises:
            NotFound: it is not installed.
        """
        self._set_stopped(chain_id, is_stopped=False)
        if self._running[chain_id].task is None:
            self._begin(chain_id)

    async def stop(self, chain_id: bytes) -> None:
        """Stop a DApp, also after the node's next start; its state stays.

        Raises:
            NotFound: it is not installed.
        """
        self._set_stopped(chain_id, is_stopped=True)
        await self._end(chain_id)

    async def remove(self, chain_id: bytes) -> None:
        """Stop a DApp and forget it; its files stay where they are.

        Raises:
            NotFound: it is not installed.
        """
        await self.stop(chain_id)
        del self._entries[chain_id], self._running[chain_id]
        self._save()

    def installed(self) -> list[DAppStatus]:
        """All installed DApps, ascending by name."""
        return sorted((self.status(c) for c in self._entries), key=lambda s: s.name)

    def status(self, chain_id: bytes) -> DAppStatus:
        """One installed DApp.

        Raises:
            NotFound: it is not installed.
        """
        registration = self._entry(chain_id).registration
        running = self._running[chain_id]
        return DAppStatus(chain_id, registration.name, registration.package_hash,
                          running.state, running.error, running.restarts)  # fmt: skip

    # --- inside ---------------------------------------------------------------------------------

    async def _install(self, registration: Registration, download: Download) -> None:
        chain_id = registration.chain_id
        size = registration.package_bytes
        await self._packages.fetch(registration.package_hash, size, download)
        running = _Running()
        running.ready = await self._open(registration)
        self._entries[chain_id] = _Entry(registration, is_stopped=False)
        self._running[chain_id] = running
        self._save()
        log.info("dapp_installed", name=registration.name, chain=chain_id.hex())

    def _entry(self, chain_id: bytes) -> _Entry:
        entry = self._entries.get(chain_id)
        if entry is None:
            raise NotFound(chain=chain_id)
        return entry

    def _set_stopped(self, chain_id: bytes, *, is_stopped: bool) -> None:
        entry = self._entry(chain_id)
        if entry.is_stopped != is_stopped:
            self._entries[chain_id] = _Entry(entry.registration, is_stopped)
            self._save()

    def _begin(self, chain_id: bytes) -> None:
        running = self._running[chain_id]
        name = self._entries[chain_id].registration.name
        running.state, running.error, running.restarts = "running", "", 0
        running.task = asyncio.create_task(self._supervise(chain_id), name=f"dapp {name}")

    async def _end(self, chain_id: bytes) -> None:
        running = self._running[chain_id]
        if running.task is not None:
            running.task.cancel()
            await asyncio.wait([running.task])
            running.task = None
        running.state = "stopped"

    async def _supervise(self, chain_id: bytes) -> None:
        """Run a DApp, and again after each crash, from its last committed block."""
        running = self._running[chain_id]
        registration = self._entries[chain_id].registration
        delay_s = self._first_delay_s
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await self._run_once(registration, running)
                running.error = "it ended by itself"
            except Exception as error:  # noqa: BLE001 - whatever a DApp does, the node goes on
                running.error = error.detail if isinstance(error, ChainError) else repr(error)
                trace = "".join(traceback.format_exception(error))[-TRACE_CHARACTERS:]
                log.error("dapp_crashed", name=registration.name, trace=trace)  # noqa: TRY400
            running.state = "failed"
            running.restarts += 1
            if asyncio.get_running_loop().time() - began > LONGEST_DELAY_S:
                delay_s = self._first_delay_s
            await asyncio.sleep(delay_s)
            delay_s = min(2 * delay_s, LONGEST_DELAY_S)

    async def _run_once(self, registration: Registration, running: _Running) -> None:
        loaded = running.ready or await self._open(registration)
        running.ready = None
        try:
            # Before the chain runs: the first block with a call shall not wait for a process.
            await loaded.machine.start()
            running.state = "running"
            await self._launch(loaded)
        finally:
            await loaded.machine.close()

    async def _open(self, registration: Registration) -> LoadedDApp:
        package = self._packages.read(registration.package_hash)
        folder = self._folder / registration.chain_id.hex()
        return await load_dapp(registration, package, folder, self._settings)

    @property
    def _file(self) -> Path:
        return self._folder / "installed"

    def _load(self) -> tuple[_Entry, ...]:
        if not self._file.exists():
            return ()
        return decode(self._file.read_bytes(), _Saved).dapps

    def _save(self) -> None:
        part = self._file.with_suffix(".new")
        with part.open("wb") as file:
            file.write(encode(_Saved(1, tuple(self._entries.values()))))
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._file)
