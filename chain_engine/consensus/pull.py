"""Anti-entropy: an undecided node says what it holds, peers answer with what it lacks.

Pushing alone is not live: a re-proposal rests on old first votes that a node may have missed
(docs/spec/08-consensus.md section 5).
"""

from collections.abc import Iterator

from chain_engine.blocks.certificate import Certificate, bitmap_of, indexes_of
from chain_engine.consensus.events import Behind, Peer, Send
from chain_engine.consensus.messages import (
    PULL_ROUNDS_MAX,
    WANTED_BLOCKS_MAX,
    Message,
    Pull,
    QuorumAsked,
    RoundHeld,
    SecondVote,
    Tip,
    Vote,
)
from chain_engine.consensus.proposals import wanted_blocks
from chain_engine.consensus.state import Check, RoundState, State, Step, Tally
from chain_engine.consensus.tally import receive_certificate_votes
from chain_engine.consensus.turn import Turn, newest_proposal


def build_pull(state: State) -> Pull:
    """What this node holds of its newest rounds, and what it lacks beyond."""
    newest = max(state.round, 0)
    rounds = range(max(newest - PULL_ROUNDS_MAX + 1, 0), newest + 1)
    return Pull(
        height=state.height.number,
        round=newest,
        held=tuple(_held(state, round_) for round_ in rounds),
        asked=_quorum_asked(state),
        wanted=wanted_blocks(state)[:WANTED_BLOCKS_MAX],
    )


def answer_pull(turn: Turn, peer: Peer, pull: Pull) -> None:
    """Send a peer what it lacks and we hold; one that is behind is told so."""
    state = turn.state
    number = state.height.number
    if pull.height > number:
        turn.emit(Behind(peer, pull.height - 1))
        return
    if pull.height < number:
        certificate = state.height.parent_certificate if pull.height == number - 1 else None
        turn.emit(Send(peer, Tip(number - 1, certificate)))
        return
    sent: set[int] = set()
    for message in _missing(state, pull):
        if id(message) not in sent:
            sent.add(id(message))
            turn.emit(Send(peer, message))


def receive_tip(turn: Turn, peer: Peer, tip: Tip) -> None:
    """Use a certificate of our height as the second votes it is; note a peer that is ahead.

    A block that we can execute ourselves is not fetched a second time.
    """
    state = turn.state
    certificate = tip.certificate
    if state.step is Step.DECIDED or tip.height < state.height.number:
        turn.ignore("decided")
        return
    if certificate is not None and certificate.height == state.height.number:
        receive_certificate_votes(turn, _votes_of(state, certificate))
    turn.update(tip_seen=(peer, tip.height))
    decision = turn.state.decision
    check = None if decision is None else turn.check_of(decision.block_id)
    if check not in (Check.VALID, Check.CHECKING, Check.UNCHECKED):
        turn.emit(Behind(peer, tip.height))


def _votes_of(state: State, certificate: Certificate) -> list[Vote]:
    indexes = indexes_of(certificate.signers)
    members = len(state.height.delegates.members)
    if len(indexes) != len(certificate.signatures) or (indexes and indexes[-1] >= members):
        return []
    return [
        SecondVote(certificate.height, certificate.round, certificate.block_id, signer, signature)
        for signer, signature in zip(indexes, certificate.signatures, strict=True)
    ]


def _held(state: State, round_: int) -> RoundHeld:
    kept, members = state.at(round_), len(state.height.delegates.members)
    return RoundHeld(
        round=round_,
        proposal=bool(kept.proposals),
        first_votes=bitmap_of(set(kept.first.votes), members),
        second_votes=bitmap_of(set(kept.second.votes), members),
    )


def _quorum_asked(state: State) -> QuorumAsked | None:
    """The old first votes that the current proposal names, as far as we lack them."""
    newest = newest_proposal(state.at(state.round))
    if newest is None or newest[1].valid_round is None:
        return None
    identity, valid_round = newest[0], newest[1].valid_round
    votes = state.at(valid_round).first.votes
    holders = {s for s, cast in votes.items() if any(v.block_id == identity for v in cast)}
    bitmap = bitmap_of(holders, len(state.height.delegates.members))
    return QuorumAsked(valid_round, identity, bitmap)


def _missing(state: State, pull: Pull) -> Iterator[Message]:
    """Messages we hold and the sender of the pull lacks."""
    for held in pull.held:
        yield from _missing_of_round(state.at(held.round), held)
    later = sorted((r for r in state.rounds if r > pull.round), reverse=True)[:PULL_ROUNDS_MAX]
    for round_ in later:
        yield from _missing_of_round(state.at(round_), RoundHeld(round_, False, b"", b""))
    if pull.asked is not None:
        yield from _missing_of_quorum(state, pull.asked)
    for kept in state.rounds.values():
        yield from (p for identity, p in kept.proposals if identity in pull.wanted)


def _missing_of_round(kept: RoundState, held: RoundHeld) -> Iterator[Message]:
    newest = newest_proposal(kept)
    if newest is not None and not held.proposal:
        yield newest[1]
    yield from _missing_votes(kept.first, held.first_votes)
    yield from _missing_votes(kept.second, held.second_votes)


def _missing_votes(tally: Tally, bitmap: bytes) -> Iterator[Vote]:
    holders = set(indexes_of(bitmap))
    for signer, cast in tally.votes.items():
        if signer not in holders:
            yield cast[0]


def _missing_of_quorum(state: State, asked: QuorumAsked) -> Iterator[Vote]:
    holders = set(indexes_of(asked.first_votes))
    for signer, cast in state.at(asked.round).first.votes.items():
        if signer not in holders:
            yield from (vote for vote in cast if vote.block_id == asked.block_id)
