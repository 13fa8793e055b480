"""RFC 6962 roots and inclusion proofs (docs/spec/01-values.md section 5)."""

from collections.abc import Iterator, Sequence
from typing import Any

from chain_engine.crypto.merkle import (
    InclusionProof,
    build_proof,
    hash_children,
    hash_leaf,
    merkle_root,
)
from tools.vectors.cast import flip
from tools.vectors.form import to_json
from tools.vectors.vector import Case

LEAVES = [
    b"", b"\x00", b"\x10", b"\x20\x21", b"\x30\x31", bytes(range(0x40, 0x44)),
    bytes(range(0x50, 0x58)), bytes(range(0x60, 0x70)), b"ninth",
]  # fmt: skip
"""The first eight are the leaves that implementations of RFC 6962 commonly test with."""

REFUSED = "INVALID_PROOF"


def cases() -> Iterator[Case]:
    """Yield every case of the file."""
    for size in range(len(LEAVES) + 1):
        form: dict[str, Any] = {"leaves": _hexes(LEAVES[:size])}
        yield Case(f"the root of {size} leaves", "merkle_root", form)
    for size, index in ((1, 0), (2, 1), (3, 2), (5, 4), (7, 3), (8, 0), (9, 8)):
        form = {"leaves": _hexes(LEAVES[:size]), "index": str(index)}
        yield Case(f"the proof of leaf {index} of {size}", "build_inclusion", form)
        proof = _proof(size, index)
        yield _check(f"leaf {index} of {size} is proven", size, LEAVES[index], proof)
    yield from _wrong_proofs()


def _wrong_proofs() -> Iterator[Case]:
    proof = _proof(7, 3)
    index, path = proof.index, proof.path
    for description, wrong in (
        ("another index", InclusionProof(2, 7, path)),
        ("an index outside the tree", InclusionProof(7, 7, path)),
        ("a negative index", InclusionProof(-1, 7, path)),
        ("another size", InclusionProof(index, 9, path)),
        ("a size of 0", InclusionProof(0, 0, ())),
        ("a sibling missing", InclusionProof(index, 7, path[:-1])),
        ("a sibling too many", InclusionProof(index, 7, (*path, bytes(32)))),
        ("siblings exchanged", InclusionProof(index, 7, (path[1], path[0], path[2]))),
        ("a bit of a sibling changed", InclusionProof(index, 7, (flip(path[0], 9), *path[1:]))),
        ("a sibling of 31 bytes", InclusionProof(index, 7, (path[0][:31], *path[1:]))),
        ("65 siblings", InclusionProof(0, 2**64, (bytes(32),) * 65)),
    ):
        yield _check(description, 7, LEAVES[3], wrong, REFUSED)
    yield _check("another leaf", 7, LEAVES[2], proof, REFUSED)
    yield _check("another root", 6, LEAVES[3], proof, REFUSED)
    inner = hash_leaf(LEAVES[0]) + hash_leaf(LEAVES[1])
    claim = InclusionProof(0, 2, (hash_children(hash_leaf(LEAVES[2]), hash_leaf(LEAVES[3])),))
    yield _check("an inner node given as a leaf", 4, inner, claim, REFUSED)


def _check(
    description: str, size: int, leaf: bytes, proof: InclusionProof, error: str | None = None
) -> Case:
    root = merkle_root(LEAVES[:size]).hex()
    form = {"root": root, "leaf": leaf.hex(), "proof": to_json(proof)}
    return Case(description, "verify_inclusion", form, error)


def _proof(size: int, index: int) -> InclusionProof:
    return build_proof([hash_leaf(leaf) for leaf in LEAVES[:size]], index)


def _hexes(items: Sequence[bytes]) -> list[str]:
    return [item.hex() for item in items]
