"""All configured peers: sending to them without ever waiting, and asking them."""

import asyncio
import random
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Self, TypeVar

import aiohttp

from chain_engine.crypto.keys import SecretKey
from chain_engine.http.errors import BadAnswer, PeerUnavailable
from chain_engine.http.peer.client import PeerAddress, PeerClient
from chain_engine.http.peer.guard import PeerGuard
from chain_engine.http.peer.link import PeerLink
from chain_engine.http.peer.settings import PeerSettings
from chain_engine.primitives.errors import ChainError, NotFound

T = TypeVar("T")

IsBody = Callable[[bytes, bytes], bool]
"""(witness hash, bytes) -> whether they are that transaction."""


@dataclass(frozen=True, slots=True)
class PeerState:
    """What is known about one peer."""

    key: bytes
    """Its tagged public key."""

    url: str
    """Where it should be."""

    is_connected: bool
    """Whether the last request to it succeeded."""

    is_banned: bool
    """Whether it is shut out for breaking the protocol."""

    queued_messages: int
    """Consensus messages that wait for it."""

    dropped: int
    """Messages and announcements that were dropped because it was too slow."""

    error: str
    """Why it is not connected; empty if it is."""


class PeerNetwork:
    """The peers of a node, from a fixed list. An asynchronous context manager."""

    def __init__(
        self,
        key: SecretKey,
        peers: Sequence[PeerAddress],
        *,
        network: bytes,
        settings: PeerSettings = PeerSettings(),  # noqa: B008 - frozen
        draw: Callable[[int], bytes] = secrets.token_bytes,
        jitter: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.monotonic,
        guard: PeerGuard | None = None,
    ) -> None:
        """This node itself may stand in the list and is left out."""
        self._key = key
        self._addresses = [peer for peer in peers if peer.key != key.public]
        self._network = network
        self._settings = settings
        self._draw = draw
        self._jitter = jitter
        self._guard = guard or PeerGuard(settings, clock)
        self._links: dict[bytes, PeerLink] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._http: aiohttp.ClientSession | None = None
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Start connecting."""
        settings = self._settings
        self._http = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(
                total=settings.call_timeout_ms / 1000,
                sock_connect=settings.connect_timeout_ms / 1000,
                sock_read=settings.silence_timeout_ms / 1000,
            ),
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=60),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
        )
        for address in self._addresses:
            client = PeerClient(
                address, self._key, self._network,
                http=self._http, settings=settings, draw=self._draw,
            )  # fmt: skip
            link = PeerLink(client, settings, self._guard, self._jitter, self._wake)
            self._links[address.key] = link
            self._tasks.append(asyncio.create_task(link.run(), name=f"peer {address.url}"))
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop; what waits in the queues is dropped."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        if self._http is not None:
            await self._http.close()

    def _wake(self) -> None:
        woken, self._changed = self._changed, asyncio.Event()
        woken.set()

    async def wait_connected(self, count: int) -> None:
        """Wait until so many peers are connected at the same time."""
        while sum(link.is_connected for link in self._links.values()) < count:
            await self._changed.wait()

    async def wait_changed(self) -> None:
        """Wait until a peer connects or is lost."""
        await self._changed.wait()

    def broadcast(self, chain_id: bytes, message: bytes) -> None:
        """Send a consensus message to every peer; never waits."""
        for key, link in self._links.items():
            if not self._guard.is_banned(key):
                link.messages.push(chain_id, (message,))

    def send(self, peer: bytes, chain_id: bytes, message: bytes) -> None:
        """Send a consensus message to one peer; unknown and banned peers are ignored."""
        link = self._links.get(peer)
        if link is not None and not self._guard.is_banned(peer):
            link.messages.push(chain_id, (message,))

    def announce(
        self, chain_id: bytes, hashes: Sequence[bytes], *, without: bytes | None = None
    ) -> None:
        """Announce transactions to every peer but `without`; never waits."""
        for key, link in self._links.items():
            if key != without and not self._guard.is_banned(key):
                link.gossip.push(chain_id, hashes)

    def peers(self) -> list[PeerState]:
        """What is known about every configured peer."""
        return [
            PeerState(
                key=key,
                url=link.client.address.url,
                is_connected=link.is_connected,
                is_banned=self._guard.is_banned(key),
                queued_messages=len(link.messages.queue),
                dropped=link.messages.queue.dropped + link.gossip.queue.dropped,
                error=link.error,
            )
            for key, link in self._links.items()
        ]

    def is_peer(self, key: bytes) -> bool:
        """Whether this is a configured peer's key."""
        return key in self._links

    def ban(self, peer: bytes, reason: str) -> None:
        """Shut a peer out, in both directions where the guard is shared."""
        self._guard.ban(peer, reason)

    async def fetch_bodies(
        self,
        chain_id: bytes,
        hashes: Sequence[bytes],
        *,
        peer: bytes | None = None,
        is_body: IsBody | None = None,
    ) -> dict[bytes, bytes]:
        """Transactions by witness hash from `peer` first, then from others until all are there.

        A body that `is_body` denies is asked for at the next peer, and counts against the one that
        sent it; without `is_body` the bytes are unverified. What nobody has is left out.
        """
        found: dict[bytes, bytes] = {}
        step = self._settings.fetch_hashes_max
        for candidate in self._order(peer):
            missing = [wanted for wanted in hashes if wanted not in found]
            while missing:
                asked, rest = missing[:step], missing[step:]
                bodies = await self._fetch_some(candidate, chain_id, asked)
                got = {h: body for h, body in zip(asked, bodies, strict=False) if body}
                wrong = [h for h, body in got.items() if is_body and not is_body(h, body)]
                if wrong:
                    reason = BadAnswer(reason="not the transaction asked for", peer=candidate)
                    self._links[candidate].note_failure(reason)
                    found |= {h: body for h, body in got.items() if h not in wrong}
                    break
                found |= got
                # an answer that was cut at its byte limit is continued at the same peer
                missing = [h for h in asked if h not in got] + rest if got else rest
            if len(found) == len(set(hashes)):
                break
        return found

    async def _fetch_some(
        self, peer: bytes, chain_id: bytes, hashes: Sequence[bytes]
    ) -> list[bytes]:
        try:
            return await self._ask(peer, lambda client: client.fetch_bodies(chain_id, hashes))
        except ChainError:
            # noted at the link by _ask; another peer is asked instead
            return []

    async def fetch_blocks(
        self, chain_id: bytes, from_height: int, count: int, *, peer: bytes | None = None
    ) -> list[bytes]:
        """Encoded certified blocks from the first peer that has any; unverified.

        Raises:
            PeerUnavailable: no peer answers; an empty list means that none has such blocks.
        """
        count = min(count, self._settings.blocks_max)
        answered = False
        for candidate in self._order(peer):
            try:
                blocks = await self._ask(
                    candidate, lambda client: client.fetch_blocks(chain_id, from_height, count)
                )
            except NotFound:
                answered = True
            except ChainError:
                # noted at the link by _ask; another peer is asked instead
                continue
            else:
                answered = True
                if blocks:
                    return blocks
        if not answered:
            raise PeerUnavailable(peers=len(self._links))
        return []

    async def fetch_block(
        self, chain_id: bytes, block_id: bytes, *, peer: bytes | None = None
    ) -> bytes | None:
        """One encoded certified block from any peer, or None; unverified."""
        for candidate in self._order(peer):
            try:
                return await self._ask(
                    candidate, lambda client: client.fetch_block(chain_id, block_id)
                )
            except ChainError:
                # noted at the link by _ask, or the peer does not have it
                continue
        return None

    def _order(self, first: bytes | None) -> list[bytes]:
        """Peers to ask: `first`, then connected ones, then the rest."""
        allowed = [key for key in self._links if not self._guard.is_banned(key)]
        return sorted(allowed, key=lambda k: (k != first, not self._links[k].is_connected))

    async def _ask(self, peer: bytes, ask: Callable[[PeerClient], Awaitable[T]]) -> T:
        link = self._links.get(peer)
        if link is None or self._guard.is_banned(peer):
            raise PeerUnavailable(peer=peer, reason="unknown or banned")
        try:
            return await ask(link.client)
        except NotFound:
            raise
        except ChainError as e:
            link.note_failure(e)
            raise
