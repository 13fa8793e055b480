"""Proofs of presence and absence against a state root (docs/spec/05-state.md section 4).

One format for both: for every node on the way down, which of its slots are taken and the hashes of
the others. The way ends at the key's own leaf (presence), at an empty slot, or at the leaf of
another key that stands where this one's would (absence).
"""

from hashlib import sha256
from typing import Protocol

from chain_engine.codec.canonical import Struct
from chain_engine.crypto.merkle import InvalidProof
from chain_engine.primitives.limits import HASH_BYTES, TREE_DEPTH_MAX
from chain_engine.state.nodes import (
    EMPTY_ROOT,
    LEAF_BYTES,
    child_hashes,
    find_child,
    hash_leaf,
    hash_present,
    only_child,
    path_of,
    present_mask,
)

_SLOTS = 16


class ProofLevel(Struct, frozen=True):
    """One node on the way from the root to the key's place."""

    present: int
    """16-bit mask of taken slots, bit n for nibble n, the slot on the way included."""

    siblings: tuple[bytes, ...]
    """Hashes (32 bytes) of the taken slots but the one on the way, in nibble order."""


class StateProof(Struct, frozen=True):
    """The way from the root to where a key's leaf is, or would be."""

    levels: tuple[ProofLevel, ...]
    """Nodes from the root downwards, at most 64."""

    other_leaf: bytes
    """64 bytes (path and value hash) of another key's leaf that the way ends at; else empty."""


class _TreeStore(Protocol):
    def get_node(self, prefix: str) -> bytes | None: ...


def build_state_proof(store: _TreeStore, key: bytes) -> StateProof:
    """Prove that a key is present or absent in the stored tree."""
    path = path_of(key)
    levels: list[ProofLevel] = []
    node = store.get_node("")
    if node is None:
        return StateProof(levels=(), other_leaf=b"")
    single = only_child(node)
    if single is not None and single[1]:
        return StateProof(levels=(), other_leaf=_other(single[1], path))
    for depth in range(TREE_DEPTH_MAX):
        assert node is not None, "the state tree lacks a node"
        nibble = int(path[depth], 16)
        levels.append(_level(node, nibble))
        child = find_child(node, nibble)
        if child is None or child[1]:
            leaf = b"" if child is None else child[1]
            return StateProof(levels=tuple(levels), other_leaf=_other(leaf, path))
        node = store.get_node(path[: depth + 1])
    msg = "two keys have one path"
    raise AssertionError(msg)


def _level(node: bytes, nibble: int) -> ProofLevel:
    present, hashes = present_mask(node), child_hashes(node)
    if present >> nibble & 1:
        del hashes[(present & ((1 << nibble) - 1)).bit_count()]
    return ProofLevel(present=present, siblings=tuple(hashes))


def _other(leaf: bytes, path: str) -> bytes:
    return b"" if leaf[:HASH_BYTES].hex() == path else leaf


def verify_state_proof(root: bytes, key: bytes, value: bytes | None, proof: StateProof) -> None:
    """Check that `key` has `value` (None: is absent) in the state with this root.

    Raises:
        InvalidProof: it does not follow from the proof; `reason` says what is wrong.
    """
    path = path_of(key)
    if len(proof.levels) > TREE_DEPTH_MAX:
        raise InvalidProof(reason="too many levels", levels=len(proof.levels))
    if value is not None and proof.other_leaf:
        raise InvalidProof(reason="a proof of presence names no other leaf")
    node = _end_of_way(path, value, proof)
    for depth in range(len(proof.levels) - 1, -1, -1):
        node = _hash_level(proof.levels[depth], int(path[depth], 16), node)
    if (EMPTY_ROOT if node is None else node) != root:
        raise InvalidProof(reason="it leads to another root", root=root)


def _end_of_way(path: str, value: bytes | None, proof: StateProof) -> bytes | None:
    """Hash of what the proof claims at the end of the way; None for an empty slot."""
    if value is not None:
        return hash_leaf(bytes.fromhex(path) + sha256(value).digest())
    leaf = proof.other_leaf
    if not leaf:
        return None
    if len(leaf) != LEAF_BYTES:
        raise InvalidProof(reason="a leaf is 64 bytes", length=len(leaf))
    other = leaf[:HASH_BYTES].hex()
    depth = len(proof.levels)
    if other == path or other[:depth] != path[:depth]:
        raise InvalidProof(reason="the other leaf does not stand in the key's place")
    return hash_leaf(leaf)


def _hash_level(level: ProofLevel, nibble: int, node: bytes | None) -> bytes:
    present = level.present
    if not 0 < present < 1 << _SLOTS or (present >> nibble & 1) != (node is not None):
        raise InvalidProof(reason="the mask does not fit the key", present=present)
    hashes = list(level.siblings)
    if len(hashes) + (node is not None) != present.bit_count():
        raise InvalidProof(reason="siblings too many or too few", siblings=len(hashes))
    if any(len(hash_) != HASH_BYTES for hash_ in hashes):
        raise InvalidProof(reason="a hash is 32 bytes")
    if node is not None:
        hashes.insert((present & ((1 << nibble) - 1)).bit_count(), node)
    return hash_present(present.to_bytes(2, "big") + b"".join(hashes))
