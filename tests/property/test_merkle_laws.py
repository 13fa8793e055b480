"""Laws of RFC 6962 trees."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_engine.codec.canonical import decode, encode
from chain_engine.crypto.merkle import (
    InclusionProof,
    InvalidProof,
    build_proof,
    hash_children,
    hash_leaf,
    merkle_root,
    verify_inclusion,
)

leaf_lists = st.lists(st.binary(max_size=40), min_size=1, max_size=40)


@st.composite
def trees(draw):
    leaves = draw(leaf_lists)
    return leaves, draw(st.integers(0, len(leaves) - 1))


def prove(leaves, index):
    return build_proof([hash_leaf(leaf) for leaf in leaves], index)


@given(trees())
def test_every_leaf_is_proven(tree):
    leaves, index = tree
    proof = prove(leaves, index)
    verify_inclusion(merkle_root(leaves), leaves[index], proof)
    assert decode(encode(proof), InclusionProof) == proof


@given(trees(), st.data())
def test_one_changed_bit_of_leaf_root_or_sibling_is_refused(tree, data):
    leaves, index = tree
    proof = prove(leaves, index)
    parts = [leaves[index], merkle_root(leaves), *proof.path]
    place = data.draw(st.sampled_from([i for i, part in enumerate(parts) if part]))
    changed = bytearray(parts[place])
    bit = data.draw(st.integers(0, 8 * len(changed) - 1))
    changed[bit // 8] ^= 1 << (bit % 8)
    leaf, root, *path = [*parts[:place], bytes(changed), *parts[place + 1 :]]
    with pytest.raises(InvalidProof):
        verify_inclusion(root, leaf, InclusionProof(proof.index, proof.size, tuple(path)))


@given(trees(), st.integers(-2, 80))
def test_another_index_in_a_tree_of_this_size_is_refused(tree, other):
    contents, index = tree
    # two equal leaves may well have each other's proof
    leaves = [b"%d:" % place + content for place, content in enumerate(contents)]
    proof = prove(leaves, index)
    if other != index:
        with pytest.raises(InvalidProof):
            verify_inclusion(
                merkle_root(leaves), leaves[index], InclusionProof(other, proof.size, proof.path)
            )


@given(trees(), st.data())
def test_a_sibling_too_few_or_too_many_is_refused(tree, data):
    leaves, index = tree
    proof = prove(leaves, index)
    extra = data.draw(st.binary(min_size=32, max_size=32))
    paths = [(*proof.path, extra), (extra, *proof.path)]
    paths += [proof.path[:i] + proof.path[i + 1 :] for i in range(len(proof.path))]
    for path in paths:
        with pytest.raises(InvalidProof):
            verify_inclusion(
                merkle_root(leaves), leaves[index], InclusionProof(index, proof.size, path)
            )


@given(leaf_lists, leaf_lists)
def test_different_lists_have_different_roots(a, b):
    assert (merkle_root(a) == merkle_root(b)) == (a == b)


@given(leaf_lists)
def test_a_tree_splits_at_the_greatest_power_of_two(leaves):
    if len(leaves) > 1:
        split = 1 << (len(leaves) - 1).bit_length() - 1
        left, right = merkle_root(leaves[:split]), merkle_root(leaves[split:])
        assert merkle_root(leaves) == hash_children(left, right)


@given(
    st.binary(min_size=32, max_size=32),
    st.binary(max_size=40),
    st.integers(-1, 2**65),
    st.integers(-1, 2**65),
    st.lists(st.binary(max_size=33), max_size=70),
)
def test_arbitrary_proofs_are_refused_and_never_fail_otherwise(root, leaf, index, size, path):
    with pytest.raises(InvalidProof):
        verify_inclusion(root, leaf, InclusionProof(index, size, tuple(path)))
