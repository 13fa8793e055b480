"""Composition of a node: every part built, wired and stopped in one place."""

import asyncio
import gc
import signal
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import structlog

from acc.admin import serve_admin
from acc.dapps import NodeDApps
from acc.passwords import open_node_key
from acc.settings import NodeSettings
from chain_engine.http.application import build_application, serve
from chain_engine.http.chains import ChainDirectory
from chain_engine.http.peer.client import PeerAddress
from chain_engine.http.peer.guard import PeerGuard
from chain_engine.http.peer.network import PeerNetwork
from chain_engine.http.peer.server import PeerServer
from chain_engine.http.peer.settings import PeerSettings
from chain_engine.http.settings import HttpSettings
from chain_engine.mempool.pool import PoolLimits
from chain_engine.node.chain_node import ChainFiles, ChainNode, open_chain
from chain_engine.node.verification import SignatureVerifier
from mainchain.genesis import build_genesis, load_genesis
from mainchain.ledger.machine import MainLedger
from sidechain_host.runner import RunnerSettings
from sidechain_host.sandbox.settings import SandboxLimits

log = structlog.get_logger(__name__)

GARBAGE_ALLOCATIONS = 50_000
"""Container objects allocated between two looks for cycles."""

WEB_ROOT = Path(__file__).parents[1] / "web" / "status"
"""The status page."""


async def run_node(settings: NodeSettings) -> int:
    """Run a node until SIGTERM or SIGINT; returns the exit code.

    Raises:
        ChainError: a file, the disk or consensus does not allow the node to run.
    """
    _calm_garbage_collector()
    key = open_node_key(settings.key_file, settings.key_password_file)
    files = ChainFiles(settings.home / "chains" / "main")
    store = open_chain(files.store, build_genesis(load_genesis(settings.genesis)))
    verifier = SignatureVerifier()
    peers = [PeerAddress(p.url, bytes.fromhex(p.public_key)) for p in settings.peers]
    guard = PeerGuard(PeerSettings(), time.monotonic)
    network = PeerNetwork(key, peers, network=store.chain_id, guard=guard)
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
    dapps = NodeDApps(
        folder=settings.home,
        main=main,
        key=key,
        peers=peers,
        network=network,
        chains=chains,
        verifier=verifier,
        pool_limits=pool_limits(settings),
        runner=runner_settings(settings),
        wanted=settings.dapps,
        relay=settings.relay,
    )
    peer_server = PeerServer(key, network=store.chain_id, packages=dapps.packages, guard=guard)
    peer_server.add_chain(store.chain_id, main)
    http = http_settings(settings)
    application = build_application(
        chains, settings=http, peers=peer_server, web_root=WEB_ROOT, readiness=main.why_not_ready
    )
    try:
        async with (
            serve(application, http) as server,
            network,
            serve_admin(dapps, settings.admin_socket),
        ):
            log.info("node_started", url=server.url, chain=store.chain_id.hex())
            await _run_until_stopped(main.run(), dapps.run(server.url, peer_server))
    finally:
        verifier.close()
        store.close()
    log.info("node_stopped")
    return 0


def _calm_garbage_collector() -> None:
    """Look for cycles rarely: a full pool holds hundreds of thousands of objects and no cycle."""
    gc.freeze()
    gc.set_threshold(GARBAGE_ALLOCATIONS, 20, 50)


async def _run_until_stopped(*work: Coroutine[Any, Any, None]) -> None:
    """Run everything until a signal arrives or one part ends, which is its failure."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    tasks = [asyncio.create_task(part) for part in work]
    waiter = asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait((*tasks, waiter), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (*tasks, waiter):
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
            raise result


def runner_settings(settings: NodeSettings) -> RunnerSettings:
    """The sandbox's fences out of the node's settings."""
    limits = SandboxLimits(heap_mib=settings.limits.sandbox_memory_mb)
    return RunnerSettings(sandbox=limits, unsafe_dev=settings.unsafe_dev)


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
