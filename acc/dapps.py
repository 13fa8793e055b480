"""The DApps of one node: found on the main chain, installed, run as chains, relayed."""

import asyncio
from pathlib import Path

import structlog

from chain_engine.crypto.keys import SecretKey
from chain_engine.http.chains import ChainDirectory
from chain_engine.http.client import ChainClient
from chain_engine.http.download import download_resumable
from chain_engine.http.peer.client import PeerAddress
from chain_engine.http.peer.network import PeerNetwork
from chain_engine.http.peer.server import PeerServer
from chain_engine.mempool.pool import PoolLimits
from chain_engine.node.chain_node import ChainFiles, ChainNode, open_chain
from chain_engine.node.verification import SignatureVerifier
from chain_engine.primitives.errors import NotFound
from mainchain.ledger.chains import find_chain
from sidechain_host.chain import SidechainNode
from sidechain_host.packages import PackageStore
from sidechain_host.registration import LoadedDApp, Registration
from sidechain_host.relayer import Relayer
from sidechain_host.runner import RunnerSettings
from sidechain_host.service import DAppHost, DAppStatus

log = structlog.get_logger(__name__)

RELAY_TURN_MS = 400
"""How much longer each further delegate's relayer waits for the one before it."""

RETRY_S = 5.0
"""Pause before a DApp that could not be installed is tried again."""


class NodeDApps:
    """Composes the sidechain host with this node's network, API and relayers."""

    def __init__(
        self,
        *,
        folder: Path,
        main: ChainNode,
        key: SecretKey,
        peers: list[PeerAddress],
        network: PeerNetwork,
        chains: ChainDirectory,
        verifier: SignatureVerifier,
        pool_limits: PoolLimits,
        runner: RunnerSettings,
        wanted: tuple[str, ...],
        relay: bool,
    ) -> None:
        """`wanted` are names or ids that the owner wants to run; `relay` turns relayers on."""
        self._main = main
        self._key = key
        self._peers = peers
        self._network = network
        self._chains = chains
        self._verifier = verifier
        self._pool_limits = pool_limits
        self._wanted = wanted
        self._relay = relay
        self._url = ""
        self._peer_server: PeerServer | None = None
        self.packages = PackageStore(folder / "packages")
        self.host = DAppHost(folder / "chains", self.packages, launch=self._launch, settings=runner)

    async def run(self, url: str, peer_server: PeerServer) -> None:
        """Run installed DApps, and install wanted ones as they appear, until cancelled.

        `url` is this node's own API, which its relayers use like anybody else.
        """
        self._url, self._peer_server = url, peer_server
        async with self.host:
            await self._install_wanted()
            await asyncio.get_running_loop().create_future()

    async def install(self, name_or_id: str) -> DAppStatus:
        """Install a registered chain: fetch its package by hash, check everything, start it.

        Raises:
            NotFound: the main chain has no such chain.
            ChainError: it cannot run here; the error says why.
        """
        registration = self._registration(name_or_id)
        return await self.host.install(registration, self._download)

    def chain_id_of(self, name_or_id: str) -> bytes:
        """Id of a registered chain.

        Raises:
            NotFound: the main chain has no such chain.
        """
        return self._registration(name_or_id).chain_id

    async def _install_wanted(self) -> None:
        missing = list(self._wanted)
        while missing:
            height = self._main.store.tip.height
            for name in tuple(missing):
                if find_chain(self._main.store.view(), name) is None:
                    continue
                try:
                    await self.install(name)
                    missing.remove(name)
                except Exception as error:  # noqa: BLE001 - whatever it is, the node goes on
                    log.warning("dapp_not_installed", name=name, error=repr(error))
                    await asyncio.sleep(RETRY_S)
            if missing:
                await self._main.wait_above(height)

    def _registration(self, name_or_id: str) -> Registration:
        store = self._main.store
        record = find_chain(store.view(), name_or_id)
        if record is None:
            raise NotFound(chain=name_or_id)
        anchor = store.find_header(record.anchor_height)
        assert anchor is not None, "the registration names a committed height"
        delegates = store.find_delegates(anchor.delegates_hash)
        assert delegates is not None, "the store knows who signed a header"
        return Registration(
            name=record.name,
            chain_id=record.chain,
            package_hash=record.package_hash,
            package_bytes=record.package_bytes,
            parameters=record.parameters,
            delegates=record.delegates,
            genesis=record.genesis,
            main_chain=store.chain_id,
            anchor=anchor,
            anchor_delegates=delegates,
            main_parameters=store.parameters,
        )

    async def _download(self, sha256: bytes, path: Path, bytes_max: int) -> Path:
        urls = [
            f"{peer.url}/p2p/v1/packages/{sha256.hex()}"
            for peer in self._peers
            if peer.key != self._key.public
        ]
        return await download_resumable(urls, sha256, path, bytes_max=bytes_max)

    async def _launch(self, loaded: LoadedDApp) -> None:
        """Run one DApp's chain until cancelled."""
        assert self._peer_server is not None, "run() was called"
        files = ChainFiles(loaded.folder)
        store = open_chain(files.store, loaded.genesis.genesis)
        try:
            node = SidechainNode(
                loaded=loaded,
                store=store,
                files=files,
                key=self._key,
                network=self._network,
                verifier=self._verifier,
                pool_limits=self._pool_limits,
            )
            self._chains.add(node)
            self._peer_server.add_chain(store.chain_id, node)
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(node.run())
                    if self._relay:
                        tasks.create_task(self._relay_for(node))
            finally:
                self._peer_server.remove_chain(store.chain_id)
                self._chains.remove(store.chain_id)
        finally:
            store.close()

    async def _relay_for(self, node: SidechainNode) -> None:
        """Relay between the main chain and one sidechain; delegates take turns by waiting."""
        place = node.store.delegates.find_index(self._key.public)
        patience_ms = RELAY_TURN_MS * (
            len(node.store.delegates.members) if place is None else place
        )
        async with (
            ChainClient(self._url) as main,
            ChainClient(self._url, chain=node.chain_id.hex()) as side,
        ):
            await Relayer(main, side, self._key, patience_ms=patience_ms).run()
