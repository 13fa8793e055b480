"""Transactions that a real node must refuse, over HTTP, on the main chain and on a DApp's chain."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from msgspec.structs import replace
from support.running_ecc import ACC, RunningEcc, eventually, post_transaction, running_ecc

from acc.keystore import generate_secret_key
from acc.transactions import Order, prepare_transaction
from chain_engine.blocks.build import sign_transaction
from chain_engine.blocks.transaction import SignedTransaction, Witness, decode_transaction
from chain_engine.codec.canonical import Struct, encode
from chain_engine.crypto.accounts import account_of_key, encode_address, single_key_script
from chain_engine.crypto.keys import SecretKey
from chain_engine.http.client import ChainClient
from chain_engine.ledger.kinds.account_transfer import TransferPayload
from chain_engine.primitives.limits import AMOUNT_MAX, PAYLOAD_BYTES_MAX, TRANSACTION_BYTES_MAX
from sidechain_host.calls import CallPayload, encode_arguments

CHAINS = ("main", "ecc")

STRANGER = SecretKey(b"\x51" * 32)
"""Somebody without funds."""

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ecc(tmp_path_factory):
    async with running_ecc(tmp_path_factory.mktemp("bad"), nodes=1) as running:
        await running.deposited("alice", 100 * ACC)
        await running.pay("alice", "bob", 1)
        await running.call("alice", "transfer", _arguments(running))
        await eventually("nothing to be on its way", running.is_quiet)
        yield running


@dataclass
class Maker:
    """A good transaction of alice for one chain, and what can be made of it."""

    good: SignedTransaction
    chain_id: bytes
    key: SecretKey

    def signed(self, key: SecretKey | None = None, **changes: Any) -> bytes:
        """The good one with other fields, signed anew."""
        unsigned = replace(self.good.tx, witnesses=(), **changes)
        return sign_transaction(unsigned, self.chain_id, [key or self.key]).raw

    def of_stranger(self, **changes: Any) -> bytes:
        """The same from an account without funds."""
        account = account_of_key(STRANGER.public)
        return self.signed(STRANGER, sender=account, nonce=0, **changes)

    def witnessed(self, *witnesses: Witness) -> bytes:
        """The good one with other witnesses."""
        return encode(replace(self.good.tx, witnesses=witnesses))

    @property
    def witness(self) -> Witness:
        return self.good.tx.witnesses[0]


def _arguments(ecc: RunningEcc) -> dict[str, str]:
    return {"to": ecc.account("bob").address, "asset": "ACC", "amount": "5"}


def client_of(ecc: RunningEcc, chain: str) -> ChainClient:
    return ecc.main if chain == "main" else ecc.ecc


def payload_of(ecc: RunningEcc, chain: str) -> tuple[str, Struct, int]:
    if chain == "main":
        return "account.transfer", TransferPayload("ACC", ecc.account("bob").account, 5, ""), 0
    call = CallPayload("transfer", encode_arguments(_arguments(ecc)))
    return "dapp.call", call, 200_000


async def maker(ecc: RunningEcc, chain: str) -> Maker:
    client = client_of(ecc, chain)
    kind, payload, gas = payload_of(ecc, chain)
    key = ecc.account("alice").key
    good = await prepare_transaction(client, key, Order(kind, payload, gas_limit=gas))
    return Maker(good, bytes.fromhex((await client.status())["chain_id"]), key)


def _bad_signature(m: Maker) -> bytes:
    ((index, signature),) = m.witness.signatures
    broken = bytes([signature[0] ^ 1]) + signature[1:]
    return m.witnessed(replace(m.witness, signatures=((index, broken),)))


def _signed_by_another(m: Maker) -> bytes:
    signature = STRANGER.sign(m.good.id)
    return m.witnessed(replace(m.witness, signatures=((0, signature),)))


def _script_of_another(m: Maker) -> bytes:
    signature = STRANGER.sign(m.good.id)
    return m.witnessed(Witness(single_key_script(STRANGER.public), ((0, signature),), None))


def _signed_for_a_chain_with_the_same_prefix(m: Maker) -> bytes:
    other = m.chain_id[:8] + bytes(24)
    return sign_transaction(replace(m.good.tx, witnesses=()), other, [m.key]).raw


def _longer_integer(m: Maker) -> bytes:
    assert m.good.raw[1] == 1, "the version in its shortest form"
    return m.good.raw[:1] + b"\xcc\x01" + m.good.raw[2:]


CASES: dict[str, tuple[str, Callable[[Maker], bytes]]] = {
    "empty": ("MALFORMED", lambda _: b""),
    "not msgpack": ("MALFORMED", lambda _: b"\xc1"),
    "cut off": ("MALFORMED", lambda m: m.good.raw[:-1]),
    "bytes behind": ("MALFORMED", lambda m: m.good.raw + b"\x00"),
    "a field too many": ("MALFORMED", lambda m: b"\x9c" + m.good.raw[1:] + b"\x00"),
    "a text for a number": ("MALFORMED", lambda m: m.good.raw[:1] + b"\xa11" + m.good.raw[2:]),
    "a longer integer": ("NON_CANONICAL", _longer_integer),
    "version": ("INVALID_TRANSACTION", lambda m: m.signed(version=2)),
    "foreign chain": ("WRONG_CHAIN", lambda m: m.signed(chain_prefix=b"\x01" * 8)),
    "foreign chain of the same prefix": (
        "INVALID_SIGNATURE", _signed_for_a_chain_with_the_same_prefix,
    ),
    "bad signature": ("INVALID_SIGNATURE", _bad_signature),
    "signed by another": ("INVALID_SIGNATURE", _signed_by_another),
    "script of another": ("WRONG_SCRIPT", _script_of_another),
    "no witness": ("INVALID_WITNESS", lambda m: m.witnessed()),
    "a witness too many": ("INVALID_WITNESS", lambda m: m.witnessed(m.witness, m.witness)),
    "cannot pay the fee": ("INSUFFICIENT_FUNDS", lambda m: m.of_stranger()),
    "used nonce": ("WRONG_NONCE", lambda m: m.signed(nonce=m.good.tx.nonce - 1)),
    "nonce far ahead": ("NONCE_OUTSIDE_WINDOW", lambda m: m.signed(nonce=m.good.tx.nonce + 64)),
    "nonce out of range": ("INVALID_TRANSACTION", lambda m: m.signed(nonce=AMOUNT_MAX + 1)),
    "expired": ("EXPIRED_TRANSACTION", lambda m: m.signed(valid_until_height=1)),
    "overlong": ("LIMIT_EXCEEDED", lambda m: m.signed(payload=b"x" * TRANSACTION_BYTES_MAX)),
    "overlong payload": (
        "INVALID_TRANSACTION", lambda m: m.signed(payload=b"x" * (PAYLOAD_BYTES_MAX + 1)),
    ),
    "unknown kind": ("UNKNOWN_KIND", lambda m: m.signed(kind="account.rob")),
    "overlong kind": ("INVALID_TRANSACTION", lambda m: m.signed(kind="k" * 41)),
    "no fee": ("FEE_TOO_LOW", lambda m: m.signed(fee=0)),
    "half the fee": ("FEE_TOO_LOW", lambda m: m.signed(fee=m.good.tx.fee // 2)),
    "a negative fee": ("INVALID_TRANSACTION", lambda m: m.signed(fee=-1)),
    "no payload": ("BAD_PAYLOAD", lambda m: m.signed(payload=b"")),
    "payload of another kind": ("BAD_PAYLOAD", lambda m: m.signed(payload=encode((1, 2, 3)))),
}  # fmt: skip

MAIN_CASES: dict[str, tuple[str, Callable[[Maker], bytes]]] = {
    "more than there is": (
        "INSUFFICIENT_FUNDS",
        lambda m: m.signed(
            payload=encode(TransferPayload("ACC", bytes(20), AMOUNT_MAX, "")), fee=ACC
        ),
    ),
    "of nothing": (
        "BAD_PAYLOAD", lambda m: m.signed(payload=encode(TransferPayload("ACC", bytes(20), 0, ""))),
    ),
    "a contract call": ("UNKNOWN_KIND", lambda m: m.signed(kind="dapp.call")),
}  # fmt: skip

ECC_CASES: dict[str, tuple[str, Callable[[Maker], bytes]]] = {
    "unknown method": (
        "UNKNOWN_METHOD", lambda m: m.signed(payload=encode(CallPayload("rob", "{}"))),
    ),
    "missing arguments": (
        "ARG", lambda m: m.signed(payload=encode(CallPayload("transfer", "{}"))),
    ),
    "arguments that are no JSON": (
        "ARG", lambda m: m.signed(payload=encode(CallPayload("transfer", "{")))),
    "too much gas": ("INVALID_TRANSACTION", lambda m: m.signed(gas_limit=AMOUNT_MAX)),
    "registration": ("UNKNOWN_KIND", lambda m: m.signed(kind="chain.register")),
}  # fmt: skip

EVERY = (
    [(chain, name, *case) for chain in CHAINS for name, case in CASES.items()]
    + [("main", name, *case) for name, case in MAIN_CASES.items()]
    + [("ecc", name, *case) for name, case in ECC_CASES.items()]
)


async def snapshot(ecc: RunningEcc) -> list[Any]:
    """State roots, and alice's account, on both chains."""
    found: list[Any] = []
    for client in (ecc.main, ecc.ecc):
        account = await client.account(ecc.account("alice").address)
        found += [(await client.status())["state_root"], account.nonce, account.balances]
    return found


@pytest.mark.parametrize(
    ("chain", "name", "code", "make"), EVERY, ids=[f"{chain}: {name}" for chain, name, *_ in EVERY]
)
async def test_it_is_refused_with_its_code_and_nothing_changes(ecc, chain, name, code, make):
    client = client_of(ecc, chain)
    made = await maker(ecc, chain)
    raw = make(made)
    before = await snapshot(ecc)
    answer = await post_transaction(client, raw)
    assert (answer.code, answer.media_type) == (code, "application/problem+json"), name
    assert 400 <= answer.status < 500
    problem = answer.document
    assert problem["status"] == answer.status
    assert all(problem[member] for member in ("type", "title", "detail", "fix", "request_id"))
    # In a batch the same stands in its item, and harms no other item.
    known = bytes.fromhex((await client.account_transactions(
        ecc.account("alice").address))["data"][0]["raw"])  # fmt: skip
    first, second = await client.submit_many([known, raw])
    assert first.error is None
    assert second.error is not None
    assert second.error.code == code
    assert await snapshot(ecc) == before


@pytest.mark.parametrize("chain", CHAINS)
async def test_a_replayed_transaction_is_known_here_and_foreign_on_the_other_chain(ecc, chain):
    client = client_of(ecc, chain)
    history = await client.account_transactions(ecc.account("alice").address)
    done = history["data"][0]
    raw = bytes.fromhex(done["raw"])
    before = await snapshot(ecc)
    # Its id is its idempotency key: the same answer, and nothing is done again.
    answer = await post_transaction(client, raw)
    assert (answer.status, answer.document["data"][0]["id"]) == (200, done["id"])
    outcome = await client.wait_committed(bytes.fromhex(done["id"]))
    assert outcome.height == done["height"]
    other = client_of(ecc, CHAINS[1 - CHAINS.index(chain)])
    answer = await post_transaction(other, raw)
    assert (answer.status, answer.code) == (422, "WRONG_CHAIN")
    assert await snapshot(ecc) == before


@pytest.mark.parametrize("chain", CHAINS)
async def test_a_second_transaction_of_the_same_nonce_is_refused_before_and_after_the_commit(
    ecc, chain
):
    client = client_of(ecc, chain)
    made = await maker(ecc, chain)
    waiting = made.signed(nonce=made.good.tx.nonce + 1)
    answer = await post_transaction(client, waiting)
    assert answer.status == 200, "it waits for the one before it"
    rival = made.signed(nonce=made.good.tx.nonce + 1, valid_until_height=999)
    answer = await post_transaction(client, rival)
    assert (answer.status, answer.code) == (409, "REPLACEMENT_UNDERPRICED")
    await client.submit(made.good.raw)
    await client.wait_committed(_id(waiting, made))
    answer = await post_transaction(client, rival)
    assert (answer.status, answer.code) == (409, "WRONG_NONCE")
    assert await client.find_transaction(_id(rival, made)) is None


@pytest.mark.parametrize("chain", CHAINS)
async def test_a_key_without_an_account_changes_nothing_even_with_a_good_signature(ecc, chain):
    client = client_of(ecc, chain)
    made = await maker(ecc, chain)
    nobody = generate_secret_key()
    account = account_of_key(nobody.public)
    answer = await post_transaction(client, made.signed(nobody, sender=account, nonce=0))
    assert (answer.status, answer.code) == (422, "INSUFFICIENT_FUNDS")
    assert (await client.account(encode_address(account))).nonce == 0


def _id(raw: bytes, made: Maker) -> bytes:
    return decode_transaction(raw, made.chain_id).id
