"""The transaction envelope and its witnesses (docs/spec/04-transactions.md).

The same envelope on every chain; `kind` and `payload` belong to the chain's state machine. The id
covers everything but the witnesses and all 32 bytes of the chain id; the witness hash covers the
whole transaction and is what blocks, proposals and caches use.
"""

import itertools
from functools import lru_cache

from chain_engine.codec.canonical import Struct, decode, encode
from chain_engine.crypto.accounts import Script, account_of_script, verify_script
from chain_engine.crypto.hashing import tagged_hash
from chain_engine.crypto.keys import is_signature_valid
from chain_engine.primitives.errors import ChainError, LimitExceeded
from chain_engine.primitives.limits import (
    ACCOUNT_BYTES,
    AMOUNT_MAX,
    CHAIN_PREFIX_BYTES,
    COSIGNERS_MAX,
    KIND_BYTES_MAX,
    PAYLOAD_BYTES_MAX,
    TRANSACTION_BYTES_MAX,
)

TRANSACTION_VERSION = 1


class InvalidTransaction(ChainError):
    """The envelope breaks a rule of its own."""

    code = "INVALID_TRANSACTION"
    title = "The transaction's envelope is not valid."
    fix = "See docs/spec/04-transactions.md; `field` names the field that is wrong."


class WrongChain(ChainError):
    """Signed for another chain."""

    code = "WRONG_CHAIN"
    title = "The transaction is for another chain."
    fix = "Sign it with this chain's id, which /status gives."
    status = 422


class InvalidWitness(ChainError):
    """A witness is missing, superfluous or of the wrong shape."""

    code = "INVALID_WITNESS"
    title = "The witnesses do not fit the transaction."
    fix = "One witness for the sender and each cosigner, in that order, with exactly m signatures."
    status = 422


class SecondWitness(Struct, frozen=True):
    """Signatures of an account's second key."""

    script: Script
    """Script of the second key."""

    signatures: tuple[tuple[int, bytes], ...]
    """(key index, 64-byte signature), ascending, exactly `threshold` of them."""


class Witness(Struct, frozen=True):
    """Proof that one account consents."""

    script: Script
    """The account's script."""

    signatures: tuple[tuple[int, bytes], ...]
    """(key index, 64-byte signature), ascending, exactly `threshold` of them."""

    second: SecondWitness | None
    """The same for the account's second key, when it has one."""


class Transaction(Struct, frozen=True):
    """The transaction as it travels."""

    version: int
    """Format: 1."""

    chain_prefix: bytes
    """First 8 bytes of the chain id; the id below covers all 32."""

    kind: str
    """What it does, such as `account.transfer`; at most 40 ASCII characters."""

    sender: bytes
    """20-byte account whose nonce and balance pay."""

    cosigners: tuple[bytes, ...]
    """Up to 15 other accounts that consent, ascending, distinct, without the sender."""

    nonce: int
    """Number of transactions of the sender before this one."""

    valid_until_height: int
    """Last height at which it may be included."""

    fee: int
    """Whole price in the chain's fee asset, smallest units."""

    gas_limit: int
    """Gas it may use; 0 where nothing is metered."""

    payload: bytes
    """Canonical bytes of the kind's payload struct."""

    witnesses: tuple[Witness, ...]
    """One for the sender, then one for each cosigner."""


class SignedTransaction:
    """A decoded transaction together with everything computed from its bytes, once."""

    __slots__ = ("id", "raw", "tx", "witness_hash")

    def __init__(self, raw: bytes, tx: Transaction, chain_id: bytes) -> None:
        """Compute the id and the witness hash."""
        self.raw = raw
        self.tx = tx
        self.id = transaction_id(tx, chain_id)
        self.witness_hash = witness_hash(self.id, tx.witnesses)

    @property
    def size(self) -> int:
        """Encoded size with witnesses, bytes."""
        return len(self.raw)

    def __repr__(self) -> str:
        """Name it by kind and id."""
        return f"<{self.tx.kind} {self.id.hex()[:16]}>"


def transaction_id(tx: Transaction, chain_id: bytes) -> bytes:
    """The 32 bytes that witnesses sign: all but the witnesses, with the full chain id."""
    body = (
        tx.version, tx.kind, tx.sender, tx.cosigners, tx.nonce,
        tx.valid_until_height, tx.fee, tx.gas_limit, tx.payload,
    )  # fmt: skip
    return tagged_hash("acc/tx", chain_id, encode(body))


def witness_hash(transaction_id_: bytes, witnesses: tuple[Witness, ...]) -> bytes:
    """Hash over the whole transaction: the id, then the witnesses."""
    return tagged_hash("acc/witness", transaction_id_, encode(witnesses))


def decode_transaction(raw: bytes, chain_id: bytes) -> SignedTransaction:
    """Decode bytes from outside and check everything that needs no state and no signature.

    Raises:
        LimitExceeded: too many bytes.
        Malformed: not the encoding of a transaction.
        NonCanonical: not the one encoding.
        WrongChain: for another chain.
        InvalidTransaction: a field breaks its rule.
        InvalidWitness: witnesses missing, superfluous or of the wrong shape.
        InvalidScript: a script breaks its rules.
    """
    if len(raw) > TRANSACTION_BYTES_MAX:
        raise LimitExceeded(transaction_bytes=len(raw), limit=TRANSACTION_BYTES_MAX)
    tx = decode(raw, Transaction)
    _verify_envelope(tx, chain_id)
    _verify_witness_shapes(tx)
    return SignedTransaction(raw, tx, chain_id)


def _verify_envelope(tx: Transaction, chain_id: bytes) -> None:
    if tx.version != TRANSACTION_VERSION:
        raise InvalidTransaction(field="version", version=tx.version)
    if tx.chain_prefix != chain_id[:CHAIN_PREFIX_BYTES]:
        raise WrongChain(chain=tx.chain_prefix, expected=chain_id[:CHAIN_PREFIX_BYTES])
    if not (0 < len(tx.kind) <= KIND_BYTES_MAX and tx.kind.isascii()):
        raise InvalidTransaction(field="kind")
    if len(tx.sender) != ACCOUNT_BYTES:
        raise InvalidTransaction(field="sender")
    if tx.cosigners:
        _verify_cosigners(tx)
    if len(tx.payload) > PAYLOAD_BYTES_MAX:
        raise InvalidTransaction(field="payload", limit=PAYLOAD_BYTES_MAX)
    for field in ("nonce", "valid_until_height", "fee", "gas_limit"):
        if not 0 <= getattr(tx, field) <= AMOUNT_MAX:
            raise InvalidTransaction(field=field)


def _verify_cosigners(tx: Transaction) -> None:
    others = tx.cosigners
    if len(others) > COSIGNERS_MAX:
        raise InvalidTransaction(field="cosigners", limit=COSIGNERS_MAX)
    if any(len(account) != ACCOUNT_BYTES or account == tx.sender for account in others):
        raise InvalidTransaction(field="cosigners")
    if any(a >= b for a, b in itertools.pairwise(others)):
        raise InvalidTransaction(field="cosigners", reason="ascending and distinct")


def _verify_witness_shapes(tx: Transaction) -> None:
    if len(tx.witnesses) != 1 + len(tx.cosigners):
        raise InvalidWitness(witnesses=len(tx.witnesses), needed=1 + len(tx.cosigners))
    for witness in tx.witnesses:
        _verify_signature_list(witness)
        if witness.second is not None:
            _verify_signature_list(witness.second)


def _verify_signature_list(part: Witness | SecondWitness) -> None:
    script_account(part.script)
    signatures = part.signatures
    count = len(signatures)
    if count != part.script.threshold:
        raise InvalidWitness(signatures=count, needed=part.script.threshold)
    if count > 1 and any(a[0] >= b[0] for a, b in itertools.pairwise(signatures)):
        raise InvalidWitness(reason="key indexes must be ascending and distinct")
    if not 0 <= signatures[0][0] <= signatures[-1][0] < len(part.script.keys):
        raise InvalidWitness(reason="key index outside the script")


@lru_cache(maxsize=65536)
def script_account(script: Script) -> bytes:
    """Account of a script, after checking the script; cached, since accounts sign often.

    Raises:
        InvalidScript: it breaks its rules.
    """
    verify_script(script)
    return account_of_script(script)


SignatureCheck = tuple[bytes, bytes, bytes]
"""(public key, 32-byte message, signature)."""


def signature_checks(signed: SignedTransaction) -> list[SignatureCheck]:
    """Every signature of a transaction that must be valid."""
    checks: list[SignatureCheck] = []
    for witness in signed.tx.witnesses:
        for part in (witness, witness.second):
            if part is not None:
                keys = part.script.keys
                checks += [(keys[i], signed.id, signature) for i, signature in part.signatures]
    return checks


def are_signatures_valid(signed: SignedTransaction) -> bool:
    """Whether every signature of the transaction is valid. Costly: see the cache in the node."""
    return all(is_signature_valid(*check) for check in signature_checks(signed))
