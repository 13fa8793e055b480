"""Who may talk how much: tokens, strikes and bans by peer key, shared by both directions."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from chain_engine.http.buckets import TokenBuckets
from chain_engine.http.errors import PeerBanned
from chain_engine.http.peer.settings import PeerSettings

PEERS_MAX = 4_096
"""Peers whose tokens and strikes are remembered."""


@dataclass(slots=True)
class _Record:
    strikes: deque[float] = field(default_factory=deque)
    banned_until: float = 0.0
    reason: str = ""


class PeerGuard:
    """Remembers what peers did wrong."""

    def __init__(self, settings: PeerSettings, clock: Callable[[], float]) -> None:
        """Nobody is banned at the start."""
        self._settings = settings
        self._clock = clock
        self._records: dict[bytes, _Record] = {}
        self._buckets = TokenBuckets(
            per_s=settings.tokens_per_s,
            tokens_max=settings.tokens_max,
            keys_max=PEERS_MAX,
            clock=clock,
        )

    def verify_allowed(self, peer: bytes) -> None:
        """Check that a peer is not banned.

        Raises:
            PeerBanned: it is.
        """
        record = self._records.get(peer)
        if record is not None and record.banned_until > self._clock():
            left_s = int(record.banned_until - self._clock()) + 1
            raise PeerBanned(reason=record.reason, retry_after_s=left_s)

    def is_banned(self, peer: bytes) -> bool:
        """Whether a peer is banned now."""
        record = self._records.get(peer)
        return record is not None and record.banned_until > self._clock()

    def take(self, peer: bytes, cost: float = 1.0) -> None:
        """Take tokens of a peer.

        Raises:
            RateLimited: it has too few.
        """
        self._buckets.take(peer, cost)

    def strike(self, peer: bytes, reason: str) -> bool:
        """Note a violation; too many of them within the window ban the peer.

        Returns:
            Whether the peer is banned now.
        """
        record = self._record(peer)
        now = self._clock()
        window_s = self._settings.strike_window_ms / 1000
        while record.strikes and record.strikes[0] < now - window_s:
            record.strikes.popleft()
        record.strikes.append(now)
        if len(record.strikes) >= self._settings.strikes_max:
            self.ban(peer, reason)
        return self.is_banned(peer)

    def ban(self, peer: bytes, reason: str) -> None:
        """Shut a peer out for `ban_ms`."""
        record = self._record(peer)
        record.strikes.clear()
        record.banned_until = self._clock() + self._settings.ban_ms / 1000
        record.reason = reason[:200]

    def _record(self, peer: bytes) -> _Record:
        if peer not in self._records and len(self._records) >= PEERS_MAX:
            self._records.pop(next(iter(self._records)))
        return self._records.setdefault(peer, _Record())
