"""One peer of the network: two lanes that send, and what is known about the peer.

Consensus messages have their own lane and connection, so that gossip never delays them. While one
body is on its way further messages gather and travel together in the next.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import structlog

from chain_engine.http.backoff import Backoff
from chain_engine.http.errors import BadAnswer, PeerBanned, PeerUnavailable, PeerUnproven
from chain_engine.http.peer.client import PeerClient
from chain_engine.http.peer.guard import PeerGuard
from chain_engine.http.peer.queues import SendQueue
from chain_engine.http.peer.settings import PeerSettings
from chain_engine.primitives.errors import ChainError, NotFound

log = structlog.get_logger(__name__)

Deliver = Callable[[bytes, list[bytes]], Awaitable[None]]


class Lane:
    """A queue and the task that empties it."""

    def __init__(self, queue: SendQueue, *, batch_items: int, batch_bytes: int) -> None:
        """Batches are at most so large."""
        self.queue = queue
        self._batch_items = batch_items
        self._batch_bytes = batch_bytes
        self._filled = asyncio.Event()

    def push(self, chain_id: bytes, items: Iterable[bytes]) -> None:
        """Append without waiting."""
        self.queue.push(chain_id, items)
        self._filled.set()

    async def take(self) -> tuple[bytes, list[bytes]]:
        """The next batch, when there is one."""
        while True:
            batch = self.queue.take(items_max=self._batch_items, bytes_max=self._batch_bytes)
            if batch is not None:
                return batch
            self._filled.clear()
            await self._filled.wait()


class PeerLink:
    """Everything towards one peer."""

    def __init__(
        self,
        client: PeerClient,
        settings: PeerSettings,
        guard: PeerGuard,
        jitter: Callable[[], float],
        on_change: Callable[[], None],
    ) -> None:
        """`on_change` is called when the peer becomes reachable or unreachable."""
        self.client = client
        self.is_connected = False
        self.error = ""
        self._settings = settings
        self._guard = guard
        self._jitter = jitter
        self._on_change = on_change
        self._up = asyncio.Event()
        self._down = asyncio.Event()
        self.messages = Lane(
            SendQueue(items_max=settings.queue_messages_max, bytes_max=settings.queue_bytes_max),
            batch_items=settings.batch_messages_max,
            # the array's own bytes also count for the receiver
            batch_bytes=settings.batch_bytes_max - 8 * settings.batch_messages_max,
        )
        self.gossip = Lane(
            SendQueue(items_max=settings.gossip_hashes_max, bytes_max=settings.queue_bytes_max),
            batch_items=settings.announce_hashes_max,
            batch_bytes=settings.batch_bytes_max,
        )

    @property
    def key(self) -> bytes:
        """The peer's key."""
        return self.client.address.key

    async def run(self) -> None:
        """Keep the session and empty both lanes, for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_connected())
            tasks.create_task(self._empty(self.messages, self.client.send_messages))
            tasks.create_task(self._empty(self.gossip, self.client.announce))

    async def _keep_connected(self) -> None:
        """Say hello whenever the peer is away, so that it is found again though nothing is sent."""
        backoff = self._backoff()
        while True:
            try:
                await self.client.reconnect()
            except ChainError as e:
                self.note_failure(e)
                await asyncio.sleep(backoff.next_ms() / 1000)
            else:
                backoff.reset()
                self._set(is_connected=True, error="")
                await self._down.wait()

    async def _empty(self, lane: Lane, deliver: Deliver) -> None:
        backoff = self._backoff()
        while True:
            await self._up.wait()
            chain_id, batch = await lane.take()
            if self._guard.is_banned(self.key):
                continue
            try:
                await deliver(chain_id, batch)
            except NotFound:
                # the peer does not run this chain
                backoff.reset()
            except ChainError as e:
                self.note_failure(e)
                if is_worth_repeating(e):
                    lane.queue.put_back(chain_id, batch)
                await asyncio.sleep(backoff.next_ms() / 1000)
            else:
                backoff.reset()

    def note_failure(self, error: ChainError) -> None:
        """Remember why the peer did not do what was asked."""
        if isinstance(error, BadAnswer):
            self._guard.strike(self.key, error.detail)
        if isinstance(error, (BadAnswer, PeerUnavailable, PeerUnproven, PeerBanned)):
            self._set(is_connected=False, error=error.detail)
        else:
            self.error = error.detail

    def _set(self, *, is_connected: bool, error: str) -> None:
        changed = is_connected != self.is_connected
        self.is_connected, self.error = is_connected, error
        if changed:
            up, down = (self._up, self._down) if is_connected else (self._down, self._up)
            up.set()
            down.clear()
            event = "peer_connected" if is_connected else "peer_lost"
            peer = self.key.hex()[:16]
            log.info(event, peer=peer, url=self.client.address.url, error=error)
            self._on_change()

    def _backoff(self) -> Backoff:
        return Backoff(
            first_ms=self._settings.backoff_first_ms,
            max_ms=self._settings.backoff_max_ms,
            jitter=self._jitter,
        )


def is_worth_repeating(error: ChainError) -> bool:
    """Whether the same batch can succeed later: the peer was away or busy, not offended."""
    return error.retryable or isinstance(error, (PeerUnproven, PeerBanned))
