"""The state tree against a second, naive one that shares no code with it."""

import itertools
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chain_engine.codec.canonical import Malformed, NonCanonical, decode, encode
from chain_engine.crypto.merkle import InvalidProof
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


def tagged(tag: bytes, data: bytes) -> bytes:
    digest = sha256(tag).digest()
    return sha256(digest + digest + data).digest()


def naive_root(entries: dict[bytes, bytes]) -> bytes:
    """The definition in docs/spec/05-state.md, word for word and without any cleverness."""
    leaves = [(sha256(k).digest(), sha256(v).digest()) for k, v in entries.items()]
    return naive_node([(path.hex(), path + value) for path, value in leaves]) or bytes(32)


def naive_node(leaves: list[tuple[str, bytes]]) -> bytes | None:
    if not leaves:
        return None
    if len(leaves) == 1:
        return tagged(b"acc/state-leaf", leaves[0][1])
    mask, hashes = 0, b""
    for nibble in range(16):
        digit = f"{nibble:x}"
        child = naive_node([(path[1:], leaf) for path, leaf in leaves if path[0] == digit])
        if child is not None:
            mask |= 1 << nibble
            hashes += child
    return tagged(b"acc/state-node", mask.to_bytes(2, "big") + hashes)


def close_keys(nibbles: int, groups: int) -> list[bytes]:
    """Pairs of keys whose paths begin alike: the tree is deep only where hashes collide."""
    found: dict[str, bytes] = {}
    pairs: list[bytes] = []
    numbers = itertools.count()
    while len(pairs) < 2 * groups:
        key = b"k%d" % next(numbers)
        other = found.setdefault(sha256(key).hexdigest()[:nibbles], key)
        if other != key:
            pairs += [other, key]
    return pairs


CLOSE = close_keys(6, 4) + close_keys(3, 6)
"""Keys that make chains of single children, six and three nodes long."""

KEYS = st.one_of(st.sampled_from(CLOSE), st.binary(max_size=2))
VALUES = st.binary(max_size=3)
BATCHES = st.lists(
    st.dictionaries(KEYS, st.one_of(VALUES, st.none()), max_size=12), min_size=1, max_size=6
)


def applied(batches: list[dict[bytes, bytes | None]]) -> tuple[DictTreeStore, dict[bytes, bytes]]:
    store, entries = DictTreeStore(), {}
    for writes in batches:
        update = update_tree(store, writes)
        store.apply(update)
        entries.update({k: v for k, v in writes.items() if v is not None})
        for key in [k for k, v in writes.items() if v is None]:
            entries.pop(key, None)
        assert update.root == tree_root(store)
    return store, entries


@given(BATCHES)
def test_every_batch_leads_to_the_naive_root(batches):
    store, entries = applied(batches)
    assert tree_root(store) == naive_root(entries)


@given(BATCHES)
def test_stored_nodes_depend_on_the_entries_alone(batches):
    store, entries = applied(batches)
    fresh = DictTreeStore()
    fresh.apply(update_tree(fresh, entries))
    assert store.nodes == fresh.nodes


@given(BATCHES)
def test_an_update_applies_nothing_by_itself(batches):
    store, _ = applied(batches[:-1])
    before = dict(store.nodes)
    update_tree(store, batches[-1])
    assert store.nodes == before


@given(st.dictionaries(KEYS, VALUES, max_size=20), st.randoms(use_true_random=False))
def test_the_order_of_writes_does_not_matter(entries, random):
    shuffled = list(entries.items())
    random.shuffle(shuffled)
    one_by_one = DictTreeStore()
    for key, value in shuffled:
        one_by_one.apply(update_tree(one_by_one, {key: value}))
    assert tree_root(one_by_one) == root_of_entries(entries)


@given(st.dictionaries(KEYS, VALUES, max_size=20))
def test_deleting_everything_leaves_nothing(entries):
    store, _ = applied([entries, dict.fromkeys(entries)])
    assert (store.nodes, tree_root(store)) == ({}, EMPTY_ROOT)


@given(BATCHES, KEYS)
def test_presence_and_absence_are_proven(batches, key):
    store, entries = applied(batches)
    proof = build_state_proof(store, key)
    verify_state_proof(tree_root(store), key, entries.get(key), proof)
    assert decode(encode(proof), StateProof) == proof


@given(BATCHES, KEYS, st.one_of(VALUES, st.none()))
def test_a_proof_shows_one_value_only(batches, key, claimed):
    store, entries = applied(batches)
    if claimed != entries.get(key):
        with pytest.raises(InvalidProof):
            verify_state_proof(tree_root(store), key, claimed, build_state_proof(store, key))


@given(BATCHES, KEYS, KEYS)
def test_a_proof_of_another_key_shows_nothing_false(batches, key, other):
    store, entries = applied(batches)
    proof = build_state_proof(store, other)
    root = tree_root(store)
    for claim in (b"forged", None if key in entries else b"x"):
        with pytest.raises(InvalidProof):
            verify_state_proof(root, key, claim, proof)


def is_accepted(root: bytes, key: bytes, value: bytes | None, data: bytes) -> bool:
    try:
        verify_state_proof(root, key, value, decode(data, StateProof))
    except (Malformed, NonCanonical, InvalidProof):
        return False
    return True


@settings(max_examples=12)
@given(st.dictionaries(KEYS, VALUES, max_size=10), st.sampled_from(CLOSE))
def test_every_one_bit_change_of_a_proof_is_refused(entries, key):
    store, _ = applied([entries])
    root, data = tree_root(store), encode(build_state_proof(store, key))
    assert is_accepted(root, key, entries.get(key), data)
    for bit in range(8 * len(data)):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        assert not is_accepted(root, key, entries.get(key), bytes(changed))
