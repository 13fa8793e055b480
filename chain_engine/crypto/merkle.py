"""Append-only Merkle trees of RFC 6962 section 2.1: root, inclusion proof, verification.

Leaves and nodes are hashed under different prefixes, so neither can stand in for the other. Used
for transactions, receipts, evidence, the bridge's outbox and acks.
"""

from collections.abc import Sequence
from hashlib import sha256

from chain_engine.codec.canonical import Struct
from chain_engine.primitives.errors import ChainError
from chain_engine.primitives.limits import HASH_BYTES, MERKLE_PATH_MAX, U64_MAX

EMPTY_ROOT = sha256(b"").digest()
"""Root of a tree without leaves (RFC 6962 2.1)."""


class InvalidProof(ChainError):
    """A Merkle proof does not lead to the root."""

    code = "INVALID_PROOF"
    title = "The proof does not lead from the value to the root."
    fix = "Fetch the proof again for the same header; a proof fits one root only."
    status = 422


class InclusionProof(Struct, frozen=True):
    """Path from one leaf to the root of a tree of `size` leaves."""

    index: int
    """Position of the leaf, from 0."""

    size: int
    """Leaves in the tree the root belongs to."""

    path: tuple[bytes, ...]
    """Sibling hashes from the leaf upwards, 32 bytes each."""


def hash_leaf(data: bytes) -> bytes:
    """Hash of a leaf: SHA-256(0x00 || data)."""
    return sha256(b"\x00" + data).digest()


def hash_children(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node: SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Root over raw leaf data."""
    return root_of_hashes([hash_leaf(leaf) for leaf in leaves])


def root_of_hashes(hashes: Sequence[bytes]) -> bytes:
    """Root over leaf hashes: pairs level by level, an odd last node moves up unchanged."""
    if not hashes:
        return EMPTY_ROOT
    level = list(hashes)
    while len(level) > 1:
        paired = [hash_children(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            paired.append(level[-1])
        level = paired
    return level[0]


def build_proof(hashes: Sequence[bytes], index: int) -> InclusionProof:
    """Build the inclusion proof of leaf `index` from all leaf hashes."""
    assert 0 <= index < len(hashes), "the leaf must be in the tree"
    path: list[bytes] = []
    level, position = list(hashes), index
    while len(level) > 1:
        sibling = position ^ 1
        if sibling < len(level):
            path.append(level[sibling])
        paired = [hash_children(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            paired.append(level[-1])
        level, position = paired, position // 2
    return InclusionProof(index=index, size=len(hashes), path=tuple(path))


def verify_inclusion(root: bytes, leaf: bytes, proof: InclusionProof) -> None:
    """Check that raw `leaf` is leaf `proof.index` of the tree with this root (RFC 9162 2.1.3.2).

    A root does not commit to its size, and one path can fit several (index, size) pairs: where the
    index matters, the caller compares `proof.size` with a size it trusts.

    Raises:
        InvalidProof: index or sizes impossible, a sibling too many or too few, or another root.
    """
    if root_of_inclusion(leaf, proof) != root:
        raise InvalidProof(index=proof.index, size=proof.size)


def root_of_inclusion(leaf: bytes, proof: InclusionProof) -> bytes:
    """The root that a path from raw `leaf` leads to.

    Raises:
        InvalidProof: index or sizes impossible, or a sibling too many or too few.
    """
    index, last = proof.index, proof.size - 1
    if not 0 <= index <= last <= U64_MAX or len(proof.path) > MERKLE_PATH_MAX:
        raise InvalidProof(index=proof.index, size=proof.size)
    node = hash_leaf(leaf)
    for sibling in proof.path:
        if len(sibling) != HASH_BYTES or last == 0:
            raise InvalidProof(index=proof.index, size=proof.size)
        if index & 1 or index == last:
            node = hash_children(sibling, node)
            while not index & 1 and index:
                index >>= 1
                last >>= 1
        else:
            node = hash_children(node, sibling)
        index >>= 1
        last >>= 1
    if last != 0:
        raise InvalidProof(index=proof.index, size=proof.size)
    return node
