"""From an envelope to its effects: the part that is the same for every kind and chain."""

from collections.abc import Mapping

from chain_engine.blocks.block import Event, Receipt
from chain_engine.blocks.parameters import ChainParameters
from chain_engine.blocks.transaction import InvalidTransaction, SignedTransaction
from chain_engine.codec.canonical import Malformed, NonCanonical, Struct, decode
from chain_engine.ledger.accounts import use_nonce, verify_control
from chain_engine.ledger.balances import balance_of
from chain_engine.ledger.errors import (
    BadPayload,
    ExpiredTransaction,
    InsufficientFunds,
    UnknownKind,
    WrongNonce,
)
from chain_engine.ledger.fees import pay_fee, verify_fee
from chain_engine.ledger.kinds.kind import Kind
from chain_engine.ledger.ledger import Ledger

DECODED_MAX = 65_536
"""Decoded payloads kept between admission and execution, in each of two generations."""


class Payloads:
    """Kinds of one chain, and payloads decoded and checked once per transaction.

    The cache is by witness hash, which covers every byte of the transaction, so it can only save
    work, never change an outcome.
    """

    def __init__(self, kinds: Mapping[str, Kind], parameters: ChainParameters) -> None:
        """Start with an empty cache. The parameters price the fee."""
        self.kinds = kinds
        self.parameters = parameters
        self._decoded: dict[bytes, tuple[Kind, Struct]] = {}
        self._older: dict[bytes, tuple[Kind, Struct]] = {}

    def decode(self, signed: SignedTransaction) -> tuple[Kind, Struct]:
        """Return the kind and the payload of a transaction, after every check without state.

        Raises:
            UnknownKind: this chain has no such kind.
            BadPayload: not the kind's payload, or a field is outside its range.
            FeeTooLow: the fee does not pay for size and gas.
            InvalidTransaction: the gas limit is above the chain's.
        """
        key = signed.witness_hash
        known = self._decoded.get(key) or self._older.get(key)
        if known is not None:
            return known
        found = kind, payload = self._decode(signed)
        if signed.tx.gas_limit > self.parameters.transaction_gas_max:
            raise InvalidTransaction(field="gas_limit", limit=self.parameters.transaction_gas_max)
        if not (kind.is_relay and signed.tx.fee == 0 and signed.tx.gas_limit == 0):
            verify_fee(self.parameters, len(signed.raw), signed.tx.gas_limit, signed.tx.fee)
        kind.verify(payload)
        if len(self._decoded) >= DECODED_MAX:
            self._older, self._decoded = self._decoded, {}
        self._decoded[key] = found
        return found

    def _decode(self, signed: SignedTransaction) -> tuple[Kind, Struct]:
        kind = self.kinds.get(signed.tx.kind)
        if kind is None:
            raise UnknownKind(kind=signed.tx.kind)
        try:
            return kind, decode(signed.tx.payload, kind.payload)
        except (Malformed, NonCanonical) as error:
            raise BadPayload(field="payload", reason=error.detail) from None


def charge(ledger: Ledger, signed: SignedTransaction) -> None:
    """Check expiry and control, use the nonce and take the fee: what every kind begins with.

    Raises:
        ExpiredTransaction, WrongScript, WrongSecondKey, WrongNonce: it must not be in the block.
        InsufficientFunds: the sender cannot pay the fee.
    """
    tx = signed.tx
    if ledger.context.height > tx.valid_until_height:
        raise ExpiredTransaction(
            height=ledger.context.height, valid_until_height=tx.valid_until_height
        )
    verify_control(ledger, signed)
    use_nonce(ledger, tx.sender, tx.nonce)
    pay_fee(ledger, tx.sender, tx.fee)


def apply_transaction(
    ledger: Ledger, signed: SignedTransaction, kind: Kind, payload: Struct
) -> Receipt:
    """Charge and apply a transaction inside a step of its own: whole or not at all.

    Raises:
        ChainError: a rule refuses it; nothing has changed.
    """
    ledger.begin()
    try:
        charge(ledger, signed)
        events: tuple[Event, ...] = kind.apply(ledger, signed, payload)
    except BaseException:
        ledger.undo()
        raise
    ledger.keep()
    return Receipt(signed.id, "", 0, signed.tx.fee, events)


def check_transaction(
    ledger: Ledger, signed: SignedTransaction, kind: Kind, payload: Struct
) -> None:
    """Check a transaction for the mempool: it may follow others of its sender that still wait.

    A free relay transaction is kept only when it would succeed right now.

    Raises:
        ChainError: a rule refuses it.
    """
    tx = signed.tx
    expected = ledger.account(tx.sender).nonce
    is_free = kind.is_relay and tx.fee == 0
    if tx.nonce < expected or (is_free and tx.nonce != expected):
        raise WrongNonce(nonce=tx.nonce, expected=expected)
    if tx.nonce == expected and kind.check is None:
        apply_transaction(ledger, signed, kind, payload)
        return
    if ledger.context.height > tx.valid_until_height:
        raise ExpiredTransaction(
            height=ledger.context.height, valid_until_height=tx.valid_until_height
        )
    verify_control(ledger, signed)
    asset = ledger.context.parameters.fees.asset
    balance = balance_of(ledger, tx.sender, asset)
    if balance < tx.fee:
        raise InsufficientFunds(balance=balance, needed=tx.fee, asset=asset)
    if tx.nonce == expected and kind.check is not None:
        kind.check(ledger, signed, payload)
