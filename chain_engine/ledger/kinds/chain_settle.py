"""`chain.settle`: relay the next acks of a peer chain. Paid by the fees kept at the source."""

from chain_engine.blocks.block import Event
from chain_engine.blocks.transaction import SignedTransaction
from chain_engine.ledger.bridge.settle import SettlePayload, settle
from chain_engine.ledger.errors import BadPayload
from chain_engine.ledger.events import build_event
from chain_engine.ledger.kinds.kind import Kind
from chain_engine.ledger.ledger import Ledger
from chain_engine.primitives.limits import BRIDGE_BATCH_MAX, HASH_BYTES


def verify(payload: SettlePayload) -> None:
    """Check the payload alone.

    Raises:
        BadPayload: the peer is no chain id, or there are no acks or too many.
    """
    if len(payload.peer) != HASH_BYTES:
        raise BadPayload(field="peer")
    if not 1 <= len(payload.acks) <= BRIDGE_BATCH_MAX:
        raise BadPayload(field="acks", count=len(payload.acks), limit=BRIDGE_BATCH_MAX)


def apply(ledger: Ledger, signed: SignedTransaction, payload: SettlePayload) -> tuple[Event, ...]:
    """Settle the messages and refund what failed."""
    return tuple(build_event(data) for data in settle(ledger, payload, signed.tx.sender))


CHAIN_SETTLE = Kind("chain.settle", SettlePayload, verify, apply, is_relay=True)
"""The kind."""
