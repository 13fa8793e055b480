"""Building and signing transactions: what a wallet does."""

from collections.abc import Sequence
from typing import Any

from chain_engine.blocks.transaction import (
    TRANSACTION_VERSION,
    SignedTransaction,
    Transaction,
    Witness,
    transaction_id,
)
from chain_engine.codec.canonical import encode
from chain_engine.crypto.accounts import Script, account_of_script, single_key_script
from chain_engine.crypto.keys import SecretKey
from chain_engine.primitives.limits import CHAIN_PREFIX_BYTES

WITNESS_BYTES = 120
"""Most bytes that one single-key witness adds to a transaction."""


def build_transaction(
    *,
    chain_id: bytes,
    kind: str,
    sender: bytes,
    nonce: int,
    valid_until_height: int,
    fee: int,
    payload: Any,
    gas_limit: int = 0,
    cosigners: Sequence[bytes] = (),
) -> Transaction:
    """Build an unsigned transaction; `payload` is the kind's struct."""
    return Transaction(
        version=TRANSACTION_VERSION,
        chain_prefix=chain_id[:CHAIN_PREFIX_BYTES],
        kind=kind,
        sender=sender,
        cosigners=tuple(sorted(cosigners)),
        nonce=nonce,
        valid_until_height=valid_until_height,
        fee=fee,
        gas_limit=gas_limit,
        payload=encode(payload),
        witnesses=(),
    )


def sign_transaction(
    tx: Transaction, chain_id: bytes, keys: Sequence[SecretKey], scripts: Sequence[Script] = ()
) -> SignedTransaction:
    """Sign for the sender and every cosigner with whichever of `keys` their scripts name.

    `scripts` are the m-of-n scripts involved; accounts of single keys need none.
    """
    message = transaction_id(tx, chain_id)
    known = {account_of_script(s): s for s in map(single_key_script, (k.public for k in keys))}
    known |= {account_of_script(script): script for script in scripts}
    secrets = {key.public: key for key in keys}
    witnesses = tuple(
        _sign_script(known[account], secrets, message) for account in (tx.sender, *tx.cosigners)
    )
    signed = Transaction(**{**{f: getattr(tx, f) for f in tx.__struct_fields__},
                            "witnesses": witnesses})  # fmt: skip
    return SignedTransaction(encode(signed), signed, chain_id)


def _sign_script(script: Script, secrets: dict[bytes, SecretKey], message: bytes) -> Witness:
    able = [index for index, key in enumerate(script.keys) if key in secrets]
    chosen = able[: script.threshold]
    signatures = tuple((i, secrets[script.keys[i]].sign(message)) for i in chosen)
    return Witness(script=script, signatures=signatures, second=None)
