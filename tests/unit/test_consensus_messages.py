"""Bytes of consensus messages: one encoding, bounded, signatures bound to chain, height, round."""

import msgspec
import pytest
from support.consensus_core import Core

from chain_engine.blocks.certificate import second_vote_hash
from chain_engine.codec.canonical import Malformed, NonCanonical
from chain_engine.consensus.evidence import state_message, statement_hash
from chain_engine.consensus.messages import (
    MESSAGE_BYTES_MAX,
    NIL,
    FirstVote,
    Proposal,
    Pull,
    QuorumAsked,
    RoundHeld,
    SecondVote,
    Tip,
    decode_message,
    encode_message,
    is_body_of_header,
    signed_hash,
)
from chain_engine.primitives.errors import LimitExceeded
from tools.simulator.scheme import CHAIN_ID

ID = bytes(range(32))
SIGNATURE = bytes(64)


def messages() -> list:
    core = Core()
    block = core.block(0)
    return [
        core.proposal(0, block),
        core.proposal(3, block, valid_round=0),
        FirstVote(1, 0, ID, None, 3, SIGNATURE),
        FirstVote(1, 7, NIL, None, 0, SIGNATURE),
        FirstVote(1, 7, ID, 4, 0, SIGNATURE),
        SecondVote(1, 0, ID, 3, SIGNATURE),
        Pull(1, 2, (RoundHeld(2, True, b"\x01", b""),), QuorumAsked(0, ID, b"\x03"), (ID,)),
        Pull(1, 0, (), None, ()),
        Tip(9, None),
    ]


@pytest.mark.parametrize("message", messages(), ids=lambda m: type(m).__name__)
def test_every_message_comes_back_from_its_bytes(message):
    assert decode_message(encode_message(message)) == message


def test_the_bytes_of_a_first_vote_are_fixed():
    """Golden bytes: kind 2, height, round, choice, valid round, signer, signature."""
    expected = "9702cd012c07c420" + ID.hex() + "0405c440" + SIGNATURE.hex()
    assert encode_message(FirstVote(300, 7, ID, 4, 5, SIGNATURE)).hex() == expected


def test_signed_hashes_are_fixed():
    """Golden hashes under a chain id of 32 bytes 0x11."""
    chain = b"\x11" * 32
    votes = (FirstVote(1, 0, ID, None, 3, SIGNATURE), SecondVote(1, 0, ID, 3, SIGNATURE))
    assert [signed_hash(vote, chain).hex()[:16] for vote in votes] == [
        "1d33136fc83b6293",
        "28dac5bee63beecc",
    ]
    assert signed_hash(votes[1], chain) == second_vote_hash(chain, 1, 0, ID)


def test_every_signed_field_and_the_chain_change_the_hash():
    base = FirstVote(1, 2, ID, None, 3, SIGNATURE)
    others = [
        FirstVote(2, 2, ID, None, 3, SIGNATURE),
        FirstVote(1, 3, ID, None, 3, SIGNATURE),
        FirstVote(1, 2, NIL, None, 3, SIGNATURE),
        FirstVote(1, 2, ID, 1, 3, SIGNATURE),
        FirstVote(1, 2, ID, 0, 3, SIGNATURE),
        SecondVote(1, 2, ID, 3, SIGNATURE),
    ]
    hashes = {signed_hash(vote, CHAIN_ID) for vote in [base, *others]}
    hashes.add(signed_hash(base, bytes(32)))
    assert len(hashes) == len(others) + 2


def test_a_statement_keeps_what_was_signed():
    core = Core()
    for message in messages()[:6]:
        assert statement_hash(state_message(message), CHAIN_ID) == signed_hash(message, CHAIN_ID)
    assert core.ignored == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc0",
        b"\x90",
        b"\x91\x63",
        encode_message(Tip(9, None))[:-1],
        encode_message(Tip(9, None)) + b"\x00",
        msgspec.msgpack.encode([2, 1, 0, ID, None, 500, SIGNATURE]),
        msgspec.msgpack.encode([2, 1, -1, ID, None, 3, SIGNATURE]),
        msgspec.msgpack.encode([2, 1, 0, ID + ID, None, 3, SIGNATURE]),
        msgspec.msgpack.encode([2, 1, 0, ID, None, 3, SIGNATURE[1:]]),
        msgspec.msgpack.encode([4, 1, 0, [[0, False, b"", b""]] * 5, None, []]),
        msgspec.msgpack.encode([4, 1, 0, [], None, [ID] * 5]),
    ],
)
def test_malformed_messages_are_refused(data):
    with pytest.raises(Malformed):
        decode_message(data)


def test_a_longer_integer_is_refused():
    data = encode_message(Tip(9, None)).replace(b"\x93\x05\x09", b"\x93\x05\xcc\x09")
    with pytest.raises(NonCanonical):
        decode_message(data)


def test_a_message_above_the_limit_is_not_looked_at():
    with pytest.raises(LimitExceeded):
        decode_message(bytes(MESSAGE_BYTES_MAX + 1))


def test_a_largest_proposal_fits():
    core = Core()
    block = core.block(0)
    large = msgspec.structs.replace(block, witness_hashes=(ID,) * 10_000)
    message = Proposal(1, 0, None, large, SIGNATURE)
    assert decode_message(encode_message(message)) == message


def test_the_body_must_be_the_one_the_header_names():
    block = Core().block(0)
    assert is_body_of_header(block)
    for change in (
        {"witness_hashes": (ID,)},
        {"evidence": (b"x",)},
    ):
        assert not is_body_of_header(msgspec.structs.replace(block, **change))
