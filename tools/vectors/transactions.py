"""Transactions: encoding, ids, witnesses (docs/spec/04-transactions.md)."""

from collections.abc import Iterator, Sequence
from typing import Any

from chain_engine.blocks.build import build_transaction, sign_transaction
from chain_engine.blocks.transaction import SecondWitness, SignedTransaction, Transaction, Witness
from chain_engine.codec.canonical import encode
from chain_engine.crypto.accounts import Script, account_of_script
from chain_engine.primitives.limits import AMOUNT_MAX, KIND_BYTES_MAX, TRANSACTION_BYTES_MAX
from tools.vectors.cast import CHAIN_ID, OTHER_CHAIN_ID, board_of, flip, key_of, script_of
from tools.vectors.cast import secret_of as secret
from tools.vectors.form import to_json
from tools.vectors.payloads import DAPP_CALL, send_of, transfer_of
from tools.vectors.vector import Case

ALICE = account_of_script(script_of("alice"))
BOB = account_of_script(script_of("bob"))
BOARD = board_of(2, "alice", "bob", "carol")


def cases() -> Iterator[Case]:
    """Yield every case of the file."""
    for description, tx, names, scripts in _signings():
        form = {
            "chain_id": CHAIN_ID.hex(),
            "transaction": _unsigned(tx),
            "secrets": [secret(name).hex() for name in names],
            "scripts": [to_json(script) for script in scripts],
        }
        yield Case(description, "sign_transaction", form)
        signed = _sign(tx, names, scripts)
        yield _on(f"{description}: the signatures are valid", "verify_transaction", signed.raw)
        yield _on(f"{description}: the witness hash", "witness_hash", signed.raw)
    yield from _wrong_envelopes()
    yield from _wrong_witnesses()
    yield from _wrong_bytes()


def _build(sender: bytes = ALICE, **fields: Any) -> Transaction:
    defaults: dict[str, Any] = {
        "kind": "dapp.call", "nonce": 7, "valid_until_height": 1_000, "fee": 12_000,
        "gas_limit": 50_000, "payload": DAPP_CALL,
    }  # fmt: skip
    return build_transaction(chain_id=CHAIN_ID, sender=sender, **{**defaults, **fields})


def _signings() -> Iterator[tuple[str, Transaction, Sequence[str], Sequence[Script]]]:
    yield "a call by one key", _build(), ["alice"], []
    greatest: dict[str, Any] = {
        "nonce": AMOUNT_MAX,
        "valid_until_height": AMOUNT_MAX,
        "fee": AMOUNT_MAX,
    }
    yield "the greatest numbers", _build(**greatest, gas_limit=AMOUNT_MAX), ["alice"], []
    yield (
        "the least numbers",
        _build(nonce=0, valid_until_height=0, fee=0, gas_limit=0),
        ["alice"],
        [],
    )
    transfer: dict[str, Any] = {
        "kind": "account.transfer",
        "payload": transfer_of(),
        "gas_limit": 0,
    }
    yield "a transfer", _build(**transfer), ["alice"], []
    deposit: dict[str, Any] = {"kind": "chain.send", "payload": send_of(), "gas_limit": 0}
    yield "a deposit with a call", _build(**deposit), ["alice"], []
    board = account_of_script(BOARD)
    yield "two of three", _build(board), ["alice", "carol"], [BOARD]
    yield (
        "three of three can sign, two are taken",
        _build(board),
        ["alice", "bob", "carol"],
        [BOARD],
    )
    yield "a cosigner", _build(cosigners=[BOB]), ["alice", "bob"], []
    yield "cosigners are sorted; one is two of three", _build(cosigners=[board, BOB]), [
        "alice", "bob", "carol",
    ], [BOARD]  # fmt: skip


def _sign(
    tx: Transaction, names: Sequence[str] = ("alice",), scripts: Sequence[Script] = ()
) -> SignedTransaction:
    return sign_transaction(tx, CHAIN_ID, [key_of(name) for name in names], scripts)


def _wrong_envelopes() -> Iterator[Case]:
    refused = "INVALID_TRANSACTION"
    for description, fields, error in (
        ("an unknown version", {"version": 2}, refused),
        ("another chain's prefix", {"chain_prefix": OTHER_CHAIN_ID[:8]}, "WRONG_CHAIN"),
        ("no kind", {"kind": ""}, refused),
        ("a kind that is too long", {"kind": "k" * (KIND_BYTES_MAX + 1)}, refused),
        ("a kind outside ASCII", {"kind": "conta.é"}, refused),
        ("a sender of 19 bytes", {"sender": ALICE[:19]}, refused),
        ("a negative nonce", {"nonce": -1}, refused),
        ("a nonce above the limit", {"nonce": AMOUNT_MAX + 1}, refused),
        ("a fee above the limit", {"fee": AMOUNT_MAX + 1}, refused),
        ("the sender as its own cosigner", {"cosigners": (ALICE,)}, refused),
        ("a cosigner twice", {"cosigners": (BOB, BOB)}, refused),
        ("cosigners out of order", {"cosigners": (b"\x02" * 20, b"\x01" * 20)}, refused),
        ("a cosigner of 21 bytes", {"cosigners": (bytes(21),)}, refused),
        ("16 cosigners", {"cosigners": tuple(bytes(19) + bytes([i]) for i in range(16))}, refused),
    ):
        yield _on(description, "decode_transaction", _changed(_sign(_build()).tx, fields), error)


def _wrong_witnesses() -> Iterator[Case]:
    refused = "INVALID_WITNESS"
    tx = _sign(_build(account_of_script(BOARD)), ["alice", "carol"], [BOARD]).tx
    (witness,) = tx.witnesses
    first, second = witness.signatures
    for description, witnesses, error in (
        ("no witness", (), refused),
        ("a witness too many", (witness, witness), refused),
        ("a signature missing", (Witness(BOARD, (first,), None),), refused),
        ("a signature too many", (Witness(BOARD, (first, (1, second[1]), second), None),), refused),
        ("one signer counted twice", (Witness(BOARD, (first, first), None),), refused),
        ("signatures out of order", (Witness(BOARD, (second, first), None),), refused),
        ("a key that the script has not", (Witness(BOARD, (first, (3, second[1])), None),),
         refused),
        ("a negative key index", (Witness(BOARD, ((-1, first[1]), second), None),), refused),
        ("a script without keys", (Witness(Script(0, ()), (), None),), "INVALID_SCRIPT"),
        ("a second key's signature missing",
         (Witness(BOARD, witness.signatures, SecondWitness(script_of("dave"), ())),), refused),
    ):  # fmt: skip
        yield _on(description, "decode_transaction", _changed(tx, {"witnesses": witnesses}), error)
    yield from _wrong_signatures(tx)


def _wrong_signatures(tx: Transaction) -> Iterator[Case]:
    (witness,) = tx.witnesses
    (index, signature), second = witness.signatures
    other = Witness(BOARD, ((index, flip(signature, 300)), second), None)
    short = Witness(BOARD, ((index, signature[:63]), second), None)
    swapped = Witness(BOARD, ((index, second[1]), (second[0], signature)), None)
    stranger = key_of("mallory").sign(bytes(32))
    unasked = SecondWitness(script_of("mallory"), ((0, stranger),))
    for description, changed in (
        ("a bit of a signature changed", {"witnesses": (other,)}),
        ("a signature of 63 bytes", {"witnesses": (short,)}),
        ("two signers' signatures exchanged", {"witnesses": (swapped,)}),
        ("a second key's signature of other bytes",
         {"witnesses": (Witness(BOARD, witness.signatures, unasked),)}),
        ("the fee changed after signing", {"fee": tx.fee + 1}),
        ("the nonce changed after signing", {"nonce": tx.nonce + 1}),
        ("the payload changed after signing", {"payload": encode(("withdraw", "{}"))}),
        ("the kind changed after signing", {"kind": "account.transfer"}),
    ):  # fmt: skip
        raw = _changed(tx, changed)
        yield _on(description, "verify_transaction", raw, "INVALID_SIGNATURE")
    there = _changed(tx, {"chain_prefix": OTHER_CHAIN_ID[:8]})
    form = {"chain_id": OTHER_CHAIN_ID.hex(), "bytes": there.hex()}
    yield Case("signed for another chain", "verify_transaction", form, "INVALID_SIGNATURE")


def _wrong_bytes() -> Iterator[Case]:
    raw = _sign(_build()).raw
    # the nonce 7 stands right behind the sender and the empty list of cosigners
    place = raw.index(ALICE) + len(ALICE) + 1
    assert raw[place] == 7, "the nonce's one byte"  # noqa: PLR2004
    longer = raw[:place] + b"\xcc\x07" + raw[place + 1 :]
    for description, data, error in (
        ("the nonce in two bytes", longer, "NON_CANONICAL"),
        ("a byte behind it", raw + b"\0", "MALFORMED"),
        ("the last byte missing", raw[:-1], "MALFORMED"),
        ("a field missing", b"\x9a" + raw[1:-1], "MALFORMED"),
        ("no bytes", b"", "MALFORMED"),
    ):
        yield _on(description, "decode_transaction", data, error)
    form = {"chain_id": CHAIN_ID.hex(), "bytes": "", "zeros": str(TRANSACTION_BYTES_MAX + 1)}
    yield Case("a byte above the limit", "decode_transaction", form, "LIMIT_EXCEEDED")


def _changed(tx: Transaction, fields: dict[str, Any]) -> bytes:
    return encode(Transaction(**{name: fields.get(name, getattr(tx, name))
                                 for name in tx.__struct_fields__}))  # fmt: skip


def _unsigned(tx: Transaction) -> dict[str, Any]:
    return {name: form for name, form in to_json(tx).items() if name != "witnesses"}


def _on(description: str, operation: str, raw: bytes, error: str | None = None) -> Case:
    form = {"chain_id": CHAIN_ID.hex(), "bytes": raw.hex()}
    return Case(description, operation, form, error)
