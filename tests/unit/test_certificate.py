"""Delegate sets, quorums and certificates."""

import pytest

from chain_engine.blocks.certificate import (
    Certificate,
    InvalidCertificate,
    bitmap_of,
    certificate_hash,
    indexes_of,
    second_vote_hash,
    verify_certificate,
)
from chain_engine.blocks.delegates import (
    Delegate,
    DelegateSet,
    InvalidDelegates,
    delegates_hash,
    forging_order,
    has_honest_member,
    has_quorum,
    verify_delegates,
)
from chain_engine.crypto.keys import InvalidKey, SecretKey
from chain_engine.primitives.limits import DELEGATES_MAX, WEIGHT_MAX

CHAIN, BLOCK = b"\x11" * 32, b"\x22" * 32
KEYS = sorted((SecretKey(bytes([i + 1]) * 32) for i in range(10)), key=lambda key: key.public)


def set_of(weights) -> DelegateSet:
    pairs = zip(KEYS, weights, strict=False)
    return DelegateSet(tuple(Delegate(key.public, weight) for key, weight in pairs))


def certify(signers, members=4, *, block_id=BLOCK) -> Certificate:
    vote = second_vote_hash(CHAIN, 7, 2, block_id)
    signatures = tuple(KEYS[index].sign(vote) for index in sorted(signers))
    return Certificate(7, 2, block_id, bitmap_of(set(signers), members), signatures)


def refused(certificate, delegates) -> str:
    with pytest.raises(InvalidCertificate) as caught:
        verify_certificate(certificate, delegates, CHAIN)
    return str(caught.value.values["reason"])


@pytest.mark.parametrize(
    ("weight", "total", "quorum", "honest"),
    [
        (2, 3, False, True), (3, 3, True, True), (1, 3, False, False), (3, 4, True, True),
        (2, 4, False, True), (67, 100, True, True), (66, 100, False, True),
        (34, 100, False, True), (33, 100, False, False), (0, 1, False, False),
        (2**60, 2**60, True, True),
    ],
)  # fmt: skip
def test_a_quorum_is_more_than_two_thirds_and_honesty_more_than_one(weight, total, quorum, honest):
    assert has_quorum(weight, total) is quorum
    assert has_honest_member(weight, total) is honest


def test_two_quorums_share_more_than_one_third():
    for total in range(1, 40):
        least = next(weight for weight in range(total + 1) if has_quorum(weight, total))
        assert has_honest_member(2 * least - total, total)


@pytest.mark.parametrize("indexes", [set(), {0}, {0, 7, 8, 9}, {9}])
def test_bitmaps_lead_back_to_their_indexes(indexes):
    bitmap = bitmap_of(indexes, 10)
    assert len(bitmap) == 2
    assert indexes_of(bitmap) == sorted(indexes)


def test_a_quorum_of_distinct_members_is_accepted():
    verify_certificate(certify({0, 1, 3}), set_of([1] * 4), CHAIN)
    verify_certificate(certify({0, 1}), set_of([50, 30, 15, 5]), CHAIN)
    verify_certificate(certify(set(range(7)), 10), set_of([1] * 10), CHAIN)


def test_an_index_given_twice_counts_once():
    assert set_of([5, 3, 2]).weight_of([0, 0, 1]) == 8


@pytest.mark.parametrize(
    ("signers", "weights"),
    [({0, 1}, [1] * 4), (set(), [1] * 4), ({0, 1}, [1] * 3), ({1, 2, 3}, [50, 30, 15, 5])],
)
def test_too_little_weight_is_refused_whatever_the_heads(signers, weights):
    assert refused(certify(signers, len(weights)), set_of(weights)) == "quorum"


def test_one_signer_cannot_stand_under_two_bits():
    good = certify({0, 1})
    doubled = Certificate(7, 2, BLOCK, b"\x07", (*good.signatures, good.signatures[1]))
    assert refused(doubled, set_of([1] * 4)) == "signature"


def test_shapes_are_checked_before_signatures():
    good, delegates = certify({0, 1, 3}), set_of([1] * 4)
    assert refused(_with(good, signers=b""), delegates) == "bitmap length"
    assert refused(_with(good, signers=b"\x0b\x00"), delegates) == "bitmap length"
    assert "does not exist" in refused(_with(good, signers=b"\x13"), delegates)
    assert refused(_with(good, signatures=good.signatures[:2]), delegates) == "number of signatures"


def test_votes_for_nil_commit_nothing():
    assert "nil" in refused(certify({0, 1, 2, 3}, block_id=b""), set_of([1] * 4))


def test_another_chain_height_round_or_block_is_refused():
    good, delegates = certify({0, 1, 3}), set_of([1] * 4)
    for other in (_with(good, height=8), _with(good, round=3), _with(good, block_id=bytes(32))):
        assert refused(other, delegates) == "signature"
    with pytest.raises(InvalidCertificate):
        verify_certificate(good, delegates, b"\x12" * 32)


def test_one_bit_changed_in_any_signature_or_the_bitmap_is_refused():
    good, delegates = certify({0, 1, 3}), set_of([1] * 4)
    for place, signature in enumerate(good.signatures):
        for bit in range(0, 512, 7):
            flipped = bytearray(signature)
            flipped[bit // 8] ^= 1 << (bit % 8)
            signatures = (*good.signatures[:place], bytes(flipped), *good.signatures[place + 1 :])
            refused(_with(good, signatures=signatures), delegates)
    for bit in range(8):
        refused(_with(good, signers=bytes([good.signers[0] ^ 1 << bit])), delegates)


def test_a_certificate_hash_names_its_very_signatures():
    assert certificate_hash(certify({0, 1, 2})) != certificate_hash(certify({0, 1, 3}))


def test_sets_that_break_a_rule_are_refused():
    key = KEYS[0].public
    for members in (
        (), (Delegate(KEYS[1].public, 1), Delegate(key, 1)), (Delegate(key, 1),) * 2,
        (Delegate(key, 0),), (Delegate(key, -1),), (Delegate(key, WEIGHT_MAX + 1),),
        (Delegate(key, 1),) * (DELEGATES_MAX + 1),
    ):  # fmt: skip
        with pytest.raises(InvalidDelegates):
            verify_delegates(DelegateSet(members))
    with pytest.raises(InvalidKey):
        verify_delegates(DelegateSet((Delegate(b"\x01" + b"\xff" * 32, 1),)))
    verify_delegates(set_of([1, WEIGHT_MAX]))


def test_weights_are_part_of_a_sets_hash():
    assert delegates_hash(set_of([1, 2])) != delegates_hash(set_of([2, 1]))


def test_members_are_found_by_key():
    delegates = set_of([1] * 4)
    assert delegates.find_index(KEYS[2].public) == 2
    assert delegates.find_index(KEYS[9].public) is None


def test_the_forging_order_holds_everybody_once_and_follows_the_seed():
    delegates = set_of([1] * 10)
    orders = {forging_order(delegates, bytes([seed]) * 32) for seed in range(20)}
    assert len(orders) > 10
    assert all(sorted(order) == list(range(10)) for order in orders)
    assert forging_order(delegates, bytes(32)) == forging_order(delegates, bytes(32))


def _with(certificate: Certificate, **fields) -> Certificate:
    names = certificate.__struct_fields__
    return Certificate(**{n: fields.get(n, getattr(certificate, n)) for n in names})
