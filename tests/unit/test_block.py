"""Block ids, roots, seeds, commitments."""

from hashlib import sha256

import pytest

from chain_engine.blocks.block import (
    NO_HASH,
    Block,
    CertifiedBlock,
    Event,
    Header,
    Receipt,
    block_id,
    content_hash,
    next_seed,
    receipts_root,
    transactions_root,
)
from chain_engine.blocks.bridge import (
    CommitmentProof,
    PeerCommitment,
    bridge_root,
    chain_account,
    verify_commitment,
)
from chain_engine.codec.canonical import decode, encode
from chain_engine.crypto.hashing import tagged_hash
from chain_engine.crypto.merkle import (
    EMPTY_ROOT,
    InclusionProof,
    InvalidProof,
    build_proof,
    hash_leaf,
    merkle_root,
)

HEADER = Header(
    **dict.fromkeys(Header.__struct_fields__, NO_HASH)
    | {"version": 1, "height": 5, "round": 0, "time_ms": 9, "forger": b""}
)


def with_field(name, value) -> Header:
    return Header(**{n: getattr(HEADER, n) for n in Header.__struct_fields__} | {name: value})


def test_a_block_id_is_the_tagged_hash_of_the_encoded_header():
    assert block_id(HEADER) == tagged_hash("acc/block", encode(HEADER))


@pytest.mark.parametrize("name", Header.__struct_fields__)
def test_every_field_is_in_the_block_id(name):
    value = getattr(HEADER, name)
    other = with_field(name, value + 1 if isinstance(value, int) else b"\x01" * 32)
    assert block_id(other) != block_id(HEADER)


def test_a_certified_block_encodes_and_decodes_whole():
    block = Block(HEADER, (b"tx",), (), b"", None)
    certified = CertifiedBlock(block, None)
    assert decode(encode(certified), CertifiedBlock) == certified


def test_roots_are_over_witness_hashes_and_encoded_receipts_in_order():
    first = Receipt(b"\x01" * 32, "", 1, 2, (Event("Happened", "{}"),))
    second = Receipt(b"\x02" * 32, "FEE_TOO_LOW", 0, 2, ())
    assert receipts_root([first, second]) == merkle_root([encode(first), encode(second)])
    assert receipts_root([first, second]) != receipts_root([second, first])
    assert transactions_root([]) == receipts_root([]) == EMPTY_ROOT
    assert transactions_root([b"a" * 32, b"b" * 32]) == merkle_root([b"a" * 32, b"b" * 32])


def test_seeds_follow_from_the_parents_seed_and_the_preimage():
    assert next_seed(NO_HASH, b"") == tagged_hash("acc/seed", NO_HASH)
    assert next_seed(NO_HASH, b"a") != next_seed(NO_HASH, b"b")


def test_content_is_named_by_its_plain_hash():
    assert content_hash(b"package") == sha256(b"package").digest()


def commitment(peer: int, acks: int = 0) -> PeerCommitment:
    return PeerCommitment(1, bytes([peer]) * 32, EMPTY_ROOT, 0, EMPTY_ROOT, acks, 0, EMPTY_ROOT, 1)


def test_commitments_stand_in_the_order_of_their_peers_whatever_they_are_given_in():
    assert bridge_root([commitment(2), commitment(1)]) == bridge_root(
        [commitment(1), commitment(2)]
    )
    assert bridge_root([]) == tagged_hash("acc/bridge", encode(0), EMPTY_ROOT)


def test_a_commitment_is_proven_and_a_changed_one_is_not():
    ordered = [commitment(1), commitment(2), commitment(3)]
    path = build_proof([hash_leaf(encode(c)) for c in ordered], 1)
    verify_commitment(bridge_root(ordered), CommitmentProof(ordered[1], path))
    for wrong in (commitment(2, acks=1), commitment(3)):
        with pytest.raises(InvalidProof):
            verify_commitment(bridge_root(ordered), CommitmentProof(wrong, path))


def test_a_chains_own_accounts_differ_by_chain_purpose_and_peer():
    accounts = {
        chain_account(chain, purpose, peer)
        for chain in (b"\x01" * 32, b"\x02" * 32)
        for purpose in ("escrow", "relay")
        for peer in (b"", b"\x03" * 32)
    }
    assert len(accounts) == 8
    assert {len(account) for account in accounts} == {20}


def test_a_commitment_proof_binds_its_place_and_the_number_of_peers():
    commitments = [commitment(n) for n in range(5)]
    root = bridge_root(commitments)
    hashes = [hash_leaf(encode(c)) for c in commitments]
    for index, entry in enumerate(commitments):
        path = build_proof(hashes, index)
        verify_commitment(root, CommitmentProof(entry, path))
        for size in range(1, 9):
            for place in range(size):
                if (place, size) == (index, 5):
                    continue
                other = InclusionProof(place, size, path.path)
                with pytest.raises(InvalidProof):
                    verify_commitment(root, CommitmentProof(entry, other))
