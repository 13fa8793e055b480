"""Catching up: fetches certified blocks from peers and applies them until nobody is ahead."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from chain_engine.blocks.block import CertifiedBlock
from chain_engine.codec.canonical import decode
from chain_engine.ledger.machine import MachineFault
from chain_engine.node.block_executor import BlockExecutor, Candidate
from chain_engine.primitives.errors import ChainError
from chain_engine.storage.chain_store import ChainStore
from chain_engine.sync.planner import BlockRequest, SyncPlanner

log = structlog.get_logger(__name__)

FetchBlocks = Callable[[BlockRequest], Awaitable[list[bytes]]]
"""Asks one peer for encoded certified blocks; nothing is trusted."""

Applied = Callable[[Candidate], None]
"""Told after each block that came this way."""


class CatchUp:
    """One task that sleeps until a peer claims to be ahead."""

    def __init__(
        self,
        store: ChainStore,
        executor: BlockExecutor,
        *,
        fetch: FetchBlocks,
        applied: Applied,
        signing_allowed: Callable[[bool], None],
    ) -> None:
        """`signing_allowed` tells consensus to stay silent while blocks are fetched."""
        self._store = store
        self._executor = executor
        self._fetch = fetch
        self._applied = applied
        self._signing_allowed = signing_allowed
        self._planner = SyncPlanner()
        self._news = asyncio.Event()

    @property
    def target(self) -> int:
        """Height a usable peer claims; our own tip when we are in front."""
        return self._planner.target(self._store.tip.height)

    def hear(self, peer: bytes, height: int) -> None:
        """A peer claims a height."""
        self._planner.hear(peer, height)
        if height > self._store.tip.height:
            self._news.set()

    async def run(self) -> None:
        """Catch up whenever somebody is ahead, until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            await self._to_the_front()

    async def _to_the_front(self) -> None:
        """Fetch until nobody usable is ahead.

        Heights are claims: consensus is silenced only once a fetched block has proven that we are
        behind, or anybody could silence us by boasting.
        """
        is_silent = False
        try:
            while request := self._planner.next_request(self._store.tip.height):
                if await self._take(request) and not is_silent:
                    self._signing_allowed(False)
                    is_silent = True
        finally:
            if is_silent:
                self._signing_allowed(True)

    async def _take(self, request: BlockRequest) -> bool:
        """Fetch and apply one range; whether it brought us forward."""
        before = self._store.tip.height
        try:
            for raw in await self._fetch(request):
                candidate = await self._executor.apply(decode(raw, CertifiedBlock))
                if candidate is not None:
                    self._applied(candidate)
        except MachineFault:
            raise  # ours, not the peer's: the chain stops and is started again
        except ChainError as error:
            self._planner.failed(request.peer)
            log.warning("blocks_refused", peer=request.peer.hex()[:16], error=error.detail)
            return self._store.tip.height > before
        blocks = self._store.tip.height - before
        if blocks:
            self._planner.served(request.peer)
            log.info("caught_up", height=self._store.tip.height, blocks=blocks)
        else:
            self._planner.failed(request.peer)
        return blocks > 0
