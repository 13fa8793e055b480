"""Sending a message to a peer chain (docs/spec/07-bridge.md section 4)."""

from msgspec.structs import replace

from chain_engine.blocks.bridge import (
    MESSAGE_VERSION,
    BridgeMessage,
    MessageKind,
    chain_account,
)
from chain_engine.codec.canonical import encode
from chain_engine.ledger.assets import MAIN_COIN, asset_id
from chain_engine.ledger.balances import move
from chain_engine.ledger.bridge.errors import BadMessage, MessageExpired
from chain_engine.ledger.bridge.peers import get_active_peer, put_peer
from chain_engine.ledger.bridge.vouchers import send_value
from chain_engine.ledger.errors import FeeTooLow
from chain_engine.ledger.events import EventData, MessageSent, address_of
from chain_engine.ledger.frontier import append_leaf
from chain_engine.ledger.keys import pending_key
from chain_engine.ledger.ledger import Ledger
from chain_engine.ledger.records import PendingMessage
from chain_engine.primitives.limits import (
    ACCOUNT_BYTES,
    AMOUNT_MAX,
    MEMO_BYTES_MAX,
    MESSAGE_BODY_BYTES_MAX,
)


def settling_share(fee: int) -> int:
    """Part of a message's fee that stays at the source for whoever settles it."""
    return fee // 2


def relay_account(chain_id: bytes, peer: bytes) -> bytes:
    """Keyless account that holds the settlers' shares of messages to a peer."""
    return chain_account(chain_id, "relay", peer)


def send(
    ledger: Ledger,
    *,
    sender: bytes,
    destination: bytes,
    kind: MessageKind,
    asset: str,
    amount: int,
    recipient: bytes,
    expires_at_ms: int,
    fee: int,
    memo: str = "",
    body: bytes = b"",
) -> BridgeMessage:
    """Append a message to the outbox and take its amount and fee out of the sender's account.

    `asset` is a text of this chain. Half of the fee (rounded down) waits in the relay account for
    the settler; the rest travels and pays the deliverer.

    Raises:
        UnknownChain, ChainNotActive: no such peer, or it is frozen.
        BadMessage, BadAsset: a field is outside its range.
        FeeTooLow: less than the destination's least relay fee.
        MessageExpired: `expires_at_ms` is not in the future.
        InsufficientFunds: amount or fee cannot be paid.
    """
    context = ledger.context
    record = get_active_peer(ledger, destination)
    message = BridgeMessage(
        version=MESSAGE_VERSION,
        source=context.chain_id,
        destination=destination,
        seq=record.outbox.size,
        kind=kind,
        asset=asset_id(asset, context.chain_id, ledger.main_chain),
        amount=amount,
        sender=sender,
        recipient=recipient,
        expires_at_ms=expires_at_ms,
        fee=fee,
        memo=memo,
        body=body,
    )
    verify_message_fields(message)
    if fee < record.relay_fee:
        raise FeeTooLow(fee=fee, needed=record.relay_fee)
    if expires_at_ms <= context.time_ms:
        raise MessageExpired(expires_at_ms=expires_at_ms, now_ms=context.time_ms)
    waiting = settling_share(fee)
    if waiting:
        move(ledger, MAIN_COIN, sender, relay_account(context.chain_id, destination), waiting)
    send_value(ledger, destination, MAIN_COIN, fee - waiting, sender)
    send_value(ledger, destination, asset, amount, sender)
    _append(ledger, message)
    return message


def verify_message_fields(message: BridgeMessage) -> None:
    """Check the ranges that hold for every message, on both sides.

    Raises:
        BadMessage: `field` names the first that is wrong.
    """
    rules = {
        "sender": len(message.sender) == ACCOUNT_BYTES,
        "recipient": len(message.recipient) == ACCOUNT_BYTES,
        "amount": 0 <= message.amount <= AMOUNT_MAX,
        "fee": 0 <= message.fee <= AMOUNT_MAX,
        "expires_at_ms": 0 <= message.expires_at_ms <= AMOUNT_MAX,
        "memo": len(message.memo.encode()) <= MEMO_BYTES_MAX,
        "body": len(message.body) <= MESSAGE_BODY_BYTES_MAX
        and (message.kind != "TRANSFER" or not message.body),
    }
    for field, holds in rules.items():
        if not holds:
            raise BadMessage(field=field)


def _append(ledger: Ledger, message: BridgeMessage) -> None:
    record = get_active_peer(ledger, message.destination)
    outbox = append_leaf(record.outbox, encode(message))
    put_peer(ledger, replace(record, outbox=outbox))
    ledger.put(
        pending_key(message.destination, message.seq),
        PendingMessage(message.kind, message.asset, message.amount, message.sender, message.fee),
    )
    ledger.outbox.append(message)


def sent_event(message: BridgeMessage, asset: str) -> EventData:
    """Build the event of a sent message; `asset` is its text on this chain."""
    return MessageSent(
        destination=message.destination.hex(),
        seq=message.seq,
        kind=message.kind,
        asset=asset,
        amount=str(message.amount),
        sender=address_of(message.sender),
        recipient=address_of(message.recipient),
        fee=str(message.fee),
    )
