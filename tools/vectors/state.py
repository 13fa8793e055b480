"""State roots and proofs of presence and absence (docs/spec/05-state.md)."""

from collections.abc import Iterator
from typing import Any

from chain_engine.state.proofs import ProofLevel, StateProof, build_state_proof
from chain_engine.state.tree import DictTreeStore, root_of_entries, update_tree
from tools.vectors.cast import flip
from tools.vectors.form import to_json
from tools.vectors.vector import Case

ENTRIES = {b"key %d" % number: b"value %d" % number for number in range(40)}
PRESENT, ABSENT, OTHER_ABSENT = b"key 7", b"key 40", b"key 45"
REFUSED = "INVALID_PROOF"


def _store(count: int) -> DictTreeStore:
    store = DictTreeStore()
    store.apply(update_tree(store, dict(list(ENTRIES.items())[:count])))
    return store


def cases() -> Iterator[Case]:
    """Yield every case of the file."""
    for count in (0, 1, 2, 40):
        entries = [[key.hex(), value.hex()] for key, value in list(ENTRIES.items())[:count]]
        yield Case(f"the root of {count} entries", "state_root", {"entries": entries})
    for count in (1, 2, 40):
        proof = build_state_proof(_store(count), b"key 0")
        yield _check(f"present among {count}", count, b"key 0", b"value 0", proof)
    for count in (0, 1, 2, 40):
        for key in (ABSENT, OTHER_ABSENT):
            proof = build_state_proof(_store(count), key)
            yield _check(f"{key.decode()} is absent among {count}", count, key, None, proof)
    yield from _wrong()


def _wrong() -> Iterator[Case]:
    store = _store(40)
    proof = build_state_proof(store, PRESENT)
    first, *rest = proof.levels
    value = ENTRIES[PRESENT]
    cut = StateProof(proof.levels[:-1], proof.other_leaf)
    level = ProofLevel(first.present, (flip(first.siblings[0], 3), *first.siblings[1:]))
    fewer = ProofLevel(first.present, first.siblings[1:])
    masked = ProofLevel(first.present ^ 0x8000, first.siblings)
    for description, key, claim, wrong in (
        ("another value", PRESENT, b"value 8", proof),
        ("another key", b"key 8", value, proof),
        ("a present key claimed absent", PRESENT, None, proof),
        ("an absent key claimed present", ABSENT, b"x", build_state_proof(store, ABSENT)),
        ("a level missing", PRESENT, value, cut),
        ("a bit of a sibling changed", PRESENT, value, StateProof((level, *rest), b"")),
        ("a sibling missing", PRESENT, value, StateProof((fewer, *rest), b"")),
        ("another mask", PRESENT, value, StateProof((masked, *rest), b"")),
        ("a leaf that is not asked for", PRESENT, value, StateProof(proof.levels, bytes(64))),
        ("65 levels", PRESENT, value, StateProof((first,) * 65, b"")),
    ):
        yield _check(description, 40, key, claim, wrong, REFUSED)


def _check(
    description: str,
    count: int,
    key: bytes,
    value: bytes | None,
    proof: StateProof,
    error: str | None = None,
) -> Case:
    form: dict[str, Any] = {
        "root": root_of_entries(dict(list(ENTRIES.items())[:count])).hex(),
        "key": key.hex(),
        "value": None if value is None else value.hex(),
        "proof": to_json(proof),
    }
    return Case(description, "verify_state", form, error)
