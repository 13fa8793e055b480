"""A cache of two generations: least recently used, roughly, at the price of a dict look-up."""

from typing import Final, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V", bound=bytes | None)

ENTRY_OVERHEAD_BYTES = 150
"""What an entry costs beside its value: key, object heads and dict slot."""


class Missing:
    """Says that a cache does not know, where None means that there is nothing."""


MISSING: Final = Missing()


class GenerationCache(Generic[K, V]):
    """Entries used in the current or the previous generation.

    When the young generation reaches half the budget it becomes the old one and the old one is
    dropped. `young` may be read without the lock; `find_old` and `put` need the owner's lock.
    """

    __slots__ = ("_half_bytes", "_old", "_young_bytes", "young")

    def __init__(self, budget_bytes: int) -> None:
        """Keep at most about `budget_bytes`."""
        self.young: dict[K, V] = {}
        self._old: dict[K, V] = {}
        self._half_bytes = budget_bytes // 2
        self._young_bytes = 0

    def find_old(self, key: K) -> V | Missing:
        """Entry of either generation, moved to the young one."""
        found = self.young.get(key, MISSING)
        if found is MISSING:
            found = self._old.get(key, MISSING)
            if not isinstance(found, Missing):
                self.put(key, found)
        return found

    def put(self, key: K, value: V) -> None:
        """Keep the newest value of a key."""
        self._young_bytes += ENTRY_OVERHEAD_BYTES + (len(value) if value is not None else 0)
        if self._young_bytes > self._half_bytes:
            self._old, self.young = self.young, {}
            self._young_bytes = 0
        self.young[key] = value

    def clear(self) -> None:
        """Forget everything."""
        self.young, self._old, self._young_bytes = {}, {}, 0
