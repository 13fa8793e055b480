"""A devnet's life: create, open, start, kill, restart, stop.

    async with Devnet.create(folder, nodes=4) as net:   # starts; stops all at the end
        alice = net.accounts["alice"]
        await net.kill(0)                                # SIGKILL unless another signal is given
        await net.restart(0)

The nodes are real `acc node run` processes. They die with this process, however it ends.
"""

import asyncio
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from acc.devnet.layout import (
    DevnetAccount,
    DevnetOptions,
    load_accounts,
    move_to_free_ports,
    write_devnet,
)
from acc.devnet.process import NodeProcess
from acc.devnet_file import DEVNET_FILE, DevnetFile, load_devnet
from acc.files import FolderLock
from chain_engine.primitives.errors import ChainError

LOCK_FILE = "devnet.lock"

READY_TIMEOUT_S = 60.0
"""How long a node may take to answer."""

STOP_TIMEOUT_S = 15.0
"""How long a node may take to stop before it is killed."""


class DevnetExists(ChainError):
    """There is a devnet in the folder already, or something else."""

    code = "DEVNET_EXISTS"
    title = "The folder is not empty; it was not touched."
    fix = "If it holds a devnet, open that, or begin anew with --fresh; else choose another --home."
    status = 409


class Devnet:
    """Nodes, accounts and processes of one devnet folder."""

    def __init__(self, home: Path, file: DevnetFile, lock: FolderLock) -> None:
        """Use `create`, `open` or `attach`."""
        self.home = home
        """The folder."""
        self.file = file
        """What `devnet.json` says."""
        self.accounts: Mapping[str, DevnetAccount] = load_accounts(home, file)
        """Funded accounts by name, opened."""
        self.nodes: tuple[NodeProcess, ...] = tuple(
            NodeProcess(entry.name, home / entry.home, entry.url, entry.public_key)
            for entry in file.nodes
        )
        """The node processes, running or not."""
        self._lock = lock

    @classmethod
    def create(cls, home: Path, **options: Any) -> Self:
        """Make keys, accounts, genesis and settings in an empty or new folder.

        `options` are the fields of `DevnetOptions`.

        Raises:
            DevnetExists: the folder is not empty.
            FolderInUse: another process works in it.
            NoFreePort: not enough free ports.
        """
        home = home.absolute()
        if home.exists() and any(entry.name != LOCK_FILE for entry in home.iterdir()):
            raise DevnetExists(home=str(home))
        lock = FolderLock(home / LOCK_FILE)
        lock.acquire()
        try:
            return cls(home, write_devnet(home, DevnetOptions(**options)), lock)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def open(cls, home: Path) -> Self:
        """Open an existing devnet; nodes whose ports are taken meanwhile move to free ones.

        Raises:
            DevnetNotFound: no devnet in the folder.
            FolderInUse: another process runs it.
        """
        home = home.absolute()
        file = load_devnet(home)
        lock = FolderLock(home / LOCK_FILE)
        lock.acquire()
        try:
            return cls(home, move_to_free_ports(home, file), lock)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def attach(cls, home: Path) -> Self:
        """Look at a devnet that another process runs: its nodes' URLs and its accounts' keys.

        Raises:
            DevnetNotFound: no devnet in the folder.
        """
        home = home.absolute()
        return cls(home, load_devnet(home), FolderLock(home / LOCK_FILE))

    @property
    def urls(self) -> tuple[str, ...]:
        """Base URL of every node."""
        return tuple(node.url for node in self.nodes)

    @property
    def url(self) -> str:
        """Base URL of the first node."""
        return self.nodes[0].url

    async def __aenter__(self) -> Self:
        """Start all nodes."""
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop all nodes."""
        await self.stop()

    async def start(self, *, timeout_s: float = READY_TIMEOUT_S) -> None:
        """Start every node and wait until all answer; if one fails, all are stopped.

        Raises:
            NodeDied: a node ended at once; its last log lines are given.
            NodeNotReady: a node did not answer in time.
        """
        self._lock.acquire()
        try:
            async with asyncio.TaskGroup() as group:
                for node in self.nodes:
                    group.create_task(_start(node, timeout_s))
        except BaseExceptionGroup as errors:
            await self.stop()
            raise _first(errors) from None
        except BaseException:
            await self.stop()
            raise

    async def kill(self, index: int, sig: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to one node and wait until it has ended."""
        await self.nodes[index].end(sig, STOP_TIMEOUT_S)

    async def restart(self, index: int, *, timeout_s: float = READY_TIMEOUT_S) -> None:
        """Start a node that has ended and wait until it answers."""
        self._lock.acquire()
        await _start(self.nodes[index], timeout_s)

    async def wait_for_end(self) -> NodeProcess:
        """Wait until any running node has ended, and return it; for ever if none does."""
        waits = {asyncio.create_task(n.wait()): n for n in self.nodes if n.is_running}
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()
        return waits[done.pop()]

    async def stop(self) -> None:
        """Ask all nodes to stop, kill those that do not, and wait until all have ended."""
        await asyncio.gather(*(node.end(signal.SIGTERM, STOP_TIMEOUT_S) for node in self.nodes))
        self._lock.release()


def remove_devnet(home: Path) -> None:
    """Delete a devnet's folder; one that holds no devnet is left alone.

    Raises:
        FolderInUse: a process runs it.
    """
    if not (home / DEVNET_FILE).exists():
        return
    lock = FolderLock(home / LOCK_FILE)
    lock.acquire()
    try:
        shutil.rmtree(home)
    finally:
        lock.release()


async def _start(node: NodeProcess, timeout_s: float) -> None:
    await node.start()
    await node.wait_ready(timeout_s)


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    first: BaseException = errors
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first
