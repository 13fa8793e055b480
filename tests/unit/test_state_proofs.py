"""Worked values of docs/spec/05-state.md and proofs that lie in a particular way."""

from pathlib import Path

import msgspec
import pytest

from chain_engine.codec.canonical import encode
from chain_engine.crypto.hashing import tagged_hash
from chain_engine.crypto.merkle import InvalidProof
from chain_engine.primitives.limits import TREE_DEPTH_MAX
from chain_engine.state.nodes import leaf_of, path_of
from chain_engine.state.proofs import ProofLevel
from chain_engine.state.tree import (
    EMPTY_ROOT,
    DictTreeStore,
    StateProof,
    build_state_proof,
    root_of_entries,
    tree_root,
    update_tree,
    verify_state_proof,
)

ENTRIES = {b"a": b"1", b"b": b"2", b"c": b"3"}


def tree_of(entries: dict[bytes, bytes]) -> DictTreeStore:
    store = DictTreeStore()
    store.apply(update_tree(store, entries))
    return store


def test_an_empty_state_has_the_zero_root():
    assert root_of_entries({}) == EMPTY_ROOT == bytes(32)


def test_a_single_entry_is_its_own_tree():
    leaf = bytes.fromhex(path_of(b"a")) + bytes.fromhex(path_of(b"1"))
    assert root_of_entries({b"a": b"1"}) == tagged_hash("acc/state-leaf", leaf)


def test_the_worked_example_of_the_specification_holds():
    assert [path_of(key)[0] for key in ENTRIES] == ["c", "3", "2"]
    leaves = {key: leaf_of(path_of(key), value)[0] for key, value in ENTRIES.items()}
    mask = (1 << 0x2 | 1 << 0x3 | 1 << 0xC).to_bytes(2, "big")
    root = tagged_hash("acc/state-node", mask, leaves[b"c"], leaves[b"b"], leaves[b"a"])
    assert root_of_entries(ENTRIES) == root


def test_the_specification_shows_these_very_bytes():
    text = (Path(__file__).parents[2] / "docs/spec/05-state.md").read_text("utf-8")
    shown = text.replace(" ", "")
    store = tree_of(ENTRIES)
    for data in (
        tree_root(store),
        *(leaf_of(path_of(key), value)[0] for key, value in ENTRIES.items()),
        encode(build_state_proof(store, b"a")),
    ):
        assert data.hex() in shown


def test_an_empty_state_proves_absence_only():
    nothing = StateProof(levels=(), other_leaf=b"")
    verify_state_proof(EMPTY_ROOT, b"a", None, nothing)
    with pytest.raises(InvalidProof):
        verify_state_proof(EMPTY_ROOT, b"a", b"1", nothing)


def test_an_empty_proof_shows_nothing_about_a_filled_state():
    with pytest.raises(InvalidProof):
        verify_state_proof(
            root_of_entries(ENTRIES), b"z", None, StateProof(levels=(), other_leaf=b"")
        )


def test_a_leaf_that_stands_elsewhere_proves_no_absence():
    store = tree_of(ENTRIES)
    elsewhere = leaf_of(path_of(b"a"), b"1")[1]
    proof = msgspec.structs.replace(build_state_proof(store, b"b"), other_leaf=elsewhere)
    with pytest.raises(InvalidProof, match="place"):
        verify_state_proof(tree_root(store), b"b", None, proof)


def test_a_presence_proof_with_a_further_leaf_is_refused():
    store = tree_of(ENTRIES)
    proof = msgspec.structs.replace(build_state_proof(store, b"a"), other_leaf=bytes(64))
    with pytest.raises(InvalidProof, match="names no other leaf"):
        verify_state_proof(tree_root(store), b"a", b"1", proof)


def test_too_many_levels_are_refused_before_hashing():
    level = ProofLevel(present=1, siblings=())
    proof = StateProof(levels=(level,) * (TREE_DEPTH_MAX + 1), other_leaf=b"")
    with pytest.raises(InvalidProof, match="too many levels"):
        verify_state_proof(EMPTY_ROOT, b"a", b"1", proof)


@pytest.mark.parametrize("present", [-1, 0, 1 << 16])
def test_a_mask_outside_sixteen_bits_is_refused(present):
    proof = StateProof(levels=(ProofLevel(present=present, siblings=()),), other_leaf=b"")
    with pytest.raises(InvalidProof, match="mask"):
        verify_state_proof(EMPTY_ROOT, b"a", b"1", proof)


def test_an_inner_node_cannot_pass_for_a_leaf():
    store = tree_of(ENTRIES)
    with pytest.raises(InvalidProof):
        verify_state_proof(tree_root(store), b"a", b"1", StateProof(levels=(), other_leaf=b""))
