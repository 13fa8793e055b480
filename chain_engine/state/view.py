"""The key-value view that every state machine reads and writes, and its overlay.

Keys and values are bytes; keys are ordered bytewise. A machine never sees storage: it gets a
`StateView` and returns its writes.
"""

from collections.abc import Iterator, Mapping
from heapq import merge
from typing import Protocol


class StateView(Protocol):
    """Read access to state at one point in time."""

    def get(self, key: bytes) -> bytes | None:
        """Value of a key, or None when it is absent."""
        ...

    def scan(
        self, start: bytes, end: bytes, *, limit: int, reverse: bool = False
    ) -> list[tuple[bytes, bytes]]:
        """Up to `limit` entries with start <= key < end, ascending, or descending if `reverse`."""
        ...


class DictView:
    """A view over a dict: genesis, tests and tools."""

    def __init__(self, entries: Mapping[bytes, bytes] | None = None) -> None:
        """Start from a copy of `entries`."""
        self.entries: dict[bytes, bytes] = dict(entries or {})

    def get(self, key: bytes) -> bytes | None:
        """Value of a key, or None."""
        return self.entries.get(key)

    def scan(
        self, start: bytes, end: bytes, *, limit: int, reverse: bool = False
    ) -> list[tuple[bytes, bytes]]:
        """Entries in [start, end)."""
        keys = sorted((k for k in self.entries if start <= k < end), reverse=reverse)
        return [(k, self.entries[k]) for k in keys[:limit]]

    def apply(self, writes: Mapping[bytes, bytes | None]) -> None:
        """Apply a write set: None deletes."""
        for key, value in writes.items():
            if value is None:
                self.entries.pop(key, None)
            else:
                self.entries[key] = value


class Overlay:
    """A view with uncommitted writes over it; None stands for a deleted key."""

    __slots__ = ("base", "writes")

    def __init__(self, base: StateView, writes: Mapping[bytes, bytes | None]) -> None:
        """Lay `writes` over `base`; they are not copied."""
        self.base = base
        self.writes = writes

    def get(self, key: bytes) -> bytes | None:
        """Own write first (None when deleted), then the view below."""
        if key in self.writes:
            return self.writes[key]
        return self.base.get(key)

    def scan(
        self, start: bytes, end: bytes, *, limit: int, reverse: bool = False
    ) -> list[tuple[bytes, bytes]]:
        """Entries in [start, end) with own writes merged in."""
        own = sorted((k for k in self.writes if start <= k < end), reverse=reverse)
        if not own:
            return self.base.scan(start, end, limit=limit, reverse=reverse)
        below = self.base.scan(start, end, limit=limit + len(own), reverse=reverse)
        return list(self._merge(own, below, reverse=reverse))[:limit]

    def _merge(
        self, own: list[bytes], below: list[tuple[bytes, bytes]], *, reverse: bool
    ) -> Iterator[tuple[bytes, bytes]]:
        values = dict(below)
        keys = merge(own, (k for k, _ in below if k not in self.writes), reverse=reverse)
        for key in keys:
            value = self.writes[key] if key in self.writes else values[key]
            if value is not None:
                yield key, value
