"""RFC 6962 trees."""

from hashlib import sha256

import pytest

from chain_engine.crypto.merkle import (
    EMPTY_ROOT,
    InclusionProof,
    InvalidProof,
    build_proof,
    hash_children,
    hash_leaf,
    merkle_root,
    root_of_hashes,
    verify_inclusion,
)

PUBLISHED_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                    "606162636465666768696a6b6c6d6e6f"]  # fmt: skip
PUBLISHED_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""Roots over the first 0 to 8 of the leaves, as certificate transparency logs publish them."""


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_published_ones(size):
    leaves = [bytes.fromhex(leaf) for leaf in PUBLISHED_LEAVES[:size]]
    assert merkle_root(leaves).hex() == PUBLISHED_ROOTS[size]


def naive_root(leaves):
    """The recursive definition of RFC 6962 2.1, word by word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + naive_root(leaves[:split]) + naive_root(leaves[split:])).digest()


@pytest.mark.parametrize("size", [*range(34), 100, 127, 128, 129])
def test_roots_are_those_of_the_recursive_definition(size):
    leaves = [b"leaf %d" % i for i in range(size)]
    assert merkle_root(leaves) == naive_root(leaves)


def test_the_empty_root_is_the_hash_of_nothing():
    assert root_of_hashes([]) == EMPTY_ROOT == sha256().digest()


@pytest.mark.parametrize("size", range(1, 18))
def test_every_leaf_of_a_tree_is_proven_at_its_place_only(size):
    leaves = [b"leaf %d" % i for i in range(size)]
    hashes, root = [hash_leaf(leaf) for leaf in leaves], merkle_root(leaves)
    for index, leaf in enumerate(leaves):
        proof = build_proof(hashes, index)
        verify_inclusion(root, leaf, proof)
        for other in range(size + 1):
            if other != index:
                with pytest.raises(InvalidProof):
                    verify_inclusion(root, leaf, InclusionProof(other, size, proof.path))


def test_a_proof_fits_no_size_of_another_shape():
    leaves = [b"leaf %d" % i for i in range(11)]
    hashes, root = [hash_leaf(leaf) for leaf in leaves], merkle_root(leaves)
    proof = build_proof(hashes, 6)
    for size in [*range(7), 7, 8, 17, 2**64, 2**65, -1]:
        with pytest.raises(InvalidProof):
            verify_inclusion(root, leaves[6], InclusionProof(6, size, proof.path))


def test_an_inner_node_is_no_leaf():
    hashes = [hash_leaf(b"a"), hash_leaf(b"b"), hash_leaf(b"c"), hash_leaf(b"d")]
    root = root_of_hashes(hashes)
    upper = InclusionProof(0, 2, (hash_children(hashes[2], hashes[3]),))
    with pytest.raises(InvalidProof):
        verify_inclusion(root, hashes[0] + hashes[1], upper)


def test_a_last_leaf_doubled_changes_the_root():
    assert merkle_root([b"a", b"b", b"c"]) != merkle_root([b"a", b"b", b"c", b"c"])


def test_asking_for_a_leaf_outside_the_tree_is_our_own_fault():
    with pytest.raises(AssertionError):
        build_proof([hash_leaf(b"a")], 1)
