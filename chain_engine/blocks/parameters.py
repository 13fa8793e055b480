"""Chain parameters: equal on every node, hashed into every header (docs/spec/03-blocks.md).

This machine's settings (ports, folders, budgets) are elsewhere, in the node.
"""

from typing import Literal

from chain_engine.codec.canonical import Struct, encode
from chain_engine.crypto.hashing import tagged_hash

Refusals = Literal["charged", "left_out"]


class Timeouts(Struct, frozen=True):
    """How long a round waits, in milliseconds; each grows by its step every round."""

    propose_ms: int
    """Wait for the forger's proposal in round 0."""

    propose_step_ms: int
    """Added for every further round."""

    vote_ms: int
    """Wait for stragglers once any quorum of first or second votes is seen, in round 0."""

    vote_step_ms: int
    """Added for every further round."""


class FeeSchedule(Struct, frozen=True):
    """What a transaction costs, in units of the chain's one fee asset."""

    asset: str
    """Asset id in which fees are paid, such as `ACC`."""

    byte_fee: int
    """Units per byte of the encoded transaction with witnesses."""

    gas_price: int
    """Units per 1,000 gas of the transaction's gas limit, rounded up; 0 where gas is free."""

    relay_fee: int
    """Least fee of a bridge message towards this chain, in units of ACC."""


class ChainParameters(Struct, frozen=True):
    """The rules one chain has chosen."""

    version: int
    """Format of this struct: 1."""

    machine: str
    """State machine and its version, such as `acc-ledger/1` or `dapp/1`."""

    machine_hash: bytes
    """32 bytes that fix what the machine runs (a package and its sandbox), zeros for built-in."""

    consensus: str
    """Consensus plug-in: `abft`."""

    block_interval_ms: int
    """Least time between two blocks' header times, 50 to 600,000."""

    idle_interval_ms: int
    """Longest time without a block when no transaction waits; at least `block_interval_ms`."""

    clock_bound_ms: int
    """How far a first proposal's time may lie from a voter's clock in round 0; grows per round."""

    timeouts: Timeouts
    """Deadlines of a round."""

    epoch_blocks: int
    """Blocks between two shuffles of the forging order."""

    checkpoint_blocks: int
    """Every how many blocks a header may be used as a bridge checkpoint; divides the epoch."""

    trusting_period_ms: int
    """How long a light client may rely on this chain's delegates."""

    block_transactions_max: int
    """Transactions in a block, at most `limits.BLOCK_TRANSACTIONS_MAX`."""

    block_bytes_max: int
    """Bytes of transactions in a block, at most `limits.BLOCK_BYTES_MAX`."""

    block_gas_max: int
    """Sum of the gas limits in a block."""

    transaction_gas_max: int
    """Gas limit of one transaction."""

    refusals: Refusals
    """A transaction refused at execution pays and leaves a receipt, or stays out."""

    fees: FeeSchedule
    """Prices."""


def parameters_hash(parameters: ChainParameters) -> bytes:
    """Return the 32-byte hash that headers carry."""
    return tagged_hash("acc/parameters", encode(parameters))
