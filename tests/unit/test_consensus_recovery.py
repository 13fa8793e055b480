"""What is durable before it is sent, and what comes back after a crash."""

import pytest
from support.consensus_core import NOW_MS, Core, height_one, sign_as

from chain_engine.blocks.block import block_id
from chain_engine.consensus import events as ev
from chain_engine.consensus.abft import step
from chain_engine.consensus.height import Setup, forger_of
from chain_engine.consensus.messages import NIL, FirstVote, Proposal, SecondVote
from chain_engine.consensus.records import (
    BlockRecord,
    QuorumRecord,
    SigningRecord,
    decode_entry,
    encode_entry,
)
from chain_engine.consensus.recovery import recover
from chain_engine.consensus.state import Check, Step
from tools.simulator.scheme import CHAIN_ID, fake_key, is_fake_signature_valid


def journal_of(core: Core) -> list:
    """Records as the shell writes them, through their bytes."""
    records = []
    for entry in core.of(ev.Journal):
        blocks = tuple(BlockRecord(block, (b"body",)) for block in entry.blocks)
        records += decode_entry(encode_entry((*blocks, *entry.records)))
    return records


def restart(core: Core, records: list, *, last_signed=None, may_sign=True):
    setup = Setup(CHAIN_ID, fake_key(core.own), is_fake_signature_valid)
    return recover(
        setup, core.height, records, NOW_MS, may_sign=may_sign, transactions_wait=True,
        last_signed=last_signed,
    )  # fmt: skip


def position(core: Core) -> tuple[int, int, int]:
    last = core.signing_records()[-1]
    return (last.height, last.round, last.step)


def test_every_signature_is_journaled_before_it_is_asked_for():
    core = Core()
    core.lock_on(0)
    kinds = [type(e) for e in core.effects if isinstance(e, ev.Journal | ev.Sign | ev.Broadcast)]
    assert kinds == [ev.Journal, ev.Sign, ev.Broadcast] * 2


def test_the_lock_its_quorum_and_its_block_are_in_the_entry_of_the_second_vote():
    core = Core()
    identity = core.lock_on(0)
    first, second = core.of(ev.Journal)
    assert first.block_ids == (identity,)
    quorum, signing = second.records
    assert isinstance(quorum, QuorumRecord)
    assert (quorum.round, quorum.block_id, quorum.locked) == (0, identity, True)
    assert len(quorum.votes) == 3
    assert isinstance(signing, SigningRecord)
    assert second.blocks == (), "a block is written once"


def test_a_locked_delegate_comes_back_locked_in_the_same_step():
    core = Core()
    core.lock_on(0)
    state, effects = restart(core, journal_of(core), last_signed=position(core))
    assert (state.lock, state.valid) == (core.state.lock, core.state.valid)
    assert (state.round, state.step) == (0, Step.SECOND_VOTE)
    [sign] = [e for e in effects if isinstance(e, ev.Sign)]
    assert sign.message.block_id == core.state.lock.block_id


def test_what_was_signed_before_the_last_step_is_sent_again_with_its_signature():
    core = Core()
    core.lock_on(0)
    _, effects = restart(core, journal_of(core), last_signed=position(core))
    [again] = [e.message for e in effects if isinstance(e, ev.Broadcast)]
    [original] = [e.message for e in core.of(ev.Broadcast) if isinstance(e.message, FirstVote)]
    assert again == original


def test_recovered_blocks_are_executed_again_before_anything_rests_on_them():
    core = Core()
    identity = core.lock_on(0)
    state, effects = restart(core, journal_of(core))
    assert state.blocks[identity].check is Check.CHECKING
    assert [e.block_id for e in effects if isinstance(e, ev.Validate)] == [identity]


def test_a_recovered_proposal_is_the_same():
    core = Core(own=forger_of(height_one(), 0))
    block = core.block(0)
    core.take(ev.Built(1, 0, block_id(block.header), block))
    records = journal_of(core)[:2]
    assert isinstance(records[1], SigningRecord)
    _, effects = restart(core, records)
    [sign] = [e for e in effects if isinstance(e, ev.Sign)]
    assert isinstance(sign.message, Proposal)
    assert sign.message.block == block
    assert not any(isinstance(e, ev.Build) for e in effects)


@pytest.mark.parametrize("kept", range(5))
def test_after_losing_any_tail_of_the_journal_nothing_different_is_signed(kept):
    """The sign-state may be at most one record behind: it is written after the journal."""
    core = Core()
    core.lock_on(0)
    core.fail_round(0)
    core.propose(1, core.block(1, salt=1))
    entries = core.of(ev.Journal)[: kept or None]
    last = [r for e in entries for r in e.records if isinstance(r, SigningRecord)][-1]
    records = []
    for entry in entries:
        records += [BlockRecord(block, ()) for block in entry.blocks] + list(entry.records)
    state, effects = restart(core, records, last_signed=(last.height, last.round, last.step))
    [sign] = [e for e in effects if isinstance(e, ev.Sign)]
    assert (sign.message.round, sign.message.block_id) == (last.round, last.block_id)
    signed = ev.Signed(sign_as(core.own, sign.message))
    state, effects = step(state, signed, NOW_MS)
    assert not any(isinstance(e, ev.Sign) for e in effects)


def test_a_journal_behind_the_sign_state_bars_the_height():
    core = Core()
    core.lock_on(0)
    for records in ([], journal_of(core)[:2]):
        state, effects = restart(core, records, last_signed=position(core))
        assert not state.signs
        assert not any(isinstance(e, ev.Sign) for e in effects)


def test_an_allowed_height_stays_barred():
    core = Core()
    core.lock_on(0)
    state, _ = restart(core, [], last_signed=position(core))
    state, effects = step(state, ev.SigningAllowed(allowed=True), NOW_MS)
    state, effects = step(state, ev.TimedOut(ev.Timer.PROPOSAL, 1, 0), NOW_MS)
    assert not any(isinstance(e, ev.Sign) for e in effects)


def test_a_node_that_catches_up_first_signs_again_once_allowed():
    core = Core()
    core.lock_on(0)
    state, effects = restart(core, journal_of(core), may_sign=False)
    assert not any(isinstance(e, ev.Sign) for e in effects)
    _, effects = step(state, ev.SigningAllowed(allowed=True), NOW_MS)
    assert len([e for e in effects if isinstance(e, ev.Sign)]) == 1


def test_records_of_another_height_are_not_used():
    core = Core()
    core.lock_on(0)
    records = [r for r in journal_of(core) if isinstance(r, QuorumRecord)]
    other = [QuorumRecord(9, r.round, r.block_id, r.votes, r.locked) for r in records]
    state, _ = restart(core, other)
    assert state.lock is None


def test_a_refused_signature_is_silence_not_a_failure():
    core = Core()
    core.receive(core.proposal(0, core.block(0)))
    identity = next(iter(core.state.blocks))
    state, effects = step(core.state, ev.Validated(identity, ev.Verdict.VALID), NOW_MS)
    [sign] = [e for e in effects if isinstance(e, ev.Sign)]
    state, effects = step(state, ev.Refused(sign.message), NOW_MS)
    assert state.step is Step.FIRST_VOTE
    assert not any(isinstance(e, ev.Broadcast) for e in effects)


def test_no_event_comes_between_a_signature_and_its_answer():
    core = Core()
    core.receive(core.proposal(0, core.block(0)))
    identity = next(iter(core.state.blocks))
    state, _ = step(core.state, ev.Validated(identity, ev.Verdict.VALID), NOW_MS)
    with pytest.raises(AssertionError, match="answered before all else"):
        step(state, ev.TransactionsWaiting(), NOW_MS)


def test_all_that_all_delegates_signed_survives_a_crash_of_everybody():
    """Own votes of every earlier step come back, so no quorum is lost for ever."""
    core = Core()
    core.time_out(ev.Timer.PROPOSAL)
    core.firsts(0, NIL)
    assert core.own_votes(SecondVote, 0) == [NIL]
    state, _ = restart(core, journal_of(core), last_signed=position(core))
    assert set(state.at(0).first.votes) == {core.own}
