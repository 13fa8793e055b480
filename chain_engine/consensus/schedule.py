"""Who forges when, and how long a round waits (docs/spec/08-consensus.md section 3)."""

from collections.abc import Iterable

from chain_engine.blocks.block import Header
from chain_engine.blocks.parameters import ChainParameters


def epoch_start(height: int, epoch_blocks: int) -> int:
    """First height of the epoch that `height` (from 1) belongs to."""
    return (height - 1) // epoch_blocks * epoch_blocks + 1


def slot_after(headers: Iterable[Header]) -> int:
    """Slot of round 0 of the height after `headers`, the epoch's earlier headers in order.

    Every block used one slot, and one more for each failed round before its first proposal.
    """
    return sum(1 + header.round for header in headers)


def proposal_wait_ms(parameters: ChainParameters, round_: int) -> int:
    """How long a round waits for its proposal."""
    timeouts = parameters.timeouts
    return timeouts.propose_ms + timeouts.propose_step_ms * round_


def vote_wait_ms(parameters: ChainParameters, round_: int) -> int:
    """How long a round waits for stragglers after any quorum of votes."""
    timeouts = parameters.timeouts
    return timeouts.vote_ms + timeouts.vote_step_ms * round_


def clock_bound_ms(parameters: ChainParameters, round_: int) -> int:
    """How far a new block's time may lie from the voter's clock; grows until clocks agree."""
    return parameters.clock_bound_ms * (round_ + 1)


def earliest_start_ms(parameters: ChainParameters, parent: Header) -> int:
    """When round 0 starts if transactions wait, and the least time of the next block."""
    return parent.time_ms + parameters.block_interval_ms


def idle_start_ms(parameters: ChainParameters, parent: Header) -> int:
    """When round 0 starts although no transaction waits."""
    return parent.time_ms + max(parameters.idle_interval_ms, parameters.block_interval_ms)
