"""The state tree's nodes on disk, written a sixteenth at a time.

A block changes nodes all over the tree, and far more bytes of them than of the entries themselves.
They follow from the entries, so only the subtree whose first nibble is the height modulo 16 is
written in a block's transaction, with all its changes of the last 16 blocks; the others wait in
memory. Each stored subtree is complete as of the height it was written at. After a start, the keys
written in the last 16 blocks (known from the undo records) are put into the tree again, and the
root must come out as the header says.
"""

import sqlite3
from collections.abc import Callable, Mapping

from chain_engine.primitives.limits import HASH_BYTES
from chain_engine.state.nodes import Child, find_child, pack_node
from chain_engine.state.tree import TreeUpdate, tree_root, update_tree
from chain_engine.storage.cache import MISSING, GenerationCache, Missing
from chain_engine.storage.database import ChainDatabase
from chain_engine.storage.errors import StoreCorrupt

SUBTREES = 16
"""Subtrees under the root; each is written every so many blocks."""

_DIGITS = "0123456789abcdef"

Nodes = Mapping[str, bytes | None]
RecentWrites = Callable[[], tuple[Mapping[bytes, bytes | None], bytes]]
"""Entries written in the last `SUBTREES` blocks as they are now, and the root of the state."""

_PUT = (
    "INSERT INTO nodes (prefix, node) VALUES (?, ?)"
    " ON CONFLICT (prefix) DO UPDATE SET node = excluded.node"
)


class TreeNodes:
    """A `TreeStore` of the newest committed state."""

    def __init__(
        self, database: ChainDatabase, cache_bytes: int, recent_writes: RecentWrites
    ) -> None:
        """Read from `database` with a cache of this many bytes."""
        self._database = database
        self._recent_writes = recent_writes
        self._cache: GenerationCache[str, bytes | None] = GenerationCache(cache_bytes)
        self._waiting: dict[str, dict[str, bytes | None]] = {digit: {} for digit in _DIGITS}
        self._top: bytes | None = None
        self._is_loaded = False

    def get_node(self, prefix: str) -> bytes | None:
        """Node under a prefix, or None."""
        if not prefix:
            return self._loaded_top()
        found = self._waiting[prefix[0]].get(prefix, MISSING)
        if isinstance(found, Missing):
            found = self._cache.young.get(prefix, MISSING)
        return self._load(prefix) if isinstance(found, Missing) else found

    def _load(self, prefix: str) -> bytes | None:
        with self._database.lock:
            found = self._waiting[prefix[0]].get(prefix, MISSING)
            if isinstance(found, Missing):
                found = self._cache.find_old(prefix)
            if isinstance(found, Missing):
                row = self._database.read_one("SELECT node FROM nodes WHERE prefix = ?", (prefix,))
                found = None if row is None else row[0]
                self._cache.put(prefix, found)
            return found

    def _loaded_top(self) -> bytes | None:
        if not self._is_loaded:
            with self._database.lock:
                if not self._is_loaded:
                    self._recover()
        return self._top

    def _recover(self) -> None:
        """Bring the stored subtrees, each of its own height, to the newest state.

        Raises:
            StoreCorrupt: entries, nodes and header do not agree.
        """
        writes, root = self._recent_writes()
        stored = _StoredSubtrees(self)
        update = update_tree(stored, writes)
        if update.root != root:
            raise StoreCorrupt(path=str(self._database.path), found=update.root, expected=root)
        self._top = update.nodes.get("", stored.top)
        self._keep_waiting(update.nodes)
        self._is_loaded = True

    def stored_top(self) -> bytes | None:
        """Root node over the subtrees as they are stored."""
        children: dict[int, Child] = {
            nibble: (child[:HASH_BYTES], child[HASH_BYTES:])
            for nibble, child in self._database.read("SELECT nibble, child FROM subtrees")
        }
        return pack_node(children) if children else None

    def save(self, connection: sqlite3.Connection, height: int, tree: TreeUpdate) -> None:
        """Write the subtree whose turn it is; at height 0 all of them."""
        top = tree.nodes.get("", self._loaded_top())
        for nibble in _due(height):
            changed = dict(self._waiting[_DIGITS[nibble]])
            changed.update(_under(_DIGITS[nibble], tree.nodes))
            puts = [item for item in changed.items() if item[1] is not None]
            puts.sort()
            connection.executemany(_PUT, puts)
            deleted = [(prefix,) for prefix, node in changed.items() if node is None]
            connection.executemany("DELETE FROM nodes WHERE prefix = ?", deleted)
            child = None if top is None else find_child(top, nibble)
            connection.execute("DELETE FROM subtrees WHERE nibble = ?", (nibble,))
            if child is not None:
                connection.execute("INSERT INTO subtrees VALUES (?, ?)", (nibble, b"".join(child)))

    def publish(self, height: int, tree: TreeUpdate) -> None:
        """Move to the block just committed; called under the lock."""
        self._top = tree.nodes.get("", self._top)
        self._keep_waiting(tree.nodes)
        for nibble in _due(height):
            written = self._waiting[_DIGITS[nibble]]
            for prefix, node in written.items():
                self._cache.put(prefix, node)
            self._waiting[_DIGITS[nibble]] = {}

    def _keep_waiting(self, nodes: Nodes) -> None:
        for prefix, node in nodes.items():
            if prefix:
                self._waiting[prefix[0]][prefix] = node

    def forget(self) -> None:
        """Read everything again."""
        self._cache.clear()
        self._waiting = {digit: {} for digit in _DIGITS}
        self._is_loaded = False

    def root(self) -> bytes:
        """Root of the newest state."""
        return tree_root(self)


class _StoredSubtrees:
    """The subtrees as stored, while what waits in memory is being worked out."""

    def __init__(self, nodes: TreeNodes) -> None:
        self.top = nodes.stored_top()
        self._get_node = nodes.get_node

    def get_node(self, prefix: str) -> bytes | None:
        return self._get_node(prefix) if prefix else self.top


def _due(height: int) -> range:
    """Nibbles of the subtrees written with the block at a height."""
    return range(SUBTREES) if height == 0 else range(height % SUBTREES, height % SUBTREES + 1)


def _under(digit: str, nodes: Nodes) -> dict[str, bytes | None]:
    return {prefix: node for prefix, node in nodes.items() if prefix.startswith(digit)}
