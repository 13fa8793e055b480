"""Accepting proposals: the right forger, a fitting header, the body its hashes name."""

from chain_engine.blocks.block import block_id
from chain_engine.blocks.delegates import has_quorum
from chain_engine.consensus.height import forger_of
from chain_engine.consensus.messages import NIL, Proposal, is_body_of_header
from chain_engine.consensus.schedule import clock_bound_ms, earliest_start_ms
from chain_engine.consensus.state import (
    PROPOSALS_MAX,
    ROUNDS_AHEAD_MAX,
    Check,
    State,
    Step,
)
from chain_engine.consensus.tally import accuse, is_signed_by, note_ahead
from chain_engine.consensus.turn import Turn


def receive_proposal(turn: Turn, proposal: Proposal) -> None:
    """Check a peer's proposal of our height and keep it.

    Whether its transactions are right is left to `Validate`.
    """
    state = turn.state
    identity = block_id(proposal.block.header)
    fault = _find_superfluous(state, identity, proposal) or find_fault(state, proposal)
    if fault is not None:
        turn.ignore(fault)
        return
    signer = forger_of(state.height, proposal.round)
    note_ahead(turn, signer, proposal.round)
    if proposal.round > state.round + ROUNDS_AHEAD_MAX:
        return
    held = state.at(proposal.round).proposals
    if held:
        accuse(turn, signer, held[0][1], proposal)
    if len(held) >= PROPOSALS_MAX and identity not in wanted_blocks(state):
        turn.ignore("too many proposals of one forger")
    else:
        keep_proposal(turn, identity, proposal)


def _find_superfluous(state: State, identity: bytes, proposal: Proposal) -> str | None:
    """Why a proposal is of no use, before its signature is looked at."""
    if state.step is Step.DECIDED:
        return "decided"
    held = state.at(proposal.round).proposals
    if any(other == identity and old.valid_round == proposal.valid_round for other, old in held):
        return "duplicate"
    if proposal.round < state.round and identity not in wanted_blocks(state):
        return "old round"
    return None


def keep_proposal(turn: Turn, identity: bytes, proposal: Proposal) -> None:
    """Add a proposal that passed every check, ours or a peer's."""
    held = turn.state.at(proposal.round).proposals
    turn.learn_block(identity, proposal.block, Check.UNCHECKED)
    turn.update_round(proposal.round, proposals=(*held, (identity, proposal)))
    if not held:
        turn.update_round(proposal.round, is_timely=is_timely(turn.state, proposal, turn.now_ms))


def find_fault(state: State, proposal: Proposal) -> str | None:  # noqa: PLR0911 - one rule a line
    """First rule that a proposal breaks, of those that need no execution."""
    height, header = state.height, proposal.block.header
    valid_round = proposal.valid_round
    if valid_round is not None and valid_round >= proposal.round:
        return "valid round not below the round"
    if header.height != height.number or header.chain_id != state.setup.chain_id:
        return "header of another height or chain"
    if header.parent_id != height.parent_id:
        return "header of another parent"
    if not (header.round == proposal.round if valid_round is None else header.round <= valid_round):
        return "header of another round"
    if header.forger != height.delegates.members[forger_of(height, header.round)].key:
        return "header of another forger"
    if header.time_ms < earliest_start_ms(height.parameters, height.parent):
        return "header before the block interval is over"
    if not is_signed_by(state, forger_of(height, proposal.round), proposal):
        return "bad signature"
    return None if is_body_of_header(proposal.block) else "body of another header"


def is_timely(state: State, proposal: Proposal, now_ms: int) -> bool:
    """Whether a new block's time is near our clock; a block proposed again was timed before."""
    if proposal.valid_round is not None:
        return True
    bound = clock_bound_ms(state.height.parameters, proposal.round)
    return abs(now_ms - proposal.block.header.time_ms) <= bound


def wanted_blocks(state: State) -> tuple[bytes, ...]:
    """Blocks with a quorum that we do not know yet."""
    wanted = [] if state.decision is None else [state.decision.block_id]
    total = state.height.total_weight
    wanted.extend(
        choice
        for choice, weight in state.at(state.round).first.weights.items()
        if choice != NIL and has_quorum(weight, total)
    )
    return tuple(dict.fromkeys(c for c in wanted if c not in state.blocks))
