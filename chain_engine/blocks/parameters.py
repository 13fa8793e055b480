"""Chain parameters: equal on every node, hashed into every header (docs/spec/03-blocks.md).

This machine's settings (ports, folders, budgets) are elsewhere, in the node.
"""

from typing import Literal

from chain_engine.codec.canonical import Struct, encode
from chain_engine.crypto.hashing import tagged_hash
from chain_engine.primitives.errors import ChainError
from chain_engine.primitives.limits import (
    AMOUNT_MAX,
    BLOCK_BYTES_MAX,
    BLOCK_TRANSACTIONS_MAX,
    HASH_BYTES,
)

INTERVAL_MS_MIN = 50
INTERVAL_MS_MAX = 600_000


class InvalidParameters(ChainError):
    """A chain parameter is outside its range."""

    code = "INVALID_PARAMETERS"
    title = "A chain parameter is outside its range."
    fix = "See docs/spec/03-blocks.md section 2; `problems` names every wrong field."


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


def verify_parameters(parameters: ChainParameters) -> None:
    """Check every range at once.

    Raises:
        InvalidParameters: `problems` lists each wrong field with its rule.
    """
    p = parameters
    rules = {
        "version: 1": p.version == 1,
        "consensus: abft": p.consensus == "abft",
        "machine_hash: 32 bytes": len(p.machine_hash) == HASH_BYTES,
        f"block_interval_ms: {INTERVAL_MS_MIN} to {INTERVAL_MS_MAX}": INTERVAL_MS_MIN
        <= p.block_interval_ms
        <= INTERVAL_MS_MAX,
        "idle_interval_ms: not below block_interval_ms": p.block_interval_ms
        <= p.idle_interval_ms
        <= AMOUNT_MAX,
        "clock_bound_ms: at least 1": 1 <= p.clock_bound_ms <= AMOUNT_MAX,
        "timeouts: at least 1 ms each": min(
            p.timeouts.propose_ms,
            p.timeouts.propose_step_ms,
            p.timeouts.vote_ms,
            p.timeouts.vote_step_ms,
        )
        >= 1,
        "checkpoint_blocks: divides epoch_blocks": 1 <= p.checkpoint_blocks <= p.epoch_blocks
        and p.epoch_blocks % p.checkpoint_blocks == 0,
        "trusting_period_ms: longer than the idle interval": p.idle_interval_ms
        < p.trusting_period_ms
        <= AMOUNT_MAX,
        f"block_transactions_max: 1 to {BLOCK_TRANSACTIONS_MAX}": 1
        <= p.block_transactions_max
        <= BLOCK_TRANSACTIONS_MAX,
        f"block_bytes_max: 1 to {BLOCK_BYTES_MAX}": 1 <= p.block_bytes_max <= BLOCK_BYTES_MAX,
        "transaction_gas_max: not above block_gas_max": 0
        <= p.transaction_gas_max
        <= p.block_gas_max
        <= AMOUNT_MAX,
        "fees: not negative": min(p.fees.byte_fee, p.fees.gas_price, p.fees.relay_fee) >= 0,
    }
    problems = [rule for rule, holds in rules.items() if not holds]
    if problems:
        raise InvalidParameters(problems=problems)
