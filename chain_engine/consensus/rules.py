"""The rules of arXiv:1807.04938, algorithm 1, applied until none applies any more.

Each rule looks at the whole state, acts at most once and says whether it did. Line numbers in the
docstrings are those of the algorithm. Weights stand for numbers of processes.
"""

from collections.abc import Callable

from chain_engine.blocks.certificate import Certificate, bitmap_of
from chain_engine.blocks.delegates import has_honest_member
from chain_engine.consensus import locking
from chain_engine.consensus.events import Build, Commit, Halt, Sign, Timer
from chain_engine.consensus.height import forger_of
from chain_engine.consensus.messages import NIL, FirstVote, Proposal, SecondVote
from chain_engine.consensus.records import QuorumRecord
from chain_engine.consensus.schedule import earliest_start_ms, proposal_wait_ms, vote_wait_ms
from chain_engine.consensus.state import NOT_STARTED, Check, Quorum, State, Step, Tally
from chain_engine.consensus.tally import forget_old_rounds
from chain_engine.consensus.turn import UNSIGNED, Turn, newest_proposal

PULL_INTERVAL_MS = 250
"""How often an undecided node asks peers for what it lacks."""


def apply_rules(turn: Turn) -> None:
    """Apply every rule until the state is at rest or waits for a signature."""
    while turn.state.step is not Step.DECIDED and turn.state.pending is None:
        if not any(rule(turn) for rule in RULES):
            return


def sign_again(turn: Turn) -> bool:
    """After a crash: what was about to be signed is signed again, byte for byte."""
    unsent = turn.state.unsent
    if unsent is None or not turn.state.signs:
        return False
    turn.update(unsent=None, pending=unsent)
    turn.emit(Sign(unsent))
    return True


def decide(turn: Turn) -> bool:
    """A quorum of second votes of any round commits its block (line 49)."""
    state = turn.state
    decision = state.decision
    if decision is None:
        return False
    check = turn.check_of(decision.block_id)
    if check is Check.INVALID:
        turn.update(step=Step.DECIDED)
        turn.emit(Halt("a quorum of second votes for an invalid block", decision.block_id))
        return True
    turn.want_validity(decision.block_id)
    if check is not Check.VALID:
        return False
    turn.update(step=Step.DECIDED)
    is_forger = state.own == forger_of(state.height, decision.round)
    turn.emit(Commit(decision.block_id, build_certificate(state, decision), is_forger))
    return True


def build_certificate(state: State, decision: Quorum) -> Certificate:
    """The certificate out of the second votes for the decided block."""
    votes = state.at(decision.round).second.votes
    signatures = {
        signer: vote.signature
        for signer, cast in votes.items()
        for vote in cast
        if vote.block_id == decision.block_id
    }
    return Certificate(
        height=state.height.number,
        round=decision.round,
        block_id=decision.block_id,
        signers=bitmap_of(set(signatures), len(state.height.delegates.members)),
        signatures=tuple(signatures[signer] for signer in sorted(signatures)),
    )


def skip_rounds(turn: Turn) -> bool:
    """More than a third of the weight was seen in a later round: go there (line 55)."""
    state = turn.state
    if not state.ahead:
        return False
    members = state.height.delegates.members
    weight = 0
    for signer, round_ in sorted(state.ahead.items(), key=lambda seen: -seen[1]):
        weight += members[signer].weight
        if has_honest_member(weight, state.height.total_weight):
            start_round(turn, round_)
            return True
    return False


def start_round(turn: Turn, round_: int) -> None:
    """Enter a round: forge if the slot is ours, else wait for the proposal (lines 11-21)."""
    state = turn.state
    if state.round == NOT_STARTED:
        turn.set_timer(Timer.PULL, PULL_INTERVAL_MS)
    ahead = {signer: seen for signer, seen in state.ahead.items() if seen > round_}
    turn.update(round=round_, step=Step.PROPOSAL, ahead=ahead)
    turn.state = forget_old_rounds(turn.state)
    turn.set_timer(Timer.PROPOSAL, proposal_wait_ms(state.height.parameters, round_))
    if state.signs and state.own == forger_of(state.height, round_):
        propose(turn)


def propose(turn: Turn) -> None:
    """Propose the valid block again, byte for byte, or have a new one built (lines 14-19)."""
    state = turn.state
    if state.valid is None:
        height = state.height
        time_ms = max(turn.now_ms, earliest_start_ms(height.parameters, height.parent))
        turn.emit(Build(height.number, state.round, time_ms))
        return
    identity, valid_round = state.valid.block_id, state.valid.round
    block = state.blocks[identity].block
    message = Proposal(state.height.number, state.round, valid_round, block, UNSIGNED)
    turn.sign(message, identity)


def vote_first(turn: Turn) -> bool:
    """Answer the round's proposal with a first vote (lines 22-33)."""
    state = turn.state
    if state.step is not Step.PROPOSAL:
        return False
    round_state = state.at(state.round)
    newest = newest_proposal(round_state)
    if newest is None:
        return False
    identity, proposal = newest
    valid_round = proposal.valid_round
    turn.want_validity(identity)
    check = turn.check_of(identity)
    if check is Check.INVALID:
        cast_first_vote(turn, NIL, None)
        return True
    if check is not Check.VALID:
        return False
    if valid_round is not None and not turn.has_quorum_for(state.at(valid_round).first, identity):
        return False
    allowed = round_state.is_timely and locking.may_first_vote(state.lock, identity, valid_round)
    cast_first_vote(turn, identity if allowed else NIL, valid_round if allowed else None)
    return True


def cast_first_vote(turn: Turn, choice: bytes, valid_round: int | None) -> None:
    """Move on to the first vote and cast it."""
    state = turn.state
    turn.update(step=Step.FIRST_VOTE)
    if state.signs:
        assert state.own is not None, "a signer is a member"
        number = state.height.number
        vote = FirstVote(number, state.round, choice, valid_round, state.own, UNSIGNED)
        turn.sign(vote, choice)


def lock_and_vote_second(turn: Turn) -> bool:
    """A quorum of first votes for a valid block: lock, second vote (lines 36-43)."""
    state = turn.state
    if state.step not in (Step.FIRST_VOTE, Step.SECOND_VOTE):
        return False
    round_ = state.round
    choice = quorum_choice(turn, state.at(round_).first)
    if choice is None or choice == NIL:
        return False
    turn.want_validity(choice)
    if turn.check_of(choice) is not Check.VALID:
        return False
    is_known = state.valid is not None and state.valid.round >= round_
    if is_known and state.step is Step.SECOND_VOTE:
        return False
    quorum = Quorum(round_, choice)
    will_lock = state.step is Step.FIRST_VOTE
    record = _quorum_record(turn.state, quorum, locked=will_lock)
    turn.update(valid=quorum)
    if will_lock:
        turn.update(lock=quorum)
        cast_second_vote(turn, choice, record)
    elif state.signs:
        turn.journal(record)
    return True


def vote_second_for_nil(turn: Turn) -> bool:
    """A quorum of first votes for nil: second vote for nil, the lock stays (lines 44-46)."""
    state = turn.state
    if state.step is not Step.FIRST_VOTE:
        return False
    if not turn.has_quorum_for(state.at(state.round).first, NIL):
        return False
    turn.update(lock=locking.lock_after_nil_quorum(state.lock))
    cast_second_vote(turn, NIL)
    return True


def cast_second_vote(turn: Turn, choice: bytes, *before: QuorumRecord) -> None:
    """Move on to the second vote and cast it; `before` is durable ahead of it."""
    state = turn.state
    turn.update(step=Step.SECOND_VOTE)
    if state.signs:
        assert state.own is not None, "a signer is a member"
        vote = SecondVote(state.height.number, state.round, choice, state.own, UNSIGNED)
        turn.sign(vote, choice, *before)


def wait_for_first_votes(turn: Turn) -> bool:
    """Any quorum of first votes: wait for stragglers, once (line 34)."""
    state = turn.state
    round_state = state.at(state.round)
    if state.step is not Step.FIRST_VOTE or round_state.first_timer_set:
        return False
    if not turn.has_any_quorum(round_state.first):
        return False
    turn.update_round(state.round, first_timer_set=True)
    turn.set_timer(Timer.FIRST_VOTES, vote_wait_ms(state.height.parameters, state.round))
    return True


def wait_for_second_votes(turn: Turn) -> bool:
    """Any quorum of second votes: wait for stragglers, once (line 47)."""
    state = turn.state
    round_state = state.at(state.round)
    if round_state.second_timer_set or not turn.has_any_quorum(round_state.second):
        return False
    turn.update_round(state.round, second_timer_set=True)
    turn.set_timer(Timer.SECOND_VOTES, vote_wait_ms(state.height.parameters, state.round))
    return True


def quorum_choice(turn: Turn, tally: Tally) -> bytes | None:
    """The choice with a quorum, if any: below 1/3 of traitors there is at most one."""
    return next((c for c in tally.weights if turn.has_quorum_for(tally, c)), None)


def _quorum_record(state: State, quorum: Quorum, *, locked: bool) -> QuorumRecord:
    votes = tuple(
        vote
        for cast in state.at(quorum.round).first.votes.values()
        for vote in cast
        if isinstance(vote, FirstVote) and vote.block_id == quorum.block_id
    )
    return QuorumRecord(state.height.number, quorum.round, quorum.block_id, votes, locked)


RULES: tuple[Callable[[Turn], bool], ...] = (
    sign_again,
    decide,
    skip_rounds,
    vote_first,
    lock_and_vote_second,
    vote_second_for_nil,
    wait_for_first_votes,
    wait_for_second_votes,
)
"""In order of precedence."""
