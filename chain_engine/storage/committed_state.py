"""The committed state: entries, tree nodes and the way back through the last blocks."""

import sqlite3
from collections.abc import Mapping

from chain_engine.blocks.block import Header
from chain_engine.codec.canonical import decode_unchecked, encode
from chain_engine.state.tree import (
    EMPTY_ROOT,
    StateProof,
    TreeUpdate,
    build_state_proof,
    update_tree,
)
from chain_engine.state.view import Overlay
from chain_engine.storage.cache import MISSING, GenerationCache, Missing
from chain_engine.storage.database import ChainDatabase
from chain_engine.storage.schema import UNDO_BLOCKS
from chain_engine.storage.tree_nodes import SUBTREES, TreeNodes

Writes = Mapping[bytes, bytes | None]
Undo = list[tuple[bytes, bytes | None]]

_PUT = (
    "INSERT INTO state (key, value) VALUES (?, ?)"
    " ON CONFLICT (key) DO UPDATE SET value = excluded.value"
)


class CommittedState:
    """Entries of the newest committed block as a `StateView`, and its tree in `nodes`."""

    def __init__(self, database: ChainDatabase, entry_cache: int, node_cache: int) -> None:
        """Read from `database` with caches of this many bytes."""
        self.nodes = TreeNodes(database, node_cache, self._recent_writes)
        self._database = database
        self._entries: GenerationCache[bytes, bytes | None] = GenerationCache(entry_cache)

    def get(self, key: bytes) -> bytes | None:
        """Value of a key, or None."""
        found = self._entries.young.get(key, MISSING)
        return self._load_entry(key) if isinstance(found, Missing) else found

    def scan(
        self, start: bytes, end: bytes, *, limit: int, reverse: bool = False
    ) -> list[tuple[bytes, bytes]]:
        """Up to `limit` entries with start <= key < end, ascending, or descending if `reverse`."""
        order = "DESC" if reverse else "ASC"
        return self._database.read(
            f"SELECT key, value FROM state WHERE key >= ? AND key < ? ORDER BY key {order} LIMIT ?",  # noqa: S608 - one of two words
            (start, end, limit),
        )

    def _load_entry(self, key: bytes) -> bytes | None:
        with self._database.lock:
            found = self._entries.find_old(key)
            if isinstance(found, Missing):
                row = self._database.read_one("SELECT value FROM state WHERE key = ?", (key,))
                found = None if row is None else row[0]
                self._entries.put(key, found)
            return found

    def _recent_writes(self) -> tuple[Writes, bytes]:
        """Entries written in the last blocks as they are now, and the state root of the tip."""
        rows = self._database.read("SELECT header FROM blocks ORDER BY height DESC LIMIT 1")
        if not rows:
            return {}, EMPTY_ROOT
        tip = decode_unchecked(rows[0][0], Header)
        undos = self._database.read(
            "SELECT entries FROM undo WHERE height > ?", (tip.height - SUBTREES,)
        )
        keys = {key for (undo,) in undos for key, _ in decode_unchecked(undo, Undo)}
        return {key: self.get(key) for key in keys}, tip.state_root

    def save(
        self, connection: sqlite3.Connection, height: int, writes: Writes, tree: TreeUpdate
    ) -> None:
        """Write a block's entries, nodes and undo record; caches change in `publish` only."""
        if height > 0:
            _save_undo(connection, height, encode([(key, self.get(key)) for key in writes]))
        puts = [item for item in writes.items() if item[1] is not None]
        puts.sort()
        connection.executemany(_PUT, puts)
        deletes = [(key,) for key, value in writes.items() if value is None]
        connection.executemany("DELETE FROM state WHERE key = ?", deletes)
        self.nodes.save(connection, height, tree)

    def publish(self, height: int, writes: Writes, tree: TreeUpdate) -> None:
        """Move the caches to the block just committed; called under the lock."""
        for key, value in writes.items():
            self._entries.put(key, value)
        self.nodes.publish(height, tree)

    def forget(self) -> None:
        """Empty the caches."""
        self._entries.clear()
        self.nodes.forget()

    def find_view_at(self, height: int, tip: int) -> Overlay | None:
        """State after an earlier block, or None when it is too long ago.

        It stands on the newest state: use it before the next commit.
        """
        rows = self._database.read(
            "SELECT height, entries FROM undo WHERE height > ? ORDER BY height DESC", (height,)
        )
        if [row[0] for row in rows] != list(range(tip, height, -1)):
            return None
        writes: dict[bytes, bytes | None] = {}
        for row in rows:
            writes.update(decode_unchecked(row[1], Undo))
        return Overlay(self, writes)

    def prove(self, key: bytes, overlay: Overlay | None) -> tuple[bytes | None, StateProof]:
        """Value and proof of a key in the newest state, or in an earlier one's overlay."""
        if overlay is None:
            return self.get(key), build_state_proof(self.nodes, key)
        update = update_tree(self.nodes, overlay.writes)
        return overlay.get(key), build_state_proof(_NodesOver(self.nodes, update), key)


def _save_undo(connection: sqlite3.Connection, height: int, undo: bytes) -> None:
    connection.execute("INSERT INTO undo (height, entries) VALUES (?, ?)", (height, undo))
    connection.execute("DELETE FROM undo WHERE height <= ?", (height - UNDO_BLOCKS,))


class _NodesOver:
    """Changed nodes over the committed ones."""

    def __init__(self, base: TreeNodes, update: TreeUpdate) -> None:
        self._base = base
        self._nodes = update.nodes

    def get_node(self, prefix: str) -> bytes | None:
        """Tree node under a prefix, or None."""
        return self._nodes[prefix] if prefix in self._nodes else self._base.get_node(prefix)
