"""The state tree: a radix-16 sparse Merkle tree over hashed keys (docs/spec/05-state.md).

A subtree with one leaf is that leaf, so the depth is about log16 of the number of entries and the
root depends on the entries alone, never on the order they came in. Pure: nodes are read through
`TreeStore`, and what changes is returned.
"""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from chain_engine.state.nodes import (
    EMPTY_ROOT,
    Child,
    find_child,
    hash_node,
    leaf_of,
    only_child,
    pack_node,
    path_of,
    replace_child,
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
    return child.hash if child is not None and child.leaf else hash_node(top)


class _Update:
    """One pass over the touched part of the tree, children before parents."""

    __slots__ = ("_get", "nodes")

    def __init__(self, get: "_GetNode") -> None:
        self._get = get
        self.nodes: dict[str, bytes | None] = {}

    def run(self, top: bytes | None, items: list[Item]) -> TreeUpdate:
        """Update from the root; the node there stays even when it holds a single leaf."""
        children = {} if top is None else unpack_node(top)
        self._change_children("", children, items)
        new_top = pack_node(children) if children else None
        if new_top != top:
            self.nodes[""] = new_top
        return TreeUpdate(_root_of(new_top), self.nodes)

    def _change_children(self, prefix: str, children: dict[int, Child], items: list[Item]) -> None:
        for digit, group in _by_digit(items, len(prefix)):
            nibble = int(digit, 16)
            child = self._changed(prefix + digit, children.get(nibble), group)
            if child is None:
                children.pop(nibble, None)
            else:
                children[nibble] = child

    def _changed(self, prefix: str, child: Child | None, items: list[Item]) -> Child | None:
        """The child under `prefix` after the writes in `items`, all of which lie under it."""
        if child is None:
            return self._built(prefix, [item for item in items if item[1] is not None])
        if child.leaf:
            path = child.leaf[:32].hex()
            if len(items) == 1 and items[0][0] == path:
                return items[0][1]
            merged: dict[str, Child | None] = {path: child}
            merged.update(items)
            kept = [item for item in merged.items() if item[1] is not None]
            return self._built(prefix, sorted(kept))
        return self._changed_node(prefix, child, items)

    def _changed_node(self, prefix: str, child: Child, items: list[Item]) -> Child | None:
        old = self._get(prefix)
        assert old is not None, f"the state tree lacks the node {prefix}"
        if len(items) == 1:
            digit = items[0][0][len(prefix)]
            nibble = int(digit, 16)
            before = find_child(old, nibble)
            after = self._changed(prefix + digit, before, items)
            if after == before:
                return child
            new = replace_child(old, nibble, after)
        else:
            children = unpack_node(old)
            self._change_children(prefix, children, items)
            new = pack_node(children)
            if new == old:
                return child
        return self._settled(prefix, new)

    def _settled(self, prefix: str, node: bytes) -> Child | None:
        """Keep a changed node, or pull up the leaf that is all it has left."""
        single = only_child(node)
        if len(node) == _EMPTY_NODE_BYTES:
            self.nodes[prefix] = None
            return None
        if single is not None and single.leaf:
            self.nodes[prefix] = None
            return single
        self.nodes[prefix] = node
        return Child(hash_node(node), b"")

    def _built(self, prefix: str, items: list[Item]) -> Child | None:
        """Subtree of new leaves where nothing was stored."""
        if len(items) < 2:  # noqa: PLR2004 - none is nothing, one is its own subtree
            return items[0][1] if items else None
        children: dict[int, Child] = {}
        for digit, group in _by_digit(items, len(prefix)):
            child = self._built(prefix + digit, group)
            assert child is not None, "a group has at least one leaf"
            children[int(digit, 16)] = child
        node = pack_node(children)
        self.nodes[prefix] = node
        return Child(hash_node(node), b"")
