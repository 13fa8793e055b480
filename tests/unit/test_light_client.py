"""What a light client accepts, and what not."""

import pytest

from chain_engine.blocks.block import NO_HASH, Header, block_id
from chain_engine.blocks.certificate import (
    Certificate,
    InvalidCertificate,
    bitmap_of,
    second_vote_hash,
)
from chain_engine.blocks.delegates import (
    Delegate,
    DelegateSet,
    InvalidDelegates,
    delegates_hash,
)
from chain_engine.blocks.light_client import (
    ConflictingHeader,
    UntrustedHeader,
    advance,
    trust_header,
)
from chain_engine.crypto.keys import SecretKey

CHAIN = b"\x11" * 32
PERIOD_MS = 100_000
START_MS = 1_000_000
KEYS = {
    name: SecretKey(bytes([place + 1]) * 32)
    for place, name in enumerate("abcdefghijklmnopqrstuvwxyz")
}


def set_of(names: str, weight: int = 1) -> DelegateSet:
    publics = sorted(KEYS[name].public for name in names)
    return DelegateSet(tuple(Delegate(public, weight) for public in publics))


def weighted(weights: dict[str, int]) -> DelegateSet:
    members = [Delegate(KEYS[name].public, weight) for name, weight in weights.items()]
    return DelegateSet(tuple(sorted(members, key=lambda member: member.key)))


def header(height: int, delegates: DelegateSet, **fields) -> Header:
    defaults = {
        "version": 1, "chain_id": CHAIN, "height": height, "round": 0,
        "time_ms": START_MS + 1_000 * height, "delegates_hash": delegates_hash(delegates),
        "next_delegates_hash": delegates_hash(delegates), "forger": b"",
    }  # fmt: skip
    hashes = {name: NO_HASH for name in Header.__struct_fields__ if name not in defaults}
    return Header(**{**defaults, **hashes, **fields})


def certify(of: Header, delegates: DelegateSet, signers: str) -> Certificate:
    identity = block_id(of)
    vote = second_vote_hash(of.chain_id, of.height, of.round, identity)
    chosen = {delegates.find_index(KEYS[name].public): KEYS[name] for name in signers}
    signatures = tuple(chosen[index].sign(vote) for index in sorted(chosen))
    bitmap = bitmap_of(set(chosen), len(delegates.members))
    return Certificate(of.height, of.round, identity, bitmap, signatures)


def offer(trusted, of: Header, delegates, signers: str, now_ms: int = START_MS + 50_000):
    return advance(trusted, of, certify(of, delegates, signers), delegates, now_ms)


def trusting(delegates, *, height: int = 10, **fields):
    return trust_header(CHAIN, header(height, delegates, **fields), delegates, PERIOD_MS)


def refused(trusted, of, delegates, signers, error=UntrustedHeader, **more) -> str:
    with pytest.raises(error) as caught:
        offer(trusted, of, delegates, signers, **more)
    return str(caught.value.values.get("reason"))


ABCD = set_of("abcd")


def test_the_next_header_is_accepted_and_remembered():
    after = offer(trusting(ABCD), header(11, ABCD, bridge_root=b"\x07" * 32), ABCD, "abc")
    assert (after.height, after.bridge_root) == (11, b"\x07" * 32)
    assert after.header_id == block_id(header(11, ABCD, bridge_root=b"\x07" * 32))
    assert after.trusting_period_ms == PERIOD_MS


def test_a_chain_is_followed_through_a_complete_change_of_delegates_one_by_one():
    trusted, names = trusting(ABCD), "abcd"
    for step, newcomer in enumerate("efghijkl"):
        delegates = set_of(names)
        names = names[1:] + newcomer
        upcoming = delegates_hash(set_of(names))
        of = header(11 + step, delegates, next_delegates_hash=upcoming)
        trusted = offer(trusted, of, delegates, "".join(sorted(names[:3])))
    assert trusted.height == 18


def test_the_named_next_set_may_sign_any_later_header():
    following = set_of("wxyz")
    trusted = trusting(ABCD, next_delegates_hash=delegates_hash(following))
    assert offer(trusted, header(11, following), following, "wxy").height == 11
    assert offer(trusted, header(40, following), following, "wxy").height == 40


def test_the_old_set_may_not_sign_the_next_height_when_another_is_named():
    trusted = trusting(ABCD, next_delegates_hash=delegates_hash(set_of("wxyz")))
    assert "names" in refused(trusted, header(11, ABCD), ABCD, "abcd")


@pytest.mark.parametrize(
    ("stayed", "accepted"), [("abcd", True), ("abc", True), ("ab", True), ("a", False), ("", False)]
)
def test_skipping_needs_more_than_a_third_of_the_trusted_weight(stayed, accepted):
    names = stayed + "wxyz"[len(stayed) :]
    delegates = set_of(names)
    trusted = trusting(ABCD, next_delegates_hash=NO_HASH)
    if accepted:
        assert offer(trusted, header(30, delegates), delegates, names).height == 30
    else:
        assert "too little" in refused(trusted, header(30, delegates), delegates, names)


def test_exactly_a_third_is_too_little_to_skip():
    trusted = trusting(set_of("abc"), next_delegates_hash=NO_HASH)
    delegates = set_of("axy")
    refused(trusted, header(30, delegates), delegates, "axy")


def test_skipping_counts_weight_in_the_trusted_set_not_heads_or_new_weight():
    trusted = trusting(weighted({"a": 1, "b": 1, "c": 98}), next_delegates_hash=NO_HASH)
    light = weighted({"a": 100, "b": 100, "x": 1})
    refused(trusted, header(30, light), light, "abx")
    heavy = weighted({"c": 1, "x": 50, "y": 50})
    assert offer(trusted, header(30, heavy), heavy, "cxy").height == 30


def test_members_who_stayed_must_also_have_signed():
    delegates = set_of("abwxyz")
    trusted = trusting(ABCD, next_delegates_hash=NO_HASH)
    assert offer(trusted, header(30, delegates), delegates, "abwxy").height == 30
    refused(trusted, header(30, delegates), delegates, "awxyz")


def test_skipping_still_needs_a_quorum_of_the_new_set():
    delegates = set_of("abcdefgh")
    trusted = trusting(ABCD, next_delegates_hash=NO_HASH)
    refused(trusted, header(30, delegates), delegates, "abcd", InvalidCertificate)


def test_claimed_signers_without_signatures_do_not_count():
    delegates = set_of("abcd")
    of = header(30, delegates)
    good = certify(of, delegates, "abc")
    claim = Certificate(of.height, of.round, good.block_id, b"\x0f", good.signatures)
    with pytest.raises(InvalidCertificate):
        advance(trusting(ABCD), of, claim, delegates, START_MS)


def test_the_trusting_period_ends_for_good():
    trusted = trusting(ABCD)
    end_ms = trusted.time_ms + PERIOD_MS
    assert offer(trusted, header(11, ABCD), ABCD, "abc", now_ms=end_ms).height == 11
    late = refused(trusted, header(11, ABCD), ABCD, "abc", now_ms=end_ms + 1)
    assert "period" in late


def test_a_newer_header_starts_a_new_trusting_period():
    trusted = offer(trusting(ABCD), header(60, ABCD), ABCD, "abc")
    now_ms = START_MS + 10_000 + PERIOD_MS + 1
    assert offer(trusted, header(61, ABCD), ABCD, "abc", now_ms=now_ms).height == 61


def test_another_block_of_the_trusted_height_is_a_conflict():
    trusted = trusting(ABCD)
    fork = header(10, ABCD, state_root=b"\x09" * 32)
    with pytest.raises(ConflictingHeader) as caught:
        offer(trusted, fork, ABCD, "abc")
    assert caught.value.values["other"] == block_id(fork).hex()
    assert caught.value.values["accepted"] == trusted.header_id.hex()


def test_a_conflict_needs_everything_that_a_header_needs():
    trusted, fork = trusting(ABCD), header(10, ABCD, state_root=b"\x09" * 32)
    refused(trusted, fork, ABCD, "ab", InvalidCertificate)
    late_ms = trusted.time_ms + PERIOD_MS + 1
    refused(trusted, fork, ABCD, "abc", now_ms=late_ms)
    strangers = set_of("wxyz")
    refused(trusted, header(10, strangers), strangers, "wxyz")


def test_the_trusted_header_itself_is_not_newer():
    assert refused(trusting(ABCD), header(10, ABCD), ABCD, "abcd") == "not newer"


def test_older_headers_are_refused_and_freeze_nothing():
    assert refused(trusting(ABCD), header(9, ABCD, round=5), ABCD, "abcd") == "not newer"


def test_another_chain_is_refused_even_with_the_same_delegates():
    assert refused(trusting(ABCD), header(11, ABCD, chain_id=b"\x12" * 32), ABCD, "abcd") == (
        "other chain"
    )


def test_time_must_advance():
    trusted = trusting(ABCD)
    refused(trusted, header(11, ABCD, time_ms=trusted.time_ms), ABCD, "abc")


def test_a_certificate_is_for_one_block_and_one_height():
    of, other = header(11, ABCD), header(11, ABCD, round=1)
    with pytest.raises(UntrustedHeader):
        advance(trusting(ABCD), of, certify(other, ABCD, "abc"), ABCD, START_MS)
    good = certify(of, ABCD, "abc")
    moved = Certificate(12, good.round, good.block_id, good.signers, good.signatures)
    with pytest.raises(UntrustedHeader):
        advance(trusting(ABCD), of, moved, ABCD, START_MS)


def test_the_given_set_is_the_headers_and_keeps_its_rules():
    of = header(11, ABCD)
    with pytest.raises(UntrustedHeader):
        advance(trusting(ABCD), of, certify(of, ABCD, "abc"), set_of("abce"), START_MS)
    doubled = DelegateSet(ABCD.members[:1] * 4)
    trusted = trusting(ABCD, next_delegates_hash=delegates_hash(doubled))
    of = header(11, doubled)
    good = certify(header(11, ABCD), ABCD, "abc")
    certificate = Certificate(11, 0, block_id(of), b"\x0f", good.signatures[:1] * 4)
    with pytest.raises(InvalidDelegates):
        advance(trusted, of, certificate, doubled, START_MS)


def test_every_field_of_a_header_is_certified():
    of = header(11, ABCD)
    certificate = certify(of, ABCD, "abc")
    for name in Header.__struct_fields__:
        value = getattr(of, name)
        other = value + 1 if isinstance(value, int) else b"\x5a" * 32
        changed = Header(**{n: getattr(of, n) for n in Header.__struct_fields__} | {name: other})
        with pytest.raises(UntrustedHeader):
            advance(trusting(ABCD), changed, certificate, ABCD, START_MS)
