"""`chain.deliver`: relay the next messages of a peer chain. Paid by the fees in the messages."""

from chain_engine.blocks.block import Event
from chain_engine.blocks.transaction import SignedTransaction
from chain_engine.ledger.bridge.receive import DeliverPayload, acknowledge, receive
from chain_engine.ledger.errors import BadPayload
from chain_engine.ledger.events import build_event
from chain_engine.ledger.kinds.kind import Kind
from chain_engine.ledger.ledger import Ledger
from chain_engine.primitives.limits import BRIDGE_BATCH_MAX, HASH_BYTES


def verify(payload: DeliverPayload) -> None:
    """Check the payload alone.

    Raises:
        BadPayload: the peer is no chain id, or there are no messages or too many.
    """
    if len(payload.peer) != HASH_BYTES:
        raise BadPayload(field="peer")
    if not 1 <= len(payload.messages) <= BRIDGE_BATCH_MAX:
        raise BadPayload(field="messages", count=len(payload.messages), limit=BRIDGE_BATCH_MAX)


def apply(ledger: Ledger, signed: SignedTransaction, payload: DeliverPayload) -> tuple[Event, ...]:
    """Receive and acknowledge the messages on a chain that runs no contracts."""
    received = receive(ledger, payload, signed.tx.sender, runs_calls=False)
    return tuple(build_event(acknowledge(ledger, inbound)) for inbound in received)


CHAIN_DELIVER = Kind("chain.deliver", DeliverPayload, verify, apply, is_relay=True)
"""The kind as a chain without contracts offers it; others share payload and `verify`."""
