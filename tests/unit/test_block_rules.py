"""The first block, and what ties a block to its parent."""

import pytest

from chain_engine.blocks.block import NO_HASH, Block, Header, block_id, next_seed
from chain_engine.blocks.certificate import (
    Certificate,
    InvalidCertificate,
    bitmap_of,
    certificate_hash,
    second_vote_hash,
)
from chain_engine.blocks.delegates import Delegate, DelegateSet, InvalidDelegates
from chain_engine.blocks.genesis import Genesis, build_genesis_block, chain_id_of
from chain_engine.blocks.parameters import (
    ChainParameters,
    FeeSchedule,
    InvalidParameters,
    Timeouts,
    parameters_hash,
    verify_parameters,
)
from chain_engine.blocks.rules import ChainPosition, InvalidBlock, verify_links
from chain_engine.crypto.keys import SecretKey
from chain_engine.crypto.merkle import EMPTY_ROOT, merkle_root

KEYS = sorted((SecretKey(bytes([i]) * 32) for i in range(1, 5)), key=lambda key: key.public)
DELEGATES = DelegateSet(tuple(Delegate(key.public, 1) for key in KEYS))
PARAMETERS = ChainParameters(
    version=1, machine="acc-ledger/1", machine_hash=NO_HASH, consensus="abft",
    block_interval_ms=50, idle_interval_ms=1_000, clock_bound_ms=100,
    timeouts=Timeouts(10, 1, 10, 1), epoch_blocks=10, checkpoint_blocks=5,
    trusting_period_ms=100_000, block_transactions_max=100, block_bytes_max=10_000,
    block_gas_max=5, transaction_gas_max=5, refusals="left_out", fees=FeeSchedule("ACC", 1, 0, 1),
)  # fmt: skip
STATE_ROOT = b"\x77" * 32


def replace(struct, **fields):
    names = struct.__struct_fields__
    return type(struct)(**{name: fields.get(name, getattr(struct, name)) for name in names})


def genesis(**fields) -> Genesis:
    whole = Genesis(1, "test", 1_000, PARAMETERS, DELEGATES, {}, ())
    return replace(whole, **fields)


FIRST = build_genesis_block(genesis(), STATE_ROOT)
CHAIN = chain_id_of(FIRST)


def position(tip: Header) -> ChainPosition:
    return ChainPosition(CHAIN, tip, DELEGATES, DELEGATES, PARAMETERS)


def certify(of: Header, signers=(0, 1, 2)) -> Certificate:
    vote = second_vote_hash(CHAIN, of.height, of.round, block_id(of))
    signatures = tuple(KEYS[index].sign(vote) for index in signers)
    return Certificate(of.height, of.round, block_id(of), bitmap_of(set(signers), 4), signatures)


def child(tip: Header, certificate: Certificate | None, **fields) -> Block:
    header = Header(
        version=1, chain_id=CHAIN, height=tip.height + 1, round=0, time_ms=tip.time_ms + 50,
        parent_id=block_id(tip), transactions_root=EMPTY_ROOT, receipts_root=EMPTY_ROOT,
        state_root=STATE_ROOT, bridge_root=EMPTY_ROOT, delegates_hash=tip.next_delegates_hash,
        next_delegates_hash=tip.next_delegates_hash, parameters_hash=tip.parameters_hash,
        evidence_root=EMPTY_ROOT, seed=next_seed(tip.seed, b""), consensus_root=NO_HASH,
        parent_certificate_hash=NO_HASH if certificate is None else certificate_hash(certificate),
        forger=KEYS[0].public,
    )  # fmt: skip
    return Block(replace(header, **fields), (), (), b"", certificate)


def verify(tip: Header, block: Block, hashes=()) -> None:
    verify_links(position(tip), block, hashes, check_parent=True)


ONE = child(FIRST.header, None).header


def test_genesis_has_zeros_where_there_is_nothing_before_it():
    header = FIRST.header
    zeros = ("chain_id", "parent_id", "parent_certificate_hash", "consensus_root")
    assert {getattr(header, name) for name in zeros} == {NO_HASH}
    assert (header.height, header.round, header.forger) == (0, 0, b"")
    assert header.delegates_hash == header.next_delegates_hash
    assert header.parameters_hash == parameters_hash(PARAMETERS)


@pytest.mark.parametrize(
    "other",
    [
        genesis(name="tesu"), genesis(time_ms=1_001),
        genesis(delegates=DelegateSet(DELEGATES.members[:3])),
        genesis(parameters=replace(PARAMETERS, epoch_blocks=20)),
    ],
)  # fmt: skip
def test_everything_in_the_genesis_decides_the_chain_id(other):
    assert chain_id_of(build_genesis_block(other, STATE_ROOT)) != CHAIN
    assert chain_id_of(build_genesis_block(genesis(), b"\x78" * 32)) != CHAIN


def test_a_genesis_that_breaks_a_rule_is_refused():
    with pytest.raises(InvalidDelegates):
        build_genesis_block(genesis(delegates=DelegateSet(())), STATE_ROOT)
    with pytest.raises(InvalidParameters):
        build_genesis_block(genesis(parameters=replace(PARAMETERS, version=2)), STATE_ROOT)


def test_all_wrong_parameters_are_named_at_once():
    wrong = replace(PARAMETERS, block_interval_ms=49, checkpoint_blocks=3, consensus="none")
    with pytest.raises(InvalidParameters) as caught:
        verify_parameters(wrong)
    assert len(caught.value.values["problems"]) == 3


def test_blocks_one_and_two_fit():
    verify(FIRST.header, child(FIRST.header, None))
    verify(ONE, child(ONE, certify(ONE)))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", 2), ("chain_id", b"\x01" * 32), ("height", 3), ("height", 1),
        ("parent_id", NO_HASH), ("transactions_root", NO_HASH), ("delegates_hash", NO_HASH),
        ("parameters_hash", NO_HASH), ("evidence_root", NO_HASH), ("seed", NO_HASH),
        ("parent_certificate_hash", NO_HASH), ("consensus_root", b"\x01" * 32),
        ("time_ms", ONE.time_ms), ("forger", b""),
        ("forger", SecretKey(b"\x09" * 32).public),
    ],
)  # fmt: skip
def test_a_field_that_does_not_follow_from_the_parent_is_named(field, value):
    with pytest.raises(InvalidBlock) as caught:
        verify(ONE, child(ONE, certify(ONE), **{field: value}))
    assert caught.value.values["field"] == field


def test_the_transactions_root_is_over_the_witness_hashes_of_the_body():
    hashes = [b"\x01" * 32, b"\x02" * 32]
    block = child(ONE, certify(ONE), transactions_root=merkle_root(hashes))
    verify(ONE, block, hashes)
    for other in (hashes[::-1], hashes[:1], []):
        with pytest.raises(InvalidBlock):
            verify(ONE, block, other)


@pytest.mark.parametrize(
    "certificate", [None, certify(FIRST.header), certify(replace(ONE, round=1))]
)
def test_the_parents_certificate_must_be_there_and_of_the_parent(certificate):
    with pytest.raises(InvalidBlock) as caught:
        verify(ONE, child(ONE, certificate))
    assert caught.value.values["field"] == "parent_certificate"


def test_block_one_carries_no_certificate():
    with pytest.raises(InvalidBlock):
        verify(FIRST.header, child(FIRST.header, certify(FIRST.header)))


def test_a_parent_certificate_without_quorum_is_refused_where_it_is_checked():
    block = child(ONE, certify(ONE, (0, 1)))
    with pytest.raises(InvalidCertificate):
        verify(ONE, block)
    verify_links(position(ONE), block, (), check_parent=False)


def test_nothing_may_stand_in_the_parts_of_the_body_that_version_one_leaves_empty():
    block = child(ONE, certify(ONE))
    with_preimage = replace(
        block,
        preimage=b"p",
        header=replace(block.header, seed=next_seed(ONE.seed, b"p")),
    )
    evidence = replace(
        block,
        evidence=(b"e",),
        header=replace(block.header, evidence_root=merkle_root([b"e"])),
    )
    for wrong in (with_preimage, evidence):
        with pytest.raises(InvalidBlock):
            verify(ONE, wrong)
