"""Nothing crosses the bridge on somebody's word: every forgery is refused with its own code."""

import pytest
from msgspec.structs import replace
from support.bridge_chains import (
    ALICE,
    BOB,
    RELAYER,
    MemoryChain,
    Pair,
    account_of,
    build_pair,
    build_side,
    registration_of,
)

from chain_engine.blocks.bridge import AckStatus, PeerStatus
from chain_engine.blocks.delegates import Delegate, DelegateSet
from chain_engine.codec.canonical import decode, encode
from chain_engine.ledger.bridge.certify import CertifyPayload, certify
from chain_engine.ledger.bridge.receive import DeliverPayload, receive
from chain_engine.ledger.bridge.settle import SettlePayload, settle
from chain_engine.primitives.errors import ChainError


@pytest.fixture(scope="module")
def settled() -> Pair:
    """A message sent, delivered and certified back: all three relay steps can be tried."""
    pair = build_pair(main_delegates=4, side_delegates=4)
    pair.send(pair.main, ALICE)
    pair.deliver(pair.main)
    pair.send(pair.main, ALICE, amount=7)
    pair.certify(pair.main)
    pair.certify(pair.side)
    return pair


def refused(chain: MemoryChain, kind: str, payload) -> str:
    return chain.refusal(RELAYER, kind, payload, fee=0)


def test_a_certificate_without_a_quorum_is_refused(settled):
    payload = settled.certify_payload(settled.main)
    for signers in ({0}, {0, 1}):
        few = settled.main.certify(payload.header, signers)
        wrong = replace(payload, certificate=few)
        assert refused(settled.side, "chain.certify", wrong) == "INVALID_CERTIFICATE"


def test_signatures_by_others_are_refused(settled):
    payload = settled.certify_payload(settled.main)
    thieves = settled.side.certify(payload.header)
    wrong = replace(payload, certificate=thieves)
    assert refused(settled.side, "chain.certify", wrong) == "INVALID_CERTIFICATE"


def test_one_signature_given_three_times_is_no_quorum(settled):
    payload = settled.certify_payload(settled.main)
    good = payload.certificate
    repeated = replace(good, signatures=(good.signatures[0],) * 4)
    wrong = replace(payload, certificate=repeated)
    assert refused(settled.side, "chain.certify", wrong) == "INVALID_CERTIFICATE"


def test_a_delegate_set_made_up_for_the_header_is_refused(settled):
    payload = settled.certify_payload(settled.main)
    own = DelegateSet((Delegate(key=ALICE.public, weight=1),))
    wrong = replace(payload, delegates=own)
    assert refused(settled.side, "chain.certify", wrong) == "UNTRUSTED_HEADER"


def test_a_header_of_another_chain_is_refused(settled):
    payload = settled.certify_payload(settled.side)
    wrong = replace(payload, peer=settled.main.chain_id)
    assert refused(settled.side, "chain.certify", wrong) == "UNTRUSTED_HEADER"


def test_a_header_past_the_trusting_period_is_refused():
    pair = build_pair(trusting_period_ms=50_000)
    pair.side.forge()
    pair.main.forge(later_ms=60_000)
    assert refused(pair.main, "chain.certify", pair.certify_payload(pair.side)) == (
        "UNTRUSTED_HEADER"
    )


def test_a_commitment_of_another_peer_or_with_other_figures_is_refused(settled):
    payload = settled.deliver_payload(settled.main)
    proof = payload.commitment
    for changed in (
        replace(proof.commitment, peer=settled.main.chain_id),
        replace(proof.commitment, outbox_size=proof.commitment.outbox_size + 1),
        replace(proof.commitment, outbox_root=bytes(32)),
        replace(proof.commitment, version=2),
    ):
        wrong = replace(payload, commitment=replace(proof, commitment=changed))
        assert refused(settled.side, "chain.deliver", wrong) == "COMMITMENT_NOT_PROVEN"


def test_a_proof_for_another_header_is_refused_with_the_certified_height(settled):
    payload = settled.deliver_payload(settled.main)
    wrong = replace(payload, height=payload.height - 1)
    assert refused(settled.side, "chain.deliver", wrong) == "STALE_PROOF"


def test_a_changed_message_is_refused(settled):
    payload = settled.deliver_payload(settled.main)
    proven = payload.messages[0]
    for changed in (
        replace(proven.message, amount=proven.message.amount + 1),
        replace(proven.message, recipient=account_of(ALICE)),
        replace(proven.message, fee=0),
    ):
        wrong = replace(payload, messages=(replace(proven, message=changed),))
        assert refused(settled.side, "chain.deliver", wrong) == "MESSAGE_NOT_PROVEN"


def test_a_changed_ack_is_refused(settled):
    payload = settled.settle_payload(settled.main)
    proven = payload.acks[0]
    for changed in (
        replace(proven.ack, status=int(AckStatus.FAILED), code="X"),
        replace(proven.ack, status=int(AckStatus.EXPIRED)),
    ):
        wrong = replace(payload, acks=(replace(proven, ack=changed),))
        assert refused(settled.main, "chain.settle", wrong) == "ACK_NOT_PROVEN"


def test_an_ack_that_the_header_does_not_hold_yet_is_refused(settled):
    payload = settled.settle_payload(settled.main)
    path = replace(payload.acks[0].path, index=1, size=2)
    later = replace(payload.acks[0], ack=replace(payload.acks[0].ack, seq=1), path=path)
    wrong = replace(payload, acks=(payload.acks[0], later))
    assert refused(settled.main, "chain.settle", wrong) == "ACK_NOT_PROVEN"


def bits_of(raw: bytes):
    for place in range(8 * len(raw)):
        changed = bytearray(raw)
        changed[place // 8] ^= 1 << (place % 8)
        yield bytes(changed)


def test_no_bit_of_a_header_certificate_or_delegate_set_can_be_changed(settled):
    raw = encode(settled.certify_payload(settled.main))
    ledger = settled.ledger(settled.side)
    for changed in bits_of(raw):
        with pytest.raises(ChainError), ledger.step():
            certify(ledger, decode(changed, CertifyPayload))
    assert ledger.writes() == {}
    certify(ledger, decode(raw, CertifyPayload))


def test_no_bit_of_a_message_or_its_proof_can_be_changed(settled):
    raw = encode(settled.deliver_payload(settled.main))
    ledger = settled.ledger(settled.side)
    for changed in bits_of(raw):
        with pytest.raises(ChainError), ledger.step():
            receive(ledger, decode(changed, DeliverPayload), account_of(BOB), runs_calls=True)
    assert ledger.writes() == {}


def test_no_bit_of_an_ack_or_its_proof_can_be_changed(settled):
    raw = encode(settled.settle_payload(settled.main))
    ledger = settled.ledger(settled.main)
    for changed in bits_of(raw):
        with pytest.raises(ChainError), ledger.step():
            settle(ledger, decode(changed, SettlePayload), account_of(BOB))
    assert ledger.writes() == {}


def test_two_certified_headers_of_one_height_freeze_the_peer():
    pair = build_pair(side_delegates=4)
    pair.certify(pair.side)
    forked = replace(pair.side.tip, state_root=bytes(32))
    conflict = pair.certify_payload(
        pair.side, header=forked, certificate=pair.side.certify(forked, {0, 1, 2})
    )
    signed = pair.main.submit(RELAYER, "chain.certify", conflict, fee=0)
    assert pair.main.receipts[signed.id].events[0].name == "ChainFrozen"
    assert pair.peer(pair.main).status == PeerStatus.FROZEN
    pair.side.forge()
    for kind, payload in (
        ("chain.certify", pair.certify_payload(pair.side)),
        ("chain.send", pair.send_payload(pair.main)),
    ):
        fee = 0 if kind == "chain.certify" else 10_000
        assert pair.main.refusal(ALICE, kind, payload, fee=fee) == "CHAIN_NOT_ACTIVE"


def test_a_second_sidechain_has_its_own_queues():
    pair = build_pair()
    other = build_side(pair.main, "second", first_key=80)
    pair.main.submit(ALICE, "chain.register", registration_of(pair.main, other, "second"))
    second = Pair(pair.main, other)
    pair.send(pair.main, ALICE, amount=5)
    second.send(pair.main, ALICE, amount=6)
    pair.certify(pair.main)
    second.certify(pair.main)
    stolen = pair.deliver_payload(pair.main)
    assert other.refusal(RELAYER, "chain.deliver", stolen, fee=0) in (
        "COMMITMENT_NOT_PROVEN",
        "STALE_PROOF",
    )
    other.submit(RELAYER, "chain.deliver", second.deliver_payload(pair.main), fee=0)
    pair.side.submit(RELAYER, "chain.deliver", pair.deliver_payload(pair.main), fee=0)
