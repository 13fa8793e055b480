"""Simulation of one transaction on top of the committed state: nothing is kept."""

from chain_engine.blocks.block import Receipt, next_seed
from chain_engine.blocks.rules import InvalidBlock
from chain_engine.blocks.transaction import decode_transaction
from chain_engine.ledger.machine import BlockContext, StateMachine
from chain_engine.primitives.errors import ChainError
from chain_engine.storage.chain_store import ChainStore


def next_context(store: ChainStore, *, time_ms: int, forger: bytes) -> BlockContext:
    """Context of the block after the tip, as if it were forged at `time_ms`."""
    tip = store.tip
    return BlockContext(
        chain_id=store.chain_id,
        height=tip.height + 1,
        time_ms=max(time_ms, tip.time_ms + 1),
        seed=next_seed(tip.seed, b""),
        forger=forger,
        parameters=store.parameters,
    )


async def simulate(
    raw: bytes, store: ChainStore, machine: StateMachine, context: BlockContext
) -> Receipt:
    """Execute one transaction alone on the next block's context; signatures are not needed.

    Raises:
        ChainError: it does not decode, or the chain would refuse it (the rule's own error).
    """
    signed = decode_transaction(raw, store.chain_id)
    machine.verify_stateless(signed)
    try:
        changes = await machine.execute(context, [signed], store.view())
    except InvalidBlock as error:
        if isinstance(error.__cause__, ChainError):
            raise error.__cause__ from None
        raise
    return changes.receipts[0]
