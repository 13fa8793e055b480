"""What waits to be sent to one peer: bounded, oldest dropped, taken in batches. Pure."""

from collections import deque
from collections.abc import Iterable, Sequence


class SendQueue:
    """Items for one peer, each of one chain, in order."""

    def __init__(self, *, items_max: int, bytes_max: int) -> None:
        """Both bounds hold at any time."""
        self._items_max = items_max
        self._bytes_max = bytes_max
        self._items: deque[tuple[bytes, bytes]] = deque()
        self._bytes = 0
        self.dropped = 0
        """Items that were dropped since the start."""

    def __len__(self) -> int:
        return len(self._items)

    @property
    def waiting_bytes(self) -> int:
        """Sum of the waiting items."""
        return self._bytes

    def push(self, chain_id: bytes, items: Iterable[bytes]) -> None:
        """Append items; the oldest make room."""
        for item in items:
            self._items.append((chain_id, item))
            self._bytes += len(item)
        while self._items and (len(self._items) > self._items_max or self._bytes > self._bytes_max):
            self._bytes -= len(self._items.popleft()[1])
            self.dropped += 1

    def take(self, *, items_max: int, bytes_max: int) -> tuple[bytes, list[bytes]] | None:
        """Remove the oldest items of one chain, in order; at least one if any waits.

        Items of other chains keep their places; order is kept within a chain.
        """
        if not self._items:
            return None
        chain_id = self._items[0][0]
        batch: list[bytes] = []
        size = 0
        while self._items and self._items[0][0] == chain_id and len(batch) < items_max:
            item = self._items[0][1]
            if batch and size + len(item) > bytes_max:
                break
            self._items.popleft()
            self._bytes -= len(item)
            batch.append(item)
            size += len(item)
        return chain_id, batch

    def put_back(self, chain_id: bytes, batch: Sequence[bytes]) -> None:
        """Return a batch that could not be sent; what has no room is dropped, oldest first."""
        newest_first = list(reversed(batch))
        for place, item in enumerate(newest_first):
            if len(self._items) >= self._items_max or self._bytes + len(item) > self._bytes_max:
                self.dropped += len(newest_first) - place
                return
            self._items.appendleft((chain_id, item))
            self._bytes += len(item)
