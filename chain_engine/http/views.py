"""From the chain's own structs to the shapes of the API."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from chain_engine.blocks.block import CertifiedBlock, Event, Header, Receipt, block_id
from chain_engine.blocks.bridge import BridgeMessage, PeerCommitment
from chain_engine.blocks.certificate import Certificate
from chain_engine.blocks.transaction import SignedTransaction, Transaction
from chain_engine.codec.canonical import decode_unchecked, encode
from chain_engine.crypto.accounts import encode_address
from chain_engine.http import models
from chain_engine.http.chain_reader import ReceiptPlace
from chain_engine.http.problem import jsonable

TIME_MS_MAX = 253_402_300_799_999
"""The last millisecond that ISO 8601 can write with a four-digit year."""


def time_text(time_ms: int) -> str:
    """ISO 8601 in UTC with milliseconds."""
    if time_ms > TIME_MS_MAX:
        return ""
    moment = datetime.fromtimestamp(time_ms // 1000, UTC).replace(microsecond=time_ms % 1000 * 1000)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def header_view(header: Header, identity: bytes | None = None) -> models.HeaderView:
    """A header; `identity` saves hashing it when it is known."""
    return models.HeaderView(
        height=header.height,
        id=(identity or block_id(header)).hex(),
        chain_id=header.chain_id.hex(),
        round=header.round,
        time=time_text(header.time_ms),
        time_ms=header.time_ms,
        parent_id=header.parent_id.hex(),
        transactions_root=header.transactions_root.hex(),
        receipts_root=header.receipts_root.hex(),
        state_root=header.state_root.hex(),
        bridge_root=header.bridge_root.hex(),
        delegates_hash=header.delegates_hash.hex(),
        next_delegates_hash=header.next_delegates_hash.hex(),
        parameters_hash=header.parameters_hash.hex(),
        evidence_root=header.evidence_root.hex(),
        parent_certificate_hash=header.parent_certificate_hash.hex(),
        seed=header.seed.hex(),
        consensus_root=header.consensus_root.hex(),
        forger=header.forger.hex(),
    )


def certificate_view(certificate: Certificate | None) -> models.CertificateView | None:
    """A certificate, if there is one."""
    if certificate is None:
        return None
    return models.CertificateView(
        height=certificate.height,
        round=certificate.round,
        block_id=certificate.block_id.hex(),
        signers=certificate.signers.hex(),
        signatures=[signature.hex() for signature in certificate.signatures],
    )


def block_view(certified: CertifiedBlock) -> models.BlockView:
    """A block."""
    transactions = certified.block.transactions
    return models.BlockView(
        header=header_view(certified.block.header),
        certificate=certificate_view(certified.certificate),
        transaction_count=len(transactions),
        transaction_bytes=sum(map(len, transactions)),
    )


def event_data(text: str) -> dict[str, Any]:
    """An event's JSON object."""
    return msgspec.json.decode(text, type=dict[str, Any])


def event_view(event: Event) -> models.EventView:
    """An event of a receipt."""
    return models.EventView(name=event.name, data=event_data(event.data))


def receipt_view(receipt: Receipt) -> models.ReceiptView:
    """A receipt."""
    return models.ReceiptView(
        id=receipt.id.hex(),
        code=receipt.code,
        gas=receipt.gas,
        fee=str(receipt.fee),
        events=[event_view(event) for event in receipt.events],
    )


def transaction_view(
    raw: bytes, chain_id: bytes, *, height: int, index: int, place: ReceiptPlace | None
) -> models.TransactionView:
    """A committed transaction and its receipt."""
    signed = SignedTransaction(raw, decode_unchecked(raw, Transaction), chain_id)
    tx = signed.tx
    return models.TransactionView(
        id=signed.id.hex(),
        witness_hash=signed.witness_hash.hex(),
        height=height,
        index=index,
        kind=tx.kind,
        sender=encode_address(tx.sender),
        cosigners=[encode_address(account) for account in tx.cosigners],
        nonce=tx.nonce,
        valid_until_height=tx.valid_until_height,
        fee=str(tx.fee),
        gas_limit=tx.gas_limit,
        payload=tx.payload.hex(),
        payload_values=payload_values(tx.payload),
        raw=raw.hex(),
        receipt=None if place is None else receipt_view(place.receipt),
    )


def payload_values(payload: bytes) -> Any:
    """A payload's values without their names: bytes as hex, large integers as text."""
    try:
        return jsonable(msgspec.msgpack.decode(payload))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def commitment_view(commitment: PeerCommitment) -> models.CommitmentView:
    """A peer commitment."""
    return models.CommitmentView(
        peer=commitment.peer.hex(),
        outbox_root=commitment.outbox_root.hex(),
        outbox_size=commitment.outbox_size,
        ack_root=commitment.ack_root.hex(),
        ack_size=commitment.ack_size,
        settle_next=commitment.settle_next,
        vouchers_root=commitment.vouchers_root.hex(),
        status=commitment.status,
        encoded=encode(commitment).hex(),
    )


def message_view(message: BridgeMessage) -> models.MessageView:
    """A bridge message."""
    return models.MessageView(
        seq=message.seq,
        kind=message.kind,
        asset_home=message.asset.home.hex(),
        asset_symbol=message.asset.symbol,
        amount=str(message.amount),
        sender=encode_address(message.sender),
        recipient=encode_address(message.recipient),
        expires_at_ms=message.expires_at_ms,
        fee=str(message.fee),
        memo=message.memo,
        encoded=encode(message).hex(),
    )
