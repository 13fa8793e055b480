"""`account.transfer`: move units of one asset to another account (docs/spec/11-main-chain.md)."""

from chain_engine.blocks.block import Event
from chain_engine.blocks.transaction import SignedTransaction
from chain_engine.codec.canonical import Struct
from chain_engine.ledger.assets import ASSET_BYTES_MAX
from chain_engine.ledger.balances import balance_of, move
from chain_engine.ledger.errors import BadPayload, InsufficientFunds
from chain_engine.ledger.events import Transferred, address_of, build_event
from chain_engine.ledger.kinds.kind import Kind
from chain_engine.ledger.ledger import Ledger
from chain_engine.primitives.limits import ACCOUNT_BYTES, AMOUNT_MAX, MEMO_BYTES_MAX


class TransferPayload(Struct, frozen=True):
    """Payload of `account.transfer`."""

    asset: str
    """Asset text of this chain, such as `ACC`."""

    recipient: bytes
    """20-byte account; it need not have been seen before."""

    amount: int
    """Units, 1 to 2^63-1."""

    memo: str
    """Free text, at most 256 bytes."""


def verify(payload: TransferPayload) -> None:
    """Check the payload alone.

    Raises:
        BadPayload: a field is outside its range.
    """
    if len(payload.recipient) != ACCOUNT_BYTES:
        raise BadPayload(field="recipient", bytes=len(payload.recipient))
    if not 1 <= payload.amount <= AMOUNT_MAX:
        raise BadPayload(field="amount", amount=payload.amount)
    if not 1 <= len(payload.asset) <= ASSET_BYTES_MAX:
        raise BadPayload(field="asset")
    if payload.memo and len(payload.memo.encode()) > MEMO_BYTES_MAX:
        raise BadPayload(field="memo", limit=MEMO_BYTES_MAX)


def check(ledger: Ledger, signed: SignedTransaction, payload: TransferPayload) -> None:
    """Check that the sender can pay amount and fee.

    Raises:
        InsufficientFunds: it cannot.
    """
    tx = signed.tx
    is_fee_asset = payload.asset == ledger.context.parameters.fees.asset
    needed = payload.amount + (tx.fee if is_fee_asset else 0)
    balance = balance_of(ledger, tx.sender, payload.asset)
    if balance < needed:
        raise InsufficientFunds(balance=balance, needed=needed, asset=payload.asset)


def apply(ledger: Ledger, signed: SignedTransaction, payload: TransferPayload) -> tuple[Event, ...]:
    """Move the units.

    Raises:
        InsufficientFunds: the sender holds less.
    """
    sender = signed.tx.sender
    move(ledger, payload.asset, sender, payload.recipient, payload.amount)
    data = Transferred(
        payload.asset,
        address_of(sender),
        address_of(payload.recipient),
        str(payload.amount),
        payload.memo,
    )
    return (build_event(data),)


ACCOUNT_TRANSFER = Kind("account.transfer", TransferPayload, verify, apply, check)
"""The kind."""
