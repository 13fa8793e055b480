"""Coming back after a crash: the journal's records of the height that was being decided.

The state that results has the lock, the valid value with its quorum, and our own votes; it is in
the round and step of the last thing we were about to sign, so nothing different can be signed.
"""

from collections.abc import Iterable, Sequence

import msgspec

from chain_engine.blocks.block import block_id
from chain_engine.consensus.abft import new_state, start_when_due
from chain_engine.consensus.events import Ask, Broadcast, Effect, Timer
from chain_engine.consensus.height import Height, Setup
from chain_engine.consensus.messages import (
    FirstVote,
    Proposal,
    SecondVote,
    Signable,
    SignedStep,
)
from chain_engine.consensus.proposals import keep_proposal
from chain_engine.consensus.pull import build_pull
from chain_engine.consensus.records import BlockRecord, QuorumRecord, Record, SigningRecord
from chain_engine.consensus.rules import PULL_INTERVAL_MS, apply_rules
from chain_engine.consensus.schedule import proposal_wait_ms
from chain_engine.consensus.state import Check, Quorum, State, Step
from chain_engine.consensus.tally import count_vote
from chain_engine.consensus.turn import UNSIGNED, Turn

_STEP_AFTER = {
    SignedStep.PROPOSAL: Step.PROPOSAL,
    SignedStep.FIRST_VOTE: Step.FIRST_VOTE,
    SignedStep.SECOND_VOTE: Step.SECOND_VOTE,
}

Position = tuple[int, int, int]
"""(height, round, step) of the last signature, as the sign-state keeps it."""


def recover(
    setup: Setup,
    height: Height,
    records: Sequence[Record],
    now_ms: int,
    *,
    may_sign: bool,
    transactions_wait: bool = False,
    last_signed: Position | None = None,
) -> tuple[State, list[Effect]]:
    """Enter a height again. `last_signed` is the sign-state's position, of any height.

    If the sign-state is further than the journal, the journal has lost what we are locked on: the
    node then watches this height and signs again at the next.
    """
    turn = Turn(new_state(setup, height, may_sign=may_sign), now_ms)
    is_member = turn.state.own is not None
    signings = [
        record
        for record in records
        if isinstance(record, SigningRecord) and record.height == height.number and is_member
    ]
    is_complete = _covers(signings, last_signed, height.number)
    turn.update(transactions_wait=transactions_wait, is_barred=not is_complete)
    _replay_blocks(turn, records)
    _replay_quorums(turn, records)
    if not signings:
        start_when_due(turn)
    else:
        _resume(turn, signings)
    turn.emit(Ask(build_pull(turn.state)))
    apply_rules(turn)
    return turn.state, turn.effects


def _covers(signings: Sequence[SigningRecord], last: Position | None, height: int) -> bool:
    if last is None or last[0] < height:
        return True
    return last[0] == height and any((s.round, s.step) >= last[1:] for s in signings)


def _replay_blocks(turn: Turn, records: Iterable[Record]) -> None:
    """Blocks come back unexecuted: whoever commits one must have its outcome."""
    for record in records:
        if isinstance(record, BlockRecord) and _is_of(turn, record):
            identity = block_id(record.block.header)
            turn.learn_block(identity, record.block, Check.UNCHECKED)
            turn.update(journaled=turn.state.journaled | {identity})


def _is_of(turn: Turn, record: BlockRecord) -> bool:
    return record.block.header.height == turn.state.height.number


def _replay_quorums(turn: Turn, records: Iterable[Record]) -> None:
    for record in records:
        if not isinstance(record, QuorumRecord) or record.height != turn.state.height.number:
            continue
        for vote in record.votes:
            count_vote(turn, vote)
        quorum = Quorum(record.round, record.block_id)
        turn.update(valid=quorum)
        if record.locked:
            turn.update(lock=quorum)


def _resume(turn: Turn, signings: Sequence[SigningRecord]) -> None:
    """Take up the round and step of the last signing record; sign it again, it is the same."""
    state = turn.state
    messages = [_message_of(state, record) for record in signings]
    signatures = [record.previous_signature for record in signings[1:]]
    signed = [
        msgspec.structs.replace(message, signature=signature)
        for message, signature in zip(messages, signatures, strict=False)
        if signature
    ]
    last = signings[-1]
    for message in signed:
        _keep_own(turn, message)
    turn.update(round=last.round, step=_STEP_AFTER[SignedStep(last.step)])
    turn.set_timer(Timer.PULL, PULL_INTERVAL_MS)
    turn.set_timer(Timer.PROPOSAL, proposal_wait_ms(state.height.parameters, last.round))
    for message in signed:
        if message.round == last.round:
            turn.emit(Broadcast(message))
    for identity in turn.state.blocks:
        turn.want_validity(identity)
    turn.update(unsent=messages[-1])


def _keep_own(turn: Turn, message: Signable) -> None:
    if isinstance(message, Proposal):
        keep_proposal(turn, block_id(message.block.header), message)
    else:
        count_vote(turn, message)


def _message_of(state: State, record: SigningRecord) -> Signable:
    own = state.own
    assert own is not None, "only members write signing records"
    match SignedStep(record.step):
        case SignedStep.PROPOSAL:
            block = state.blocks[record.block_id].block
            return Proposal(record.height, record.round, record.valid_round, block, UNSIGNED)
        case SignedStep.FIRST_VOTE:
            return FirstVote(
                record.height, record.round, record.block_id, record.valid_round, own, UNSIGNED
            )
        case SignedStep.SECOND_VOTE:
            return SecondVote(record.height, record.round, record.block_id, own, UNSIGNED)
