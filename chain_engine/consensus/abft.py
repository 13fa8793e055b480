"""ABFT, the consensus of every chain: proposal, two votes, lock, certificate.

`begin` enters a height, `step` takes one event; both are pure. Weighted Tendermint after
arXiv:1807.04938; docs/spec/08-consensus.md states every rule.
"""

from collections.abc import Iterable
from typing import assert_never

from chain_engine.blocks.block import block_id
from chain_engine.consensus.events import (
    Ask,
    Behind,
    Broadcast,
    Built,
    ConsensusEvent,
    Effect,
    Peer,
    Received,
    Refused,
    Signed,
    SigningAllowed,
    TimedOut,
    Timer,
    TransactionsWaiting,
    Validated,
    Verdict,
)
from chain_engine.consensus.height import Height, Setup, forger_of
from chain_engine.consensus.messages import (
    NIL,
    FirstVote,
    Message,
    Proposal,
    Pull,
    SecondVote,
    Signable,
    Tip,
)
from chain_engine.consensus.proposals import keep_proposal, receive_proposal
from chain_engine.consensus.pull import answer_pull, build_pull, receive_tip
from chain_engine.consensus.rules import (
    PULL_INTERVAL_MS,
    apply_rules,
    cast_first_vote,
    cast_second_vote,
    start_round,
)
from chain_engine.consensus.schedule import earliest_start_ms, idle_start_ms
from chain_engine.consensus.state import (
    EARLY_MESSAGES_MAX,
    EARLY_PROPOSALS_MAX,
    NOT_STARTED,
    Check,
    State,
    Step,
)
from chain_engine.consensus.tally import count_vote, receive_vote
from chain_engine.consensus.turn import UNSIGNED, Turn

_CHECK_OF_VERDICT = {
    Verdict.VALID: Check.VALID,
    Verdict.INVALID: Check.INVALID,
    Verdict.UNAVAILABLE: Check.UNAVAILABLE,
}


def begin(
    setup: Setup,
    height: Height,
    now_ms: int,
    *,
    may_sign: bool,
    transactions_wait: bool = False,
    early: Iterable[tuple[Peer, Message]] = (),
) -> tuple[State, list[Effect]]:
    """Enter a height. `early` are messages kept while the height below was decided."""
    turn = Turn(new_state(setup, height, may_sign=may_sign), now_ms)
    turn.update(transactions_wait=transactions_wait)
    start_when_due(turn)
    for peer, message in early:
        _receive(turn, peer, message)
        apply_rules(turn)
        if turn.state.pending is not None or turn.state.step is Step.DECIDED:
            break  # the rest is pulled; a signature must be answered first
    return turn.state, turn.effects


def new_state(setup: Setup, height: Height, *, may_sign: bool) -> State:
    """The state before anything happened at a height."""
    own = None if setup.key is None else height.delegates.find_index(setup.key)
    return State(setup=setup, height=height, own=own, may_sign=may_sign)


def step(state: State, event: ConsensusEvent, now_ms: int) -> tuple[State, list[Effect]]:
    """Take one event. `now_ms` is the node's clock, milliseconds since 1970 UTC."""
    turn = Turn(state, now_ms)
    is_answer = isinstance(event, Signed | Refused)
    assert is_answer == (state.pending is not None), "a signature is answered before all else"
    match event:
        case Received():
            _receive(turn, event.peer, event.message)
        case Signed():
            _send_own(turn, event.message)
        case Refused():
            turn.update(pending=None)
            turn.ignore("refused by the sign-state")
        case Built():
            _propose_built(turn, event)
        case Validated():
            _note_verdict(turn, event)
        case TimedOut():
            _time_out(turn, event)
        case TransactionsWaiting():
            turn.update(transactions_wait=True)
            if state.step is Step.WAITING and not state.transactions_wait:
                start_when_due(turn)
        case SigningAllowed():
            turn.update(may_sign=event.allowed)
        case _:
            assert_never(event)
    apply_rules(turn)
    return turn.state, turn.effects


def start_when_due(turn: Turn) -> None:
    """Start round 0 if its time has come, else set the timer for it."""
    state = turn.state
    parameters, parent = state.height.parameters, state.height.parent
    starts = earliest_start_ms if state.transactions_wait else idle_start_ms
    wait_ms = starts(parameters, parent) - turn.now_ms
    if wait_ms <= 0:
        start_round(turn, 0)
    else:
        turn.set_timer(Timer.START, wait_ms)


def _receive(turn: Turn, peer: Peer, message: Message) -> None:
    state = turn.state
    number = state.height.number
    match message:
        case Pull():
            answer_pull(turn, peer, message)
        case Tip():
            receive_tip(turn, peer, message)
        case Proposal() | FirstVote() | SecondVote():
            if message.height == number:
                _receive_signed(turn, message)
            elif message.height != number + 1:
                turn.ignore("old height" if message.height < number else "future height")
            else:
                _keep_early(turn, peer, message)
        case _:
            assert_never(message)


def _keep_early(turn: Turn, peer: Peer, message: Signable) -> None:
    """Keep a message of the next height until we are there."""
    early = turn.state.early
    proposals = sum(isinstance(kept, Proposal) for _, kept in early)
    is_proposal = isinstance(message, Proposal)
    if len(early) >= EARLY_MESSAGES_MAX or (is_proposal and proposals >= EARLY_PROPOSALS_MAX):
        turn.ignore("too many early messages")
    else:
        turn.update(early=(*early, (peer, message)))


def _receive_signed(turn: Turn, message: Signable) -> None:
    if not isinstance(message, Proposal):
        receive_vote(turn, message)
        return
    receive_proposal(turn, message)
    state = turn.state
    if state.round == NOT_STARTED and state.at(0).proposals:
        start_round(turn, 0)


def _send_own(turn: Turn, message: Signable) -> None:
    """Count our own signed message and push it to all."""
    turn.update(pending=None, last_signature=message.signature)
    if isinstance(message, Proposal):
        keep_proposal(turn, block_id(message.block.header), message)
    else:
        count_vote(turn, message)
    turn.emit(Broadcast(message))


def _propose_built(turn: Turn, event: Built) -> None:
    """Sign a proposal of the block we built, unless the round has passed."""
    state = turn.state
    is_ours = state.signs and state.own == forger_of(state.height, state.round)
    is_now = (event.height, event.round) == (state.height.number, state.round)
    if not (is_ours and is_now and state.step is Step.PROPOSAL) or state.at(state.round).proposals:
        turn.ignore("built too late")
        return
    turn.learn_block(event.block_id, event.block, Check.VALID)
    turn.set_check(event.block_id, Check.VALID)
    block = turn.state.blocks[event.block_id].block
    message = Proposal(event.height, event.round, None, block, UNSIGNED)
    turn.sign(message, event.block_id)


def _note_verdict(turn: Turn, event: Validated) -> None:
    if turn.check_of(event.block_id) is not Check.CHECKING:
        turn.ignore("verdict not asked for")
        return
    turn.set_check(event.block_id, _CHECK_OF_VERDICT[event.verdict])
    decision, tip_seen = turn.state.decision, turn.state.tip_seen
    is_decided = decision is not None and decision.block_id == event.block_id
    if is_decided and event.verdict is Verdict.UNAVAILABLE and tip_seen is not None:
        turn.emit(Behind(*tip_seen))  # peers drop bodies they have committed: fetch the block


def _time_out(turn: Turn, event: TimedOut) -> None:
    state = turn.state
    if event.height != state.height.number or state.step is Step.DECIDED:
        return
    if event.timer is Timer.PULL:
        _pull(turn)
    elif event.timer is Timer.START:
        if state.step is Step.WAITING:
            start_when_due(turn)
    elif event.round == state.round:
        _end_wait(turn, event.timer)


def _end_wait(turn: Turn, timer: Timer) -> None:
    """A wait of our round is over."""
    state = turn.state
    if timer is Timer.PROPOSAL and state.step is Step.PROPOSAL:
        cast_first_vote(turn, NIL, None)
    elif timer is Timer.FIRST_VOTES and state.step is Step.FIRST_VOTE:
        cast_second_vote(turn, NIL)
    elif timer is Timer.SECOND_VOTES:
        start_round(turn, state.round + 1)


def _pull(turn: Turn) -> None:
    """Ask for what is missing, try again to execute what could not be had, and come back."""
    for identity, known in turn.state.blocks.items():
        if known.check is Check.UNAVAILABLE:
            turn.set_check(identity, Check.UNCHECKED)
    turn.emit(Ask(build_pull(turn.state)))
    turn.set_timer(Timer.PULL, PULL_INTERVAL_MS)
