"""The state tree: a radix-16 sparse Merkle tree over hashed keys (docs/spec/05-state.md).

A subtree with one leaf is that leaf, so the depth is about log16 of the number of entries and the
root depends on the entries alone, never on the order they came in. Pure: nodes are read through
`TreeStore`, and what changes is returned.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

from chain_engine.primitives.limits import HASH_BYTES
from chain_engine.state.nodes import (
    EMPTY_NODE,
    EMPTY_ROOT,
    HASHES_START,
    LEAF_BYTES,
    Child,
    hash_node,
    leaf_of,
    only_child,
    pack_node,
    path_of,
    unpack_node,
)
from chain_engine.state.proofs import StateProof, build_state_proof, verify_state_proof


class TreeStore(Protocol):
    """How the tree reads its committed nodes."""

    def get_node(self, prefix: str) -> bytes | None:
        """Bytes of the node under a prefix of hexadecimal nibbles, or None when there is none."""
        ...


class DictTreeStore:
    """Nodes in a dict: genesis, tests and tools."""

    def __init__(self, nodes: Mapping[str, bytes] | None = None) -> None:
        """Start from a copy of `nodes`."""
        self.nodes: dict[str, bytes] = dict(nodes or {})

    def get_node(self, prefix: str) -> bytes | None:
        """Node under a prefix."""
        return self.nodes.get(prefix)

    def apply(self, update: "TreeUpdate") -> None:
        """Apply changed nodes."""
        for prefix, node in update.nodes.items():
            if node is None:
                self.nodes.pop(prefix, None)
            else:
                self.nodes[prefix] = node


class TreeUpdate(NamedTuple):
    """What a write set does to the tree; nothing is applied."""

    root: bytes
    """Root after the writes, 32 bytes."""

    nodes: Mapping[str, bytes | None]
    """Changed nodes by prefix; None removes one."""


_GetNode = Callable[[str], bytes | None]

_NIBBLES = {digit: value for value, digit in enumerate("0123456789abcdef")}

Item = tuple[str, Child | None]
"""Path of a written key and its new leaf; None deletes."""


def tree_root(store: TreeStore) -> bytes:
    """Root of the stored tree."""
    return _root_of(store.get_node(""))


def root_of_entries(entries: Mapping[bytes, bytes]) -> bytes:
    """Root of a state with these entries, from nothing."""
    return update_tree(DictTreeStore(), entries).root


def update_tree(store: TreeStore, writes: Mapping[bytes, bytes | None]) -> TreeUpdate:
    """Compute root and changed nodes after `writes` (None deletes an entry) to the stored tree."""
    items: list[Item] = []
    for key, value in writes.items():
        path = path_of(key)
        items.append((path, None if value is None else leaf_of(path, value)))
    items.sort()
    top = store.get_node("")
    if not items:
        return TreeUpdate(_root_of(top), {})
    return _Update(store.get_node).run(top, items)


def _root_of(top: bytes | None) -> bytes:
    if top is None:
        return EMPTY_ROOT
    child = only_child(top)
    return child[0] if child is not None and child[1] else hash_node(top)


class _Update:
    """One pass over the touched part of the tree, children before parents."""

    __slots__ = ("_get", "nodes")

    def __init__(self, get: _GetNode) -> None:
        self._get = get
        self.nodes: dict[str, bytes | None] = {}

    def run(self, top: bytes | None, items: list[Item]) -> TreeUpdate:
        """Update from the root; the node there stays even when it holds a single leaf."""
        rewritten = self._rewritten("", top or EMPTY_NODE, items)
        new_top = None if rewritten == EMPTY_NODE else rewritten
        if new_top != top:
            self.nodes[""] = new_top
        return TreeUpdate(_root_of(new_top), self.nodes)

    def _rewritten(self, prefix: str, node: bytes, items: list[Item]) -> bytes:
        """Bytes of a node after the writes in `items` (sorted, not empty), all of them under it.

        Children that stay what they are, leaf or node, are overwritten in place; only when a slot
        is filled, emptied or changes its sort are the children listed anew.
        """
        depth, total = len(prefix), len(items)
        leaves, present = node[0] << 8 | node[1], node[2] << 8 | node[3]
        leaf_base = HASHES_START + HASH_BYTES * present.bit_count()
        draft = bytearray(node)
        changed: dict[int, Child | None] = {}
        end = 0
        while end < total:
            start = end
            path, new = items[start]
            digit = path[depth]
            end += 1
            while end < total and items[end][0][depth] == digit:
                end += 1
            nibble = _NIBBLES[digit]
            bit = 1 << nibble
            at = HASHES_START + HASH_BYTES * (present & (bit - 1)).bit_count()
            if not present & bit:
                changed[nibble] = self._built(prefix + digit, items[start:end])
            elif not leaves & bit:
                below = prefix + digit
                old_node = self._get(below)
                assert old_node is not None, f"the state tree lacks the node {below}"
                new_node = self._rewritten(below, old_node, items[start:end])
                if new_node.startswith(old_node[:HASHES_START]):
                    self.nodes[below] = new_node
                    draft[at : at + HASH_BYTES] = hash_node(new_node)
                else:
                    changed[nibble] = self._settled(below, new_node)
            else:
                leaf_at = leaf_base + LEAF_BYTES * (leaves & (bit - 1)).bit_count()
                old_path = node[leaf_at : leaf_at + HASH_BYTES]
                if end - start == 1 and new is not None and new[1].startswith(old_path):
                    draft[at : at + HASH_BYTES] = new[0]
                    draft[leaf_at : leaf_at + LEAF_BYTES] = new[1]
                else:
                    old = (node[at : at + HASH_BYTES], node[leaf_at : leaf_at + LEAF_BYTES])
                    changed[nibble] = self._split_leaf(prefix + digit, old, items[start:end])
        return _with_children(bytes(draft), changed) if changed else bytes(draft)

    def _settled(self, prefix: str, node: bytes) -> Child | None:
        """Keep a node whose slots changed, or pull up the leaf that is all it has left."""
        single = only_child(node)
        if node == EMPTY_NODE or (single is not None and single[1]):
            self.nodes[prefix] = None
            return single
        self.nodes[prefix] = node
        return hash_node(node), b""

    def _split_leaf(self, prefix: str, old: Child, items: list[Item]) -> Child | None:
        """What stands where a leaf was, after writes to its key or to others under `prefix`."""
        merged: dict[str, Child | None] = {old[1][:HASH_BYTES].hex(): old}
        merged.update(items)
        return self._built(prefix, sorted(merged.items()))

    def _built(self, prefix: str, items: list[Item]) -> Child | None:
        """Subtree of new leaves where no node is stored."""
        kept = [item for item in items if item[1] is not None]
        if not kept:
            return None
        if len(kept) == 1:
            return kept[0][1]
        new = self._rewritten(prefix, EMPTY_NODE, kept)
        self.nodes[prefix] = new
        return hash_node(new), b""


def _with_children(node: bytes, changed: Mapping[int, Child | None]) -> bytes:
    children = unpack_node(node)
    for nibble, child in changed.items():
        if child is None:
            children.pop(nibble, None)
        else:
            children[nibble] = child
    return pack_node(children)


__all__ = [
    "EMPTY_ROOT",
    "DictTreeStore",
    "StateProof",
    "TreeStore",
    "TreeUpdate",
    "build_state_proof",
    "root_of_entries",
    "tree_root",
    "update_tree",
    "verify_state_proof",
]
