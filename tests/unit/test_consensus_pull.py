"""Anti-entropy: what an undecided node asks for, and what it is given."""

from support.consensus_core import Core

from chain_engine.blocks.block import block_id
from chain_engine.blocks.certificate import indexes_of
from chain_engine.consensus import events as ev
from chain_engine.consensus.messages import NIL, FirstVote, Proposal, Pull, SecondVote, Tip
from chain_engine.consensus.state import change


def pull_of(core: Core) -> Pull:
    core.time_out(ev.Timer.PULL)
    return core.of(ev.Ask)[-1].message


def answer(core: Core, pull: Pull) -> list:
    return [e.message for e in core.receive(pull, peer="asker") if isinstance(e, ev.Send)]


def test_an_undecided_node_pulls_and_comes_back():
    core = Core()
    pull = pull_of(core)
    assert (pull.height, pull.round) == (1, 0)
    assert core.new[-1].timer is ev.Timer.PULL


def test_a_pull_names_what_is_held():
    core = Core()
    identity = core.propose(0, core.block(0))
    core.firsts(0, identity, count=1)
    [held] = pull_of(core).held
    assert held.proposal
    assert indexes_of(held.first_votes) == sorted([core.own, core.others[0]])
    assert indexes_of(held.second_votes) == []


def test_an_answer_holds_what_is_missing_and_nothing_else():
    full, poor = Core(), Core()
    poor.own = full.own
    identity = full.lock_on(0)
    poor.receive(poor.first(poor.others[0], 0, identity))
    given = answer(full, pull_of(poor))
    kinds = sorted((type(message).__name__, getattr(message, "signer", None)) for message in given)
    assert [name for name, _ in kinds] == ["FirstVote", "FirstVote", "Proposal", "SecondVote"]
    assert all(m.signer != poor.others[0] for m in given if isinstance(m, FirstVote))


def test_a_node_that_was_given_the_answer_catches_up():
    full = Core()
    poor = Core(own=full.others[0])
    identity = full.lock_on(0)
    for message in answer(full, pull_of(poor)):
        poor.receive(message)
    poor.take(ev.Validated(identity, ev.Verdict.VALID))
    assert poor.own_votes(SecondVote, 0) == [identity]


def test_old_first_votes_are_pulled_for_exactly_the_proposed_block():
    core, liar = Core(), None
    block = core.block(0)
    identity = block_id(block.header)
    liar = core.others[0]
    core.time_out(ev.Timer.PROPOSAL)
    core.receive(core.first(liar, 0, NIL))
    core.fail_round(0)
    core.propose(1, block, valid_round=0)
    asked = pull_of(core).asked
    assert (asked.round, asked.block_id, indexes_of(asked.first_votes)) == (0, identity, [])

    helper = Core(own=core.others[1])
    helper.propose(0, block)
    helper.receive(helper.first(liar, 0, identity))
    helper.receive(helper.first(core.others[2], 0, identity))
    for message in answer(helper, pull_of(core)):
        core.receive(message)
    assert core.own_votes(FirstVote, 1) == [identity]


def test_a_later_round_is_shown_to_a_node_that_lags():
    ahead, behind = Core(), Core()
    ahead.time_out(ev.Timer.PROPOSAL)
    ahead.fail_round(0)
    ahead.propose(1, ahead.block(1))
    given = answer(ahead, pull_of(behind))
    assert any(isinstance(m, Proposal) and m.round == 1 for m in given)


def test_a_block_with_a_quorum_is_asked_for_by_id():
    core = Core()
    block = core.block(0)
    identity = block_id(block.header)
    core.time_out(ev.Timer.PROPOSAL)
    core.firsts(0, identity, count=3)
    pull = pull_of(core)
    assert pull.wanted == (identity,)
    helper = Core(own=core.others[0])
    helper.propose(0, block)
    assert any(isinstance(m, Proposal) for m in answer(helper, pull))


def test_a_peer_one_height_behind_gets_our_parents_certificate():
    core = Core()
    height = change(core.height, number=2, parent_certificate=None)
    core.state = change(core.state, height=height)
    assert answer(core, Pull(1, 0, (), None, ())) == [Tip(1, None)]


def test_a_pull_from_above_tells_that_we_are_behind():
    core = Core()
    core.receive(Pull(5, 0, (), None, ()), peer="far")
    assert core.of(ev.Behind) == [ev.Behind("far", 4)]


def test_pulling_stops_when_the_height_is_decided():
    core = Core()
    identity = core.lock_on(0)
    core.seconds(0, identity)
    before = len(core.of(ev.Ask))
    core.time_out(ev.Timer.PULL)
    assert len(core.of(ev.Ask)) == before
