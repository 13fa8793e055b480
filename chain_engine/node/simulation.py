"""Simulation of one transaction on top of the committed state: nothing is kept."""

from chain_engine.blocks.block import Receipt
from chain_engine.blocks.rules import InvalidBlock
from chain_engine.blocks.transaction import decode_transaction
from chain_engine.ledger.machine import BlockContext, StateMachine
from chain_engine.primitives.errors import ChainError
from chain_engine.storage.chain_store import ChainStore


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
