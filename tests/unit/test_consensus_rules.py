"""The voting rules of docs/spec/08-consensus.md section 4, one by one."""

import pytest
from support.consensus_core import NOW_MS, Core, height_one

from chain_engine.blocks.block import block_id
from chain_engine.consensus import events as ev
from chain_engine.consensus.height import forger_of
from chain_engine.consensus.messages import NIL, FirstVote, Proposal, SecondVote
from chain_engine.consensus.state import Quorum, Step
from tools.simulator.scheme import PARAMETERS


def test_a_valid_timely_proposal_gets_the_first_vote():
    core = Core()
    identity = core.propose(0, core.block(0))
    assert core.own_votes(FirstVote, 0) == [identity]


def test_no_first_vote_before_the_block_was_executed():
    core = Core()
    core.receive(core.proposal(0, core.block(0)))
    assert len(core.of(ev.Validate)) == 1
    assert core.own_votes(FirstVote, 0) == []


def test_an_invalid_block_gets_a_first_vote_for_nil():
    core = Core()
    core.propose(0, core.block(0), verdict="invalid")
    assert core.own_votes(FirstVote, 0) == [NIL]


def test_a_missing_proposal_gets_a_first_vote_for_nil_after_the_wait():
    core = Core()
    core.time_out(ev.Timer.PROPOSAL)
    assert core.own_votes(FirstVote, 0) == [NIL]


@pytest.mark.parametrize(("offset", "is_voted"), [(0, True), (1000, True), (1001, False)])
def test_a_new_block_must_lie_within_the_clock_bound(offset, is_voted):
    core = Core()
    block = core.block(0, time_ms=NOW_MS + offset)
    identity = core.propose(0, block)
    assert core.own_votes(FirstVote, 0) == [identity if is_voted else NIL]


def test_the_clock_bound_grows_with_the_round():
    core = Core()
    core.time_out(ev.Timer.PROPOSAL)
    core.firsts(0, NIL)
    core.fail_round(0)
    identity = core.propose(1, core.block(1, time_ms=NOW_MS + 2 * PARAMETERS.clock_bound_ms))
    assert core.own_votes(FirstVote, 1) == [identity]


def test_a_block_proposed_again_is_not_timed_again():
    core = Core()
    block = core.block(0)
    core.time_out(ev.Timer.PROPOSAL)
    core.firsts(0, block_id(block.header), count=3)
    core.fail_round(0)
    core.now_ms += 3_600_000
    identity = core.propose(1, block, valid_round=0)
    assert core.own_votes(FirstVote, 1) == [identity]


def test_a_first_vote_quorum_locks_and_triggers_the_second_vote():
    core = Core()
    identity = core.lock_on(0)
    assert core.state.lock == core.state.valid == Quorum(0, identity)


def test_a_locked_delegate_refuses_another_block():
    core = Core()
    core.lock_on(0)
    core.fail_round(0)
    core.propose(1, core.block(1, salt=1))
    assert core.own_votes(FirstVote, 1) == [NIL]


def test_a_locked_delegate_votes_for_its_block_again():
    core = Core()
    block = core.block(0)
    identity = core.lock_on(0)
    core.fail_round(0)
    core.propose(1, block, valid_round=0)
    assert core.own_votes(FirstVote, 1) == [identity]


def test_a_newer_quorum_moves_the_lock():
    core = Core()
    core.lock_on(0)
    core.fail_round(0)
    identity = core.propose(1, core.block(1, salt=1))
    core.firsts(1, identity, count=3)
    assert core.own_votes(FirstVote, 1) == [NIL]
    assert core.own_votes(SecondVote, 1) == [identity]
    assert core.state.lock == Quorum(1, identity)


def test_a_block_with_a_newer_quorum_gets_the_first_vote_of_a_locked_delegate():
    core = Core()
    core.lock_on(0)
    core.fail_round(0)
    other = core.block(1, salt=1)
    identity = core.propose(1, other)
    core.fail_round(1)
    core.firsts(1, identity, count=3)
    assert core.state.lock.round == 0
    core.time_out(ev.Timer.PROPOSAL)
    core.firsts(2, NIL)
    core.fail_round(2)
    core.propose(3, other, valid_round=1)
    assert core.own_votes(FirstVote, 3) == [identity]


def test_an_older_quorum_does_not_release_the_lock():
    core = Core()
    old = core.block(0)
    core.time_out(ev.Timer.PROPOSAL)
    core.firsts(0, block_id(old.header), count=3)
    core.fail_round(0)
    core.lock_on(1, salt=1)
    core.fail_round(1)
    core.time_out(ev.Timer.PROPOSAL)
    core.firsts(2, NIL)
    core.fail_round(2)
    core.propose(3, old, valid_round=0)
    assert core.own_votes(FirstVote, 3) == [NIL]


def test_a_block_proposed_again_waits_for_the_old_first_votes():
    core = Core()
    block = core.block(0)
    core.time_out(ev.Timer.PROPOSAL)
    core.fail_round(0)
    identity = core.propose(1, block, valid_round=0)
    assert core.own_votes(FirstVote, 1) == []
    core.firsts(0, identity, count=3)
    assert core.own_votes(FirstVote, 1) == [identity]


def test_a_nil_quorum_keeps_the_lock():
    core = Core()
    identity = core.lock_on(0)
    core.fail_round(0)
    core.propose(1, core.block(1, salt=1))
    core.firsts(1, NIL)
    assert core.own_votes(SecondVote, 1) == [NIL]
    assert core.state.lock == Quorum(0, identity)


def test_a_quorum_seen_after_the_second_vote_makes_the_block_valid_but_not_locked():
    core = Core()
    identity = core.propose(0, core.block(0))
    core.firsts(0, NIL, count=2)
    core.time_out(ev.Timer.FIRST_VOTES)
    assert core.own_votes(SecondVote, 0) == [NIL]
    for signer in core.others[:2]:
        core.receive(core.first(signer, 0, identity))
    assert core.state.lock is None
    assert core.state.valid == Quorum(0, identity)


def test_the_valid_block_is_proposed_again_byte_for_byte():
    core = Core(own=forger_of(height_one(), 1))
    block = core.block(0)
    core.lock_on(0)
    core.fail_round(0)
    [again] = [e.message for e in core.of(ev.Broadcast) if isinstance(e.message, Proposal)]
    assert (again.round, again.valid_round) == (1, 0)
    assert again.block == block


def test_a_forger_without_a_valid_block_builds_one():
    core = Core(own=forger_of(height_one(), 0))
    [build] = core.of(ev.Build)
    block = core.block(0)
    core.take(ev.Built(build.height, build.round, block_id(block.header), block))
    [proposal] = [e.message for e in core.of(ev.Broadcast) if isinstance(e.message, Proposal)]
    assert proposal.block == block
    assert core.own_votes(FirstVote, 0) == [block_id(block.header)]


def test_a_block_built_too_late_is_not_proposed():
    core = Core(own=forger_of(height_one(), 0))
    core.time_out(ev.Timer.PROPOSAL)
    block = core.block(0)
    core.take(ev.Built(1, 0, block_id(block.header), block))
    assert "built too late" in core.ignored


def test_a_round_is_not_left_before_its_second_vote_timeout():
    core = Core()
    core.lock_on(0)
    core.seconds(0, NIL, count=3)
    assert core.state.round == 0
    timers = [e for e in core.of(ev.SetTimer) if e.timer is ev.Timer.SECOND_VOTES]
    assert len(timers) == 1
    core.time_out(ev.Timer.SECOND_VOTES)
    assert core.state.round == 1


def test_a_second_vote_quorum_of_an_old_round_commits():
    core = Core()
    identity = core.lock_on(0)
    core.fail_round(0)
    assert core.state.round == 1
    votes = [core.second(core.others[2], 0, identity)]
    votes += [core.second(signer, 0, identity) for signer in core.others[:1]]
    for vote in votes:
        core.receive(vote)
    [commit] = core.of(ev.Commit)
    assert commit.block_id == identity
    assert commit.certificate.round == 0
    assert core.state.step is Step.DECIDED


def test_a_third_of_the_weight_ahead_moves_nobody_but_more_does():
    core = Core()
    core.receive(core.first(core.others[0], 3, NIL))
    assert core.state.round == 0
    core.receive(core.second(core.others[1], 5, NIL))
    assert core.state.round == 3


def test_far_rounds_are_remembered_by_name_only():
    core = Core()
    for round_ in range(1000, 1100):
        core.receive(core.first(core.others[0], round_, NIL))
    assert core.state.rounds == {}
    assert core.state.ahead == {core.others[0]: 1099}


def test_weights_decide_not_heads():
    height = height_one((10, 1, 1, 1))
    core = Core(own=3, height=height)
    if forger_of(height, 0) == 3:
        pytest.skip("the order changed: our own slot")
    identity = core.propose(0, core.block(0))
    core.receive(core.first(0, 0, identity))
    assert core.own_votes(SecondVote, 0) == [identity]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"parent_id": bytes(32)}, "header of another parent"),
        ({"chain_id": bytes(32)}, "header of another height or chain"),
        ({"height": 2}, "header of another height or chain"),
        ({"round": 1}, "header of another round"),
        ({"forger": bytes(33)}, "header of another forger"),
        ({"time_ms": NOW_MS - 1}, "header before the block interval is over"),
        ({"transactions_root": bytes(32)}, "body of another header"),
        ({"evidence_root": bytes(32)}, "body of another header"),
        ({"parent_certificate_hash": b"\1" * 32}, "body of another header"),
    ],
)
def test_a_proposal_with_a_wrong_header_is_ignored(change, reason):
    core = Core()
    core.receive(core.proposal(0, core.block(0, **change)))
    assert core.ignored == [reason]
    assert core.state.blocks == {}


def test_a_proposal_of_the_wrong_forger_is_ignored():
    core = Core()
    core.receive(core.proposal(0, core.block(0), signer=forger_of(core.height, 1)))
    assert core.ignored == ["bad signature"]


def test_a_valid_round_must_lie_below_the_round():
    core = Core()
    core.receive(core.proposal(1, core.block(0), valid_round=1))
    assert core.ignored == ["valid round not below the round"]


def test_votes_that_do_not_count_are_ignored_with_a_reason():
    core = Core()
    good = core.first(core.others[0], 0, NIL)
    core.receive(good)
    core.receive(good)
    core.receive(core.first(core.others[1], 0, NIL).__class__(1, 0, NIL, None, 99, good.signature))
    core.receive(FirstVote(1, 0, NIL, None, core.others[1], good.signature))
    core.receive(FirstVote(1, 0, b"short", None, core.others[1], good.signature))
    core.receive(FirstVote(9, 0, NIL, None, core.others[1], good.signature))
    core.receive(FirstVote(0, 0, NIL, None, core.others[1], good.signature))
    assert core.ignored == [
        "duplicate", "unknown signer", "bad signature", "malformed choice", "future height",
        "old height",
    ]  # fmt: skip
    assert core.state.at(0).first.weight == 1


def test_two_votes_of_one_delegate_are_evidence_and_count_once_per_choice():
    core = Core()
    identity = core.propose(0, core.block(0))
    liar = core.others[0]
    core.receive(core.first(liar, 0, NIL))
    core.receive(core.first(liar, 0, identity))
    core.receive(core.first(liar, 0, identity, valid_round=0))
    [accusation] = core.of(ev.Accuse)
    assert accusation.evidence.key == core.height.delegates.members[liar].key
    tally = core.state.at(0).first
    assert tally.weights == {NIL: 1, identity: 2}
    assert tally.weight == 2


def test_a_liar_fills_no_memory():
    core = Core()
    for salt in range(50):
        core.receive(core.first(core.others[0], 0, bytes([salt]) * 32))
    assert len(core.state.at(0).first.votes[core.others[0]]) == 2


def test_two_proposals_of_one_forger_are_evidence_and_the_first_counts():
    core = Core()
    identity = core.propose(0, core.block(0))
    core.receive(core.proposal(0, core.block(0, salt=1)))
    core.receive(core.proposal(0, core.block(0, salt=2)))
    [accusation] = core.of(ev.Accuse)
    assert accusation.evidence.first.step == 1
    assert core.own_votes(FirstVote, 0) == [identity]
    assert "too many proposals of one forger" in core.ignored


def test_a_block_with_a_quorum_is_taken_even_from_a_cheating_forger():
    core = Core()
    core.propose(0, core.block(0))
    core.receive(core.proposal(0, core.block(0, salt=1)))
    third = core.block(0, salt=2)
    identity = block_id(third.header)
    core.firsts(0, identity, count=3)
    core.propose(0, third)
    assert core.own_votes(SecondVote, 0) == [identity]


def test_two_certified_blocks_halt_loudly():
    core = Core()
    for salt in (1, 2):
        for signer in core.others:
            core.receive(core.second(signer, salt, bytes([salt]) * 32))
    assert len(core.of(ev.Halt)) == 1


def test_a_certified_invalid_block_halts_loudly():
    core = Core()
    identity = core.propose(0, core.block(0), verdict="invalid")
    core.seconds(0, identity, count=3)
    assert len(core.of(ev.Halt)) == 1
    assert core.of(ev.Commit) == []


def test_unavailable_bodies_are_tried_again():
    core = Core()
    identity = core.propose(0, core.block(0), verdict="unavailable")
    assert core.own_votes(FirstVote, 0) == []
    core.time_out(ev.Timer.PULL)
    core.take(ev.Validated(identity, ev.Verdict.VALID))
    assert core.own_votes(FirstVote, 0) == [identity]


def test_one_delegate_alone_decides():
    core = Core(own=0, height=height_one((1,)))
    block = core.block(0)
    core.take(ev.Built(1, 0, block_id(block.header), block))
    [commit] = core.of(ev.Commit)
    assert commit.certificate.signers == b"\x01"
    assert commit.announce
