"""Plans catching up: whom to ask for which blocks next. Pure: peers' heights in, requests out."""

from dataclasses import dataclass, field

BLOCKS_PER_REQUEST = 64
"""Blocks asked for at once; the server may answer fewer, never none below its tip."""

FAILURES_MAX = 3
"""A peer that fails this often in a row is asked again only when it reports a new height."""


@dataclass(frozen=True, slots=True)
class BlockRequest:
    """Ask one peer for consecutive certified blocks."""

    peer: bytes
    """Public key of the peer."""

    from_height: int
    """First height wanted."""

    count: int
    """How many."""


@dataclass(slots=True)
class SyncPlanner:
    """What peers say they have, and who has let us down."""

    heights: dict[bytes, int] = field(default_factory=dict)
    """Highest height each peer has reported. A claim only: every block is checked."""

    failures: dict[bytes, int] = field(default_factory=dict)
    """Failed requests in a row."""

    def hear(self, peer: bytes, height: int) -> None:
        """A peer reports its height; news give it another chance."""
        if height > self.heights.get(peer, -1):
            self.heights[peer] = height
            self.failures.pop(peer, None)

    def served(self, peer: bytes) -> None:
        """A request was answered with good blocks."""
        self.failures.pop(peer, None)

    def failed(self, peer: bytes) -> None:
        """A request was not answered, or with blocks that do not hold."""
        self.failures[peer] = self.failures.get(peer, 0) + 1

    def target(self, tip: int) -> int:
        """Highest height a usable peer reports, at least our own."""
        usable = (h for p, h in self.heights.items() if self.failures.get(p, 0) < FAILURES_MAX)
        return max(usable, default=tip) if self.heights else tip

    def next_request(self, tip: int) -> BlockRequest | None:
        """The next range after `tip`, from the usable peer with fewest failures; None when done."""
        able = [
            (self.failures.get(peer, 0), -height, peer)
            for peer, height in self.heights.items()
            if height > tip and self.failures.get(peer, 0) < FAILURES_MAX
        ]
        if not able:
            return None
        _, minus_height, peer = min(able)
        return BlockRequest(peer, tip + 1, min(BLOCKS_PER_REQUEST, -minus_height - tip))
