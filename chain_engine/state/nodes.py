"""Bytes and hashes of the state tree's nodes (docs/spec/05-state.md section 2).

A node is kept as the bytes it is stored as, and hashed from a slice of them, so loading and saving
it costs nothing:

    leaf_mask (2) | present (2) | child hashes (32 each) | leaves (64 each)

Both masks are big-endian with bit n for nibble n; hashes and leaves are in ascending nibble order.
A leaf is the path of its key (SHA-256 of the key) and the SHA-256 of its value. `present` and the
child hashes are what the node's hash covers.
"""

from hashlib import sha256

from chain_engine.crypto.hashing import tagged_hasher
from chain_engine.primitives.limits import HASH_BYTES

EMPTY_ROOT = bytes(HASH_BYTES)
"""Root of a state without entries: 32 zeros, which is no hash of anything."""

LEAF_BYTES = 2 * HASH_BYTES
"""Path and value hash."""

HASHES_START = 4
"""Bytes of the two masks."""

EMPTY_NODE = bytes(HASHES_START)
"""A node without children; never stored."""

_leaf_state = tagged_hasher("acc/state-leaf")
_node_state = tagged_hasher("acc/state-node")


Child = tuple[bytes, bytes]
"""What stands in one slot of a node: its 32-byte hash, and the 64-byte leaf (empty for a node)."""


def path_of(key: bytes) -> str:
    """Path of a key: the 64 hexadecimal nibbles of its SHA-256."""
    return sha256(key).hexdigest()


def leaf_of(path: str, value: bytes) -> Child:
    """Leaf of a value at a path."""
    leaf = bytes.fromhex(path) + sha256(value).digest()
    return hash_leaf(leaf), leaf


def hash_leaf(leaf: bytes) -> bytes:
    """Hash of a leaf: tagged hash of path and value hash."""
    state = _leaf_state.copy()
    state.update(leaf)
    return state.digest()  # type: ignore[no-any-return]


def hash_present(present_and_hashes: bytes) -> bytes:
    """Hash of a node: tagged hash of the 2-byte mask of present children and their hashes."""
    state = _node_state.copy()
    state.update(present_and_hashes)
    return state.digest()  # type: ignore[no-any-return]


def hash_node(node: bytes) -> bytes:
    """Hash of a stored node."""
    present = node[2] << 8 | node[3]
    state = _node_state.copy()
    state.update(node[2 : HASHES_START + HASH_BYTES * present.bit_count()])
    return state.digest()  # type: ignore[no-any-return]


def leaf_mask(node: bytes) -> int:
    """Which slots hold a leaf."""
    return node[0] << 8 | node[1]


def present_mask(node: bytes) -> int:
    """Which slots hold anything."""
    return node[2] << 8 | node[3]


def child_hashes(node: bytes) -> list[bytes]:
    """Hashes of the present children in nibble order."""
    end = HASHES_START + HASH_BYTES * present_mask(node).bit_count()
    return [node[i : i + HASH_BYTES] for i in range(HASHES_START, end, HASH_BYTES)]


def find_child(node: bytes, nibble: int) -> Child | None:
    """What stands in a slot, or None."""
    bit = 1 << nibble
    present = present_mask(node)
    if not present & bit:
        return None
    start = HASHES_START + HASH_BYTES * (present & (bit - 1)).bit_count()
    hash_ = node[start : start + HASH_BYTES]
    leaves = leaf_mask(node)
    if not leaves & bit:
        return hash_, b""
    start = _leaf_start(present, leaves & (bit - 1))
    return hash_, node[start : start + LEAF_BYTES]


def only_child(node: bytes) -> Child | None:
    """The single child of a node, or None when it has several."""
    present = present_mask(node)
    return find_child(node, present.bit_length() - 1) if present.bit_count() == 1 else None


def pack_node(children: dict[int, Child]) -> bytes:
    """Node with these children, by nibble."""
    leaves = present = 0
    hashes: list[bytes] = []
    leaf_parts: list[bytes] = []
    for nibble in sorted(children):
        hash_, leaf = children[nibble]
        present |= 1 << nibble
        hashes.append(hash_)
        if leaf:
            leaves |= 1 << nibble
            leaf_parts.append(leaf)
    return b"".join((_masks(leaves, present), *hashes, *leaf_parts))


def unpack_node(node: bytes) -> dict[int, Child]:
    """Children of a node by nibble."""
    present, leaves = present_mask(node), leaf_mask(node)
    at, leaf_at = HASHES_START, _leaf_start(present, 0)
    children: dict[int, Child] = {}
    for nibble in range(16):
        bit = 1 << nibble
        if not present & bit:
            continue
        leaf = b""
        if leaves & bit:
            leaf = node[leaf_at : leaf_at + LEAF_BYTES]
            leaf_at += LEAF_BYTES
        children[nibble] = (node[at : at + HASH_BYTES], leaf)
        at += HASH_BYTES
    return children


def _leaf_start(present: int, leaves_before: int) -> int:
    return HASHES_START + HASH_BYTES * present.bit_count() + LEAF_BYTES * leaves_before.bit_count()


def _masks(leaves: int, present: int) -> bytes:
    return (leaves << 16 | present).to_bytes(4, "big")
