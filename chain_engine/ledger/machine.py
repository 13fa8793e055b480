"""The shape of a state machine: what the engine drives (the idea of ABCI, in our words).

`mainchain.ledger` is one, `sidechain_host.executor` another. Consensus, mempool, gossip, sync, the
explorer API and the simulator are written once against this shape.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from chain_engine.blocks.block import Event, Receipt
from chain_engine.blocks.bridge import Ack, BridgeMessage, PeerCommitment
from chain_engine.blocks.delegates import DelegateSet
from chain_engine.blocks.parameters import ChainParameters
from chain_engine.blocks.transaction import SignedTransaction
from chain_engine.primitives.errors import ChainError
from chain_engine.state.view import StateView


class BlockContext(msgspec.Struct, frozen=True):
    """What the header holds before its roots exist."""

    chain_id: bytes
    """The chain."""

    height: int
    """Height of the block being made or checked."""

    time_ms: int
    """Header time."""

    seed: bytes
    """Header seed."""

    forger: bytes
    """Tagged key of the first forger."""

    parameters: ChainParameters
    """Parameters in force."""


class Changes(msgspec.Struct, frozen=True):
    """Everything that executing a block changes; nothing is applied before it commits."""

    writes: Mapping[bytes, bytes | None]
    """State writes; None deletes."""

    receipts: tuple[Receipt, ...]
    """One per transaction in order, system receipts last."""

    commitments: tuple[PeerCommitment, ...] = ()
    """Commitment to every peer after the block, ascending by peer; the header holds their root."""

    outbox: tuple[BridgeMessage, ...] = ()
    """Messages appended to the outboxes, in order."""

    acks: tuple[tuple[bytes, Ack], ...] = ()
    """(peer chain id, ack) appended to the ack logs, in order."""

    next_delegates: DelegateSet | None = None
    """The set that signs the next block, when it changes."""


class MachineFault(ChainError):
    """The machine on this node failed; it says nothing about the block.

    A base without a code: a node that cannot judge must stay silent, never vote against a block.
    """


class StateMachine(Protocol):
    """One chain's rules. All methods but `execute` and `genesis` are pure functions of arguments.

    `execute` is a coroutine because a DApp runs in another process; its result must still depend
    on its arguments alone.
    """

    def verify_stateless(self, signed: SignedTransaction) -> None:
        """Check kind, payload and fee arithmetic; raise a `ChainError` if wrong."""
        ...

    def check(self, signed: SignedTransaction, view: StateView, context: BlockContext) -> None:
        """Check account control and funds for the mempool; raise a `ChainError` if refused."""
        ...

    async def select(
        self, context: BlockContext, candidates: Sequence[SignedTransaction], view: StateView
    ) -> tuple[list[SignedTransaction], Changes]:
        """Choose the transactions of a block this node forges, and execute them."""
        ...

    async def execute(
        self, context: BlockContext, transactions: Sequence[SignedTransaction], view: StateView
    ) -> Changes:
        """Execute a block.

        Raises:
            InvalidBlock: the block must not get a first vote.
            MachineFault: this node cannot judge it.
        """
        ...

    async def committed(self, context: BlockContext, changes: Changes) -> None:
        """Told after a block is durable: caches may be moved forward."""
        ...


__all__ = ["BlockContext", "Changes", "Event", "Receipt", "StateMachine"]
