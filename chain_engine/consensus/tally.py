"""Accepting votes: who may vote, once per choice, and what two votes of one delegate mean."""

from chain_engine.blocks.delegates import has_quorum
from chain_engine.consensus import locking
from chain_engine.consensus.events import Accuse, Halt
from chain_engine.consensus.evidence import Evidence, state_message
from chain_engine.consensus.messages import (
    NIL,
    FirstVote,
    Signable,
    Vote,
    signed_hash,
    step_of,
)
from chain_engine.consensus.state import (
    ROUNDS_AHEAD_MAX,
    ROUNDS_BEHIND_MAX,
    VOTES_MAX,
    Quorum,
    State,
    Step,
    Tally,
    change,
)
from chain_engine.consensus.turn import Turn, newest_proposal
from chain_engine.primitives.limits import HASH_BYTES


def receive_vote(turn: Turn, vote: Vote) -> None:
    """Check a peer's vote of our height and count it."""
    fault = find_vote_fault(turn.state, vote)
    if fault is not None:
        turn.ignore(fault)
        return
    is_far = _is_far(turn.state, vote.round)
    note_ahead(turn, vote.signer, vote.round)
    if not is_far:
        count_vote(turn, vote)


def find_vote_fault(state: State, vote: Vote) -> str | None:  # noqa: PLR0911 - one rule a line
    """Why a vote is not counted, cheap reasons first."""
    if state.step is Step.DECIDED:
        return "decided"
    if vote.signer >= len(state.height.delegates.members):
        return "unknown signer"
    if len(vote.block_id) not in (0, HASH_BYTES):
        return "malformed choice"
    if _is_far(state, vote.round):
        if state.ahead.get(vote.signer, state.round) >= vote.round:
            return "duplicate"
    elif not _is_round_kept(state, vote.round):
        return "old round"
    if locking.is_repeated(_tally_of(state, vote), vote):
        return "duplicate"
    return None if is_signed_by(state, vote.signer, vote) else "bad signature"


def receive_certificate_votes(turn: Turn, votes: list[Vote]) -> None:
    """Count the second votes of a certificate, whatever their round; all must be right."""
    state = turn.state
    for vote in votes:
        is_held = locking.is_repeated(_tally_of(state, vote), vote)
        if not is_held and not is_signed_by(state, vote.signer, vote):
            turn.ignore("bad signature")
            return
    for vote in votes:
        count_vote(turn, vote)


def count_vote(turn: Turn, vote: Vote) -> None:
    """Add a vote whose signature holds."""
    state = turn.state
    tally = _tally_of(state, vote)
    others = tally.votes.get(vote.signer, ())
    other = next((old for old in others if contradicts(old, vote)), None)
    if other is not None:
        accuse(turn, vote.signer, other, vote)
    if locking.is_counted(tally, vote):
        return
    if len(others) >= VOTES_MAX and vote.block_id not in state.blocks:
        turn.ignore("too many votes of one delegate")
        return
    weight = state.height.delegates.members[vote.signer].weight
    tally = Tally(
        votes={**tally.votes, vote.signer: (*others, vote)},
        weights={**tally.weights, vote.block_id: tally.weights.get(vote.block_id, 0) + weight},
        weight=tally.weight if others else tally.weight + weight,
    )
    if isinstance(vote, FirstVote):
        turn.update_round(vote.round, first=tally)
    else:
        turn.update_round(vote.round, second=tally)
        _notice_decision(turn, vote.round, vote.block_id, tally)


def contradicts(old: Vote, new: Vote) -> bool:
    """Whether two votes of one delegate, round and phase state different things."""
    valid_rounds = (getattr(vote, "valid_round", None) for vote in (old, new))
    return old.block_id != new.block_id or len(set(valid_rounds)) > 1


def note_ahead(turn: Turn, signer: int, round_: int) -> None:
    """Remember that a delegate was seen in a round above ours."""
    state = turn.state
    if round_ > state.ahead.get(signer, state.round):
        turn.update(ahead={**state.ahead, signer: round_})


def is_signed_by(state: State, signer: int, message: Signable) -> bool:
    """Whether a member of the set signed the message for this chain."""
    key = state.height.delegates.members[signer].key
    digest = signed_hash(message, state.setup.chain_id)
    return state.setup.is_signature_valid(key, digest, message.signature)


def accuse(turn: Turn, signer: int, first: Signable, second: Signable) -> None:
    """Report two statements of one delegate, once per round and step."""
    state = turn.state
    name = (signer, first.round, int(step_of(first)))
    if name in state.accused:
        return
    turn.update(accused=state.accused | {name})
    key = state.height.delegates.members[signer].key
    turn.emit(Accuse(Evidence(1, key, state_message(first), state_message(second))))


def _notice_decision(turn: Turn, round_: int, choice: bytes, tally: Tally) -> None:
    """Record the first second-vote quorum for a block; two blocks mean the chain has forked."""
    state = turn.state
    weight = tally.weights.get(choice, 0)
    if choice == NIL or not has_quorum(weight, state.height.total_weight):
        return
    if state.decision is None:
        turn.update(decision=Quorum(round_, choice))
    elif state.decision.block_id != choice:
        turn.emit(Halt("two blocks have a quorum of second votes", choice))


def _tally_of(state: State, vote: Vote) -> Tally:
    round_state = state.at(vote.round)
    return round_state.first if isinstance(vote, FirstVote) else round_state.second


def _is_far(state: State, round_: int) -> bool:
    """Whether a round is too far above ours to keep its messages."""
    return round_ > state.round + ROUNDS_AHEAD_MAX


def _is_round_kept(state: State, round_: int) -> bool:
    """Whether messages of a round below ours are still of use."""
    if round_ >= state.round - ROUNDS_BEHIND_MAX:
        return True
    newest = newest_proposal(state.at(state.round))
    return newest is not None and newest[1].valid_round == round_


def forget_old_rounds(state: State) -> State:
    """Drop rounds too far below ours, but never the quorum of our lock or valid value."""
    limit = state.round - ROUNDS_BEHIND_MAX
    if not any(round_ < limit for round_ in state.rounds):
        return state
    needed = {quorum.round for quorum in (state.lock, state.valid, state.decision) if quorum}
    rounds = {r: kept for r, kept in state.rounds.items() if r >= limit or r in needed}
    named = {identity for kept in rounds.values() for identity, _ in kept.proposals}
    named |= {quorum.block_id for quorum in (state.lock, state.valid, state.decision) if quorum}
    blocks = {identity: known for identity, known in state.blocks.items() if identity in named}
    return change(state, rounds=rounds, blocks=blocks)
