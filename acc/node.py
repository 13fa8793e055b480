"""Composition of a node: every part built, wired and stopped in one place."""

import asyncio
import signal
from pathlib import Path

import structlog

from acc.passwords import open_node_key
from acc.settings import NodeSettings
from chain_engine.http.application import build_application, serve
from chain_engine.http.chains import ChainDirectory
from chain_engine.http.peer.client import PeerAddress
from chain_engine.http.peer.network import PeerNetwork
from chain_engine.http.peer.server import PeerServer
from chain_engine.http.settings import HttpSettings
from chain_engine.mempool.pool import PoolLimits
from chain_engine.node.chain_node import ChainFiles, ChainNode, open_chain
from chain_engine.node.verification import SignatureVerifier
from mainchain.genesis import build_genesis, load_genesis
from mainchain.ledger.machine import MainLedger

log = structlog.get_logger(__name__)

WEB_ROOT = Path(__file__).parents[1] / "web" / "status"
"""The status page."""


async def run_node(settings: NodeSettings) -> int:
    """Run a node until SIGTERM or SIGINT; returns the exit code.

    Raises:
        ChainError: a file, the disk or consensus does not allow the node to run.
    """
    key = open_node_key(settings.key_file, settings.key_password_file)
    files = ChainFiles(settings.home / "chains" / "main")
    store = open_chain(files.store, build_genesis(load_genesis(settings.genesis)))
    verifier = SignatureVerifier()
    peers = [PeerAddress(p.url, bytes.fromhex(p.public_key)) for p in settings.peers]
    network = PeerNetwork(key, peers, network=store.chain_id)
    main = ChainNode(
        name="main",
        store=store,
        machine=MainLedger(store.chain_id, store.parameters),
        files=files,
        key=key,
        network=network,
        verifier=verifier,
        pool_limits=pool_limits(settings),
    )
    chains = ChainDirectory(main)
    peer_server = PeerServer(key, network=store.chain_id)
    peer_server.add_chain(store.chain_id, main)
    application = build_application(
        chains, settings=http_settings(settings), peers=peer_server, web_root=WEB_ROOT
    )
    try:
        async with serve(application, http_settings(settings)) as server, network:
            log.info("node_started", url=server.url, chain=store.chain_id.hex())
            await _run_until_stopped(main)
    finally:
        verifier.close()
        store.close()
    log.info("node_stopped")
    return 0


async def _run_until_stopped(main: ChainNode) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    work = asyncio.create_task(main.run())
    waiter = asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait((work, waiter), return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiter.cancel()
        work.cancel()
        await asyncio.gather(work, waiter, return_exceptions=True)
    if work.done() and not work.cancelled() and (error := work.exception()) is not None:
        raise error


def pool_limits(settings: NodeSettings) -> PoolLimits:
    """The mempool's limits out of the node's settings."""
    limits = settings.limits
    return PoolLimits(
        transactions_max=limits.mempool_transactions_max, bytes_max=limits.mempool_bytes_max
    )


def http_settings(settings: NodeSettings) -> HttpSettings:
    """The API server's limits out of the node's settings."""
    limits = settings.limits
    return HttpSettings(
        host=settings.listen_host,
        port=settings.listen_port,
        cors_origins=settings.cors_origins,
        submit_bytes_max=limits.request_bytes_max,
        page_items_max=limits.page_max,
        tokens_per_s=float(limits.requests_per_second),
        tokens_max=float(limits.requests_burst),
        streams_max=limits.streams_max,
    )
