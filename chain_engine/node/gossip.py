"""Transactions between peers: announced by witness hash, pulled once, admitted like anybody's."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from chain_engine.http.errors import NotReady
from chain_engine.mempool.pool import Mempool
from chain_engine.node.admission import Admission
from chain_engine.primitives.errors import ChainError
from chain_engine.storage.chain_store import ChainStore

PULL_HASHES_MAX = 500
"""Bodies asked for in one request."""

PULLS_MAX = 4
"""Requests under way at once; what is announced above that is asked for afterwards."""

WANTED_MAX = 50_000
"""Announced hashes remembered while their bodies are on the way."""

FetchFrom = Callable[[Sequence[bytes], bytes], Awaitable[Mapping[bytes, bytes]]]
"""(witness hashes, peer) -> bodies by witness hash, not trusted."""


class Gossip:
    """Pulls what peers announce, and serves bodies out of the pool and recent blocks.

    Peers are a full mesh: what comes from a peer is not announced again. A node that missed an
    announcement gets the body with the proposal.
    """

    def __init__(
        self, store: ChainStore, pool: Mempool, admission: Admission, fetch: FetchFrom
    ) -> None:
        """`fetch` asks one peer for bodies."""
        self._store = store
        self._pool = pool
        self._admission = admission
        self._fetch = fetch
        self._wanted: set[bytes] = set()
        self._slots = asyncio.Semaphore(PULLS_MAX)
        self._tasks: set[asyncio.Task[None]] = set()

    async def on_announce(self, peer: bytes, hashes: Sequence[bytes]) -> None:
        """Ask for the bodies we do not have; returns before they arrive."""
        unknown = [h for h in hashes if h not in self._pool and h not in self._wanted]
        if len(self._wanted) + len(unknown) > WANTED_MAX:
            raise NotReady(wanted=len(self._wanted))
        for start in range(0, len(unknown), PULL_HASHES_MAX):
            part = unknown[start : start + PULL_HASHES_MAX]
            self._wanted.update(part)
            task = asyncio.create_task(self._pull(peer, part))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def bodies(self, hashes: Sequence[bytes]) -> list[bytes]:
        """Bodies of waiting transactions by witness hash; empty where there is none."""
        found = (self._pool.find(key) for key in hashes)
        return [signed.raw if signed else b"" for signed in found]

    async def close(self) -> None:
        """Stop what is under way."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _pull(self, peer: bytes, hashes: list[bytes]) -> None:
        try:
            async with self._slots:
                bodies = await self._fetch(hashes, peer)
            await self._admission.submit(list(bodies.values()), announce=False)
        except ChainError:
            return  # the peer is gone or has no body: the proposal brings it
        finally:
            self._wanted.difference_update(hashes)
