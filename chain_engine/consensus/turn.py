"""One call of `step` while it runs: the state so far and the effects so far.

The only mutable thing in the core; it never outlives the call.
"""

from typing import Any

from chain_engine.blocks.delegates import has_quorum
from chain_engine.consensus.events import (
    Effect,
    Ignored,
    Journal,
    SetTimer,
    Sign,
    Timer,
    Validate,
)
from chain_engine.consensus.messages import Proposal, ProposedBlock, Signable, step_of
from chain_engine.consensus.records import QuorumRecord, SigningRecord
from chain_engine.consensus.state import (
    Check,
    KnownBlock,
    RoundState,
    State,
    Tally,
    change,
)

UNSIGNED = bytes(64)
"""Stands in a message until the shell has signed it."""


class Turn:
    """Working value of one step."""

    __slots__ = ("effects", "now_ms", "state")

    def __init__(self, state: State, now_ms: int) -> None:
        """Begin with `state` at clock time `now_ms`."""
        self.state = state
        self.now_ms = now_ms
        self.effects: list[Effect] = []

    def update(self, **fields: Any) -> None:
        """Replace fields of the state."""
        self.state = change(self.state, **fields)

    def update_round(self, round_: int, **fields: Any) -> None:
        """Replace fields of one round's messages."""
        state = self.state
        self.update(rounds={**state.rounds, round_: change(state.at(round_), **fields)})

    def emit(self, effect: Effect) -> None:
        """Add an effect."""
        self.effects.append(effect)

    def ignore(self, reason: str) -> None:
        """Count an event that changes nothing."""
        self.effects.append(Ignored(reason))

    def set_timer(self, timer: Timer, wait_ms: int) -> None:
        """Ask for a timer of our round, `wait_ms` from now."""
        state = self.state
        round_ = max(state.round, 0)
        self.emit(SetTimer(timer, state.height.number, round_, self.now_ms + wait_ms))

    def learn_block(self, identity: bytes, block: ProposedBlock, check: Check) -> None:
        """Remember a block unless it is known."""
        blocks = self.state.blocks
        if identity not in blocks:
            self.update(blocks={**blocks, identity: KnownBlock(block, check)})

    def set_check(self, identity: bytes, check: Check) -> None:
        """Record what is known about a block's validity."""
        blocks = self.state.blocks
        self.update(blocks={**blocks, identity: change(blocks[identity], check=check)})

    def check_of(self, identity: bytes) -> Check | None:
        """What is known about a block; none for an unknown one."""
        known = self.state.blocks.get(identity)
        return None if known is None else known.check

    def want_validity(self, identity: bytes) -> None:
        """Have a block executed, once."""
        known = self.state.blocks.get(identity)
        if known is not None and known.check is Check.UNCHECKED:
            self.set_check(identity, Check.CHECKING)
            self.emit(Validate(identity, known.block))

    def has_quorum_for(self, tally: Tally, choice: bytes) -> bool:
        """Whether a quorum voted for `choice`."""
        weight = tally.weights.get(choice)
        return weight is not None and has_quorum(weight, self.state.height.total_weight)

    def has_any_quorum(self, tally: Tally) -> bool:
        """Whether a quorum voted, for whatever."""
        return has_quorum(tally.weight, self.state.height.total_weight)

    def journal(self, *records: QuorumRecord | SigningRecord) -> None:
        """Make records durable, with the blocks they name if those are not yet."""
        state = self.state
        named = [
            record.block_id
            for record in records
            if record.block_id in state.blocks and record.block_id not in state.journaled
        ]
        fresh = tuple(dict.fromkeys(named))
        self.emit(
            Journal(fresh, tuple(state.blocks[identity].block for identity in fresh), records)
        )
        if fresh:
            self.update(journaled=state.journaled.union(fresh))

    def sign(self, message: Signable, identity: bytes, *before: QuorumRecord) -> None:
        """Journal what is about to be signed, then have it signed.

        `identity` is the block `message` names, `before` goes into the same journal entry.
        """
        state = self.state
        assert state.pending is None, "one signature at a time"
        record = SigningRecord(
            step=step_of(message),
            height=message.height,
            round=message.round,
            block_id=identity,
            valid_round=getattr(message, "valid_round", None),
            previous_signature=state.last_signature,
        )
        self.journal(*before, record)
        self.update(pending=message, last_signature=b"")
        self.emit(Sign(message))


def newest_proposal(round_state: RoundState) -> tuple[bytes, Proposal] | None:
    """The proposal that counts in a round, with its block id."""
    return round_state.proposals[0] if round_state.proposals else None
