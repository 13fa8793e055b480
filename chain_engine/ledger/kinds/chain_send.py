"""`chain.send`: send an asset, and perhaps a contract call, to a peer chain."""

from chain_engine.blocks.block import Event
from chain_engine.blocks.bridge import BridgeMessage, CallBody
from chain_engine.blocks.transaction import SignedTransaction
from chain_engine.codec.canonical import Malformed, NonCanonical, Struct, decode
from chain_engine.ledger.assets import ASSET_BYTES_MAX
from chain_engine.ledger.bridge.send import send, sent_event
from chain_engine.ledger.errors import BadPayload
from chain_engine.ledger.events import build_event
from chain_engine.ledger.kinds.kind import Kind
from chain_engine.ledger.ledger import Ledger
from chain_engine.primitives.limits import (
    ACCOUNT_BYTES,
    AMOUNT_MAX,
    HASH_BYTES,
    MEMO_BYTES_MAX,
    MESSAGE_BODY_BYTES_MAX,
)


class SendPayload(Struct, frozen=True):
    """Payload of `chain.send`."""

    destination: bytes
    """Chain id of the peer, 32 bytes."""

    kind: str
    """`TRANSFER` or `CALL`."""

    asset: str
    """Asset text of this chain."""

    amount: int
    """Units: at least 1 for a TRANSFER, 0 is allowed for a CALL."""

    recipient: bytes
    """20-byte account at the destination."""

    expires_at_ms: int
    """Header time of the destination after which the message only expires and is refunded."""

    fee: int
    """ACC units for relaying, beside the transaction's own fee."""

    memo: str
    """Free text, at most 256 bytes."""

    body: bytes
    """Empty for a TRANSFER, an encoded `CallBody` for a CALL; at most 4 KiB."""


def verify(payload: SendPayload) -> None:
    """Check the payload alone.

    Raises:
        BadPayload: a field is outside its range.
    """
    least = 1 if payload.kind == "TRANSFER" else 0
    rules = {
        "destination": len(payload.destination) == HASH_BYTES,
        "kind": payload.kind in ("TRANSFER", "CALL"),
        "asset": 1 <= len(payload.asset) <= ASSET_BYTES_MAX,
        "amount": least <= payload.amount <= AMOUNT_MAX,
        "recipient": len(payload.recipient) == ACCOUNT_BYTES,
        "expires_at_ms": 0 <= payload.expires_at_ms <= AMOUNT_MAX,
        "fee": 0 <= payload.fee <= AMOUNT_MAX,
        "memo": len(payload.memo.encode()) <= MEMO_BYTES_MAX,
        "body": _is_body(payload),
    }
    for field, holds in rules.items():
        if not holds:
            raise BadPayload(field=field)


def _is_body(payload: SendPayload) -> bool:
    if payload.kind == "TRANSFER":
        return not payload.body
    if len(payload.body) > MESSAGE_BODY_BYTES_MAX:
        return False
    try:
        body = decode(payload.body, CallBody)
    except (Malformed, NonCanonical):
        return False
    return 0 <= body.gas_limit <= AMOUNT_MAX


def apply(ledger: Ledger, signed: SignedTransaction, payload: SendPayload) -> tuple[Event, ...]:
    """Append the message to the outbox."""
    message = send_payload(ledger, signed.tx.sender, payload)
    return (build_event(sent_event(message, payload.asset)),)


def send_payload(ledger: Ledger, sender: bytes, payload: SendPayload) -> BridgeMessage:
    """Send what a verified payload says, in the name of `sender`; errors are those of `send`."""
    return send(
        ledger,
        sender=sender,
        destination=payload.destination,
        kind="TRANSFER" if payload.kind == "TRANSFER" else "CALL",
        asset=payload.asset,
        amount=payload.amount,
        recipient=payload.recipient,
        expires_at_ms=payload.expires_at_ms,
        fee=payload.fee,
        memo=payload.memo,
        body=payload.body,
    )


CHAIN_SEND = Kind("chain.send", SendPayload, verify, apply)
"""The kind."""
