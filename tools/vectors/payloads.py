"""Payloads of the kinds that wallets build (docs/spec/04-transactions.md section 6)."""

import json
from collections.abc import Iterator
from typing import Any

from chain_engine.blocks.bridge import CallBody
from chain_engine.codec.canonical import Struct, encode
from chain_engine.crypto.accounts import account_of_script
from chain_engine.ledger.kinds.account_transfer import TransferPayload
from chain_engine.ledger.kinds.chain_send import SendPayload
from chain_engine.primitives.limits import AMOUNT_MAX, MEMO_BYTES_MAX, MESSAGE_BODY_BYTES_MAX
from sidechain_host.calls import CallPayload
from tools.vectors.cast import OTHER_CHAIN_ID, script_of
from tools.vectors.form import to_json
from tools.vectors.vector import Case

BOB = account_of_script(script_of("bob"))
REFUSED = "BAD_PAYLOAD"

DAPP_CALL = CallPayload("place_order", '{"amount":"300","asset":"ECC","price":"1250000"}')
"""Method and arguments; the arguments are canonical JSON text."""

CALL_BODY = encode(CallBody("place_order", '{"amount":"300"}', 80_000))


def transfer_of(**fields: Any) -> TransferPayload:
    """Return the payload of a transfer with some fields of one's own."""
    defaults = {"asset": "ACC", "recipient": BOB, "amount": 1_500_000, "memo": "房租 rent"}
    return TransferPayload(**{**defaults, **fields})


def send_of(**fields: Any) -> SendPayload:
    """Return the payload of a deposit with a call, with some fields of one's own."""
    defaults = {
        "destination": OTHER_CHAIN_ID, "kind": "CALL", "asset": "ACC", "amount": 1_000_000,
        "recipient": BOB, "expires_at_ms": 1_800_000_600_000, "fee": 200_000, "memo": "",
        "body": CALL_BODY,
    }  # fmt: skip
    return SendPayload(**{**defaults, **fields})


def cases() -> Iterator[Case]:
    """Yield every case of the file."""
    yield _case("dapp.call", "the method, then its arguments", DAPP_CALL, None)
    yield from _texts()
    yield from _transfers()
    yield from _sends()


CONTROLS = "".join(map(chr, range(0x20)))


def _texts() -> Iterator[Case]:
    for description, value in (
        ("an empty object", {}),
        ("names are sorted, blanks are left out", {"b": [1, "2", None], "a": {"z": True, "y": []}}),
        ("names sort by code points", {"\U0001f600": 1, "\ue000": 2, "9": 3, "10": 4, "": 5}),
        ("only what must be escaped is", {"text": CONTROLS + '"\\/\x7f\u2028é股'}),
        ("the greatest and least integers", {"max": 2**53 - 1, "min": -(2**53) + 1, "zero": 0}),
    ):
        form = {"json": json.dumps(value)}
        yield Case(f"canonical JSON: {description}", "canonical_json", form)


def _transfers() -> Iterator[Case]:
    foreign = f"{OTHER_CHAIN_ID.hex()}:ECC"
    for description, fields, error in (
        ("a transfer", {}, None),
        ("a transfer of another chain's asset", {"asset": foreign, "memo": ""}, None),
        ("a transfer of the greatest amount", {"amount": AMOUNT_MAX}, None),
        ("the longest memo", {"memo": "m" * MEMO_BYTES_MAX}, None),
        ("a transfer of nothing", {"amount": 0}, REFUSED),
        ("an amount above the limit", {"amount": AMOUNT_MAX + 1}, REFUSED),
        ("a recipient of 19 bytes", {"recipient": BOB[:19]}, REFUSED),
        ("no asset", {"asset": ""}, REFUSED),
        ("a memo with a byte too many, counted in UTF-8", {"memo": "é" * 128 + "m"}, REFUSED),
    ):
        yield _case("account.transfer", description, transfer_of(**fields), error)


def _sends() -> Iterator[Case]:
    transfer = {"kind": "TRANSFER", "body": b""}
    for description, fields, error in (
        ("a deposit", transfer, None),
        ("a deposit with a call", {}, None),
        ("a call that moves nothing", {"amount": 0}, None),
        ("a deposit of nothing", {**transfer, "amount": 0}, REFUSED),
        ("a deposit with a body", {"kind": "TRANSFER"}, REFUSED),
        ("a call without a body", {"body": b""}, REFUSED),
        ("a call whose body is cut", {"body": CALL_BODY[:-1]}, REFUSED),
        ("a body above the limit", {"body": bytes(MESSAGE_BODY_BYTES_MAX + 1)}, REFUSED),
        ("a kind that wallets cannot send", {"kind": "CONTROL"}, REFUSED),
        ("a destination of 31 bytes", {"destination": OTHER_CHAIN_ID[:31]}, REFUSED),
        ("a fee above the limit", {"fee": AMOUNT_MAX + 1}, REFUSED),
    ):
        yield _case("chain.send", description, send_of(**fields), error)


def _case(kind: str, description: str, payload: Struct, error: str | None) -> Case:
    form = {"kind": kind, "payload": to_json(payload)}
    return Case(f"{kind}: {description}", "encode_payload", form, error)
