"""Putting the server together and running it."""

import asyncio
import itertools
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from chain_engine.http.buckets import TokenBuckets
from chain_engine.http.chains import ChainDirectory
from chain_engine.http.connection import Connection
from chain_engine.http.middleware import Guard
from chain_engine.http.peer.server import PeerServer
from chain_engine.http.resources.blocks import block_routes
from chain_engine.http.resources.dapps import dapp_routes
from chain_engine.http.resources.events import Streams, event_routes
from chain_engine.http.resources.mount import chain_mount, main_mount
from chain_engine.http.resources.node import NodeResources, Readiness, add_pages
from chain_engine.http.resources.proofs import proof_routes
from chain_engine.http.resources.transactions import transaction_routes
from chain_engine.http.routes import Route, RouteRegistry
from chain_engine.http.settings import HttpSettings

RUN_ID_BYTES = 4
SHUTDOWN_S = 2.0


def always_ready() -> str | None:
    """The readiness of a node that has nothing to wait for."""
    return None


def build_application(
    chains: ChainDirectory,
    *,
    settings: HttpSettings = HttpSettings(),  # noqa: B008 - frozen
    routes: Iterable[Route] = (),
    peers: PeerServer | None = None,
    web_root: Path | None = None,
    readiness: Readiness = always_ready,
    clock: Callable[[], float] = time.monotonic,
) -> web.Application:
    """Build the whole server of a node.

    `routes` are further resources; `peers` serves the peer transport on the same port; `web_root`
    is a folder with `index.html`.
    """
    buckets = TokenBuckets(
        per_s=settings.tokens_per_s,
        tokens_max=settings.tokens_max,
        keys_max=settings.token_addresses_max,
        clock=clock,
    )
    # counted, not drawn: asking the system for randomness costs more than the rest of a request
    run, numbers = secrets.token_hex(RUN_ID_BYTES), itertools.count(1)
    guard = Guard(settings, buckets, lambda: f"{run}-{next(numbers):x}")
    application = web.Application(
        middlewares=[guard.middleware()], client_max_size=settings.submit_bytes_max
    )
    application.on_response_prepare.append(guard.add_headers)
    streams = Streams(settings)
    application.on_shutdown.append(streams.close)
    registry = RouteRegistry()
    registry.add(*NodeResources(chains, readiness, registry).routes())
    for mount in (main_mount(chains), chain_mount(chains)):
        registry.add(*block_routes(mount), *transaction_routes(mount, settings, buckets))
        registry.add(*proof_routes(mount), *event_routes(mount, streams))
    registry.add(*dapp_routes(chain_mount(chains)), *routes)
    registry.attach(
        application,
        body_bytes_max=settings.body_bytes_max,
        page_items_max=settings.page_items_max,
    )
    if peers is not None:
        peers.attach(application, buckets)
    if web_root is not None:
        add_pages(application, web_root)
    return application


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that accepts requests."""

    host: str
    """Address it listens on."""

    port: int
    """Port it listens on."""

    @property
    def url(self) -> str:
        """Root URL without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


@asynccontextmanager
async def serve(
    application: web.Application,
    settings: HttpSettings = HttpSettings(),  # noqa: B008 - frozen
) -> AsyncIterator[RunningServer]:
    """Run a server for as long as the block lasts; open requests get two seconds to end."""
    runner = web.AppRunner(application, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    server = runner.server
    assert server is not None, "the runner is set up"
    try:
        listener = await asyncio.get_running_loop().create_server(
            lambda: Connection(server, settings), settings.host, settings.port
        )
        try:
            yield RunningServer(settings.host, listener.sockets[0].getsockname()[1])
        finally:
            listener.close()
    finally:
        await runner.cleanup()
