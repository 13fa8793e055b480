"""How much fits into a block (docs/spec/11-main-chain.md section 4)."""

from chain_engine.blocks.parameters import ChainParameters
from chain_engine.blocks.transaction import SignedTransaction
from chain_engine.ledger.errors import BlockFull
from chain_engine.primitives.limits import TRANSACTION_BYTES_MAX

RELAY_PART = 4
"""Relay kinds take at most one in so many of a block's transactions and bytes."""


class BlockBudget:
    """What is left of a block while transactions are added one by one."""

    __slots__ = ("bytes", "gas", "relay_bytes", "relays", "transactions")

    def __init__(self, parameters: ChainParameters) -> None:
        """Start with an empty block. At least one relay transaction always fits."""
        self.transactions = parameters.block_transactions_max
        self.bytes = parameters.block_bytes_max
        self.gas = parameters.block_gas_max
        self.relays = max(1, parameters.block_transactions_max // RELAY_PART)
        self.relay_bytes = max(TRANSACTION_BYTES_MAX, parameters.block_bytes_max // RELAY_PART)

    def verify(self, signed: SignedTransaction, *, is_relay: bool) -> None:
        """Check that one more transaction fits.

        Raises:
            BlockFull: it does not; `left` tells how much does.
        """
        size, gas = len(signed.raw), signed.tx.gas_limit
        if self.transactions < 1:
            raise BlockFull(limit="transactions", left=0)
        if size > self.bytes:
            raise BlockFull(limit="bytes", left=self.bytes, needed=size)
        if gas > self.gas:
            raise BlockFull(limit="gas", left=self.gas, needed=gas)
        if is_relay and (self.relays < 1 or size > self.relay_bytes):
            raise BlockFull(limit="relay", left=self.relay_bytes, needed=size)

    def take(self, signed: SignedTransaction, *, is_relay: bool) -> None:
        """Count a transaction that `verify` let through."""
        size = len(signed.raw)
        self.transactions -= 1
        self.bytes -= size
        self.gas -= signed.tx.gas_limit
        if is_relay:
            self.relays -= 1
            self.relay_bytes -= size

    def take_gas(self, gas: int) -> None:
        """Count gas that a transaction brings along beside its own limit (calls of messages).

        Raises:
            BlockFull: there is not so much left; nothing is counted.
        """
        if gas > self.gas:
            raise BlockFull(limit="gas", left=self.gas, needed=gas)
        self.gas -= gas

    @property
    def is_full(self) -> bool:
        """Whether no transaction at all fits any more."""
        return self.transactions < 1
