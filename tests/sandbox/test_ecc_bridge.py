"""The ECC DApp and the main chain: a deposit opens an escrow in one step, the price goes home."""

from contextlib import contextmanager

import pytest
from support.bridge_chains import FEE, RELAY_FEE, Pair, account_of
from support.ecc_chain import (
    AGREEMENT,
    ALICE,
    AMOUNT,
    ARG,
    BOB,
    CAROL,
    DUPLICATE,
    ECC,
    FUNDS,
    LATE,
    PROOF,
    ROLE,
    Ecc,
    address,
    dapp_pair,
)

from chain_engine.blocks.bridge import CallBody
from chain_engine.codec.canonical import encode
from chain_engine.ledger.audit import audit_pair
from chain_engine.ledger.balances import balance_of
from sidechain_host.calls import encode_arguments

PRICE = 1_000_000
CALL_GAS = 1_000_000
CALL_FEE = 200_000
"""Half of it pays the gas of the call at the chain's price, half the settler."""
PURSE = 50_000_000
"""What pays for calls on the sidechain."""


@contextmanager
def audited_pair():
    with dapp_pair(ECC) as pair:
        yield pair
        audit_pair(pair.main.view, pair.main.chain_id, pair.side.view, pair.side.chain_id)


@pytest.fixture
def pair():
    with audited_pair() as pair:
        yield pair


@pytest.fixture(scope="module")
def refusing():
    """A pair on whose sidechain nothing ever comes of a message."""
    with audited_pair() as pair:
        yield pair


def on_main(pair: Pair, key) -> int:
    return balance_of(pair.ledger(pair.main), account_of(key), "ACC")


def purse(pair: Pair, *keys) -> Ecc:
    """Send plain ACC along, for the fees of later calls."""
    for key in keys:
        pair.send(pair.main, key, amount=PURSE, recipient=account_of(key), fee=CALL_FEE)
    return Ecc(pair.side)


def deposit(pair: Pair, *, key=ALICE, amount=PRICE, method="escrow.open", gas=CALL_GAS, **terms):
    """A message that brings `amount` and opens an escrow over it, up to `terms`."""
    arguments = Ecc(pair.side).terms(**{"amounts": [PRICE], **terms})
    body = CallBody(method, encode_arguments(arguments), gas)
    pair.send(pair.main, key, kind="CALL", amount=amount, fee=CALL_FEE,
              recipient=account_of(key), body=encode(body))  # fmt: skip


def delivered(pair: Pair) -> list[tuple[str, str]]:
    """(status, code) of every message the sidechain has taken, in order."""
    events = [event for r in pair.side.receipts.values() for event in pair.side.events(r)]
    return [(d["status"], d["code"]) for name, d in events if name == "MessageDelivered"]


def test_a_deposit_opens_an_escrow_in_one_step(pair):
    before = on_main(pair, ALICE)
    deposit(pair, ref="cart 7")
    pair.deliver(pair.main)
    assert delivered(pair) == [("DELIVERED", "")]
    ecc = Ecc(pair.side)
    escrow = ecc.verify(1)
    assert (escrow["state"], escrow["held"]) == ("OFFERED", str(PRICE))
    assert (escrow["payer"], escrow["opener"]) == (address(ALICE), address(ALICE))
    assert (pair.side.balance(ALICE), ecc.reserve) == (0, PRICE)
    pair.settle(pair.main)
    assert on_main(pair, ALICE) == before - PRICE - CALL_FEE - FEE


@pytest.mark.parametrize(("changes", "code"), [
    ({"confirm_secs": 0}, ARG),
    ({"payer": CAROL}, ROLE),
    ({"accept_in": -50}, LATE),
    ({"amounts": [0]}, AMOUNT),
    ({"amounts": [PRICE, 1]}, FUNDS),
    ({"asset": "ECC"}, FUNDS),
    ({"silence": "dispute"}, "ARG"),
    ({"gas": 20_000}, "OUT_OF_GAS"),
    ({"method": "escrow.accept"}, "PERMISSION"),
])  # fmt: skip
def test_a_refused_call_fails_the_message_and_the_amount_is_refunded(refusing, changes, code):
    pair, before = refusing, on_main(refusing, ALICE)
    deposit(pair, **changes)
    pair.deliver(pair.main)
    assert delivered(pair)[-1] == ("FAILED", code)
    assert pair.side.balance(ALICE) == 0
    assert pair.side.query("escrows")["data"] == []
    pair.settle(pair.main)
    assert on_main(pair, ALICE) == before - CALL_FEE - FEE


def test_a_deposit_sent_twice_with_one_ref_opens_one_escrow(pair):
    for _ in range(2):
        deposit(pair, ref="cart 7")
    pair.deliver(pair.main)
    assert delivered(pair) == [("DELIVERED", ""), ("FAILED", DUPLICATE)]
    assert len(pair.side.query("escrows")["data"]) == 1
    pair.settle(pair.main)


def test_a_payee_may_quote_by_deposit_and_keeps_what_it_brought(pair):
    deposit(pair, key=BOB, amount=PRICE // 2)
    pair.deliver(pair.main)
    assert delivered(pair) == [("DELIVERED", "")]
    assert Ecc(pair.side).verify(1)["state"] == "QUOTED"
    assert pair.side.balance(BOB) == PRICE // 2
    pair.settle(pair.main)


def test_the_price_is_earned_and_goes_home(pair):
    ecc = purse(pair, ALICE, BOB)
    deposit(pair)
    pair.deliver(pair.main)
    pair.settle(pair.main)
    assert ecc.code(BOB, "escrow.accept", id=1, agreement_hash=AGREEMENT) == ""
    assert ecc.code(BOB, "escrow.deliver", id=1, no=0, proof_hash=PROOF) == ""
    assert ecc.code(ALICE, "escrow.confirm", id=1, no=0, amount=str(PRICE)) == ""
    assert ecc.verify(1)["state"] == "CLOSED"
    before = on_main(pair, BOB)
    home = {"to": address(BOB), "asset": "ACC", "amount": str(PRICE)}
    receipt = ecc.call(BOB, "withdraw", **home, fee=str(RELAY_FEE))
    withdrawn = {"from": address(BOB), **home, "fee": str(RELAY_FEE), "seq": 0}
    assert pair.side.events(receipt)[0] == ("Withdrawn", withdrawn)
    pair.deliver(pair.side)
    pair.settle(pair.side)
    assert on_main(pair, BOB) == before + PRICE


def test_a_withdrawal_needs_funds_for_amount_and_fee_and_the_bridges_leave(pair):
    ecc = purse(pair, BOB)
    pair.deliver(pair.main)
    home = {"to": address(BOB), "asset": "ACC", "amount": "1", "fee": str(RELAY_FEE)}
    free = pair.side.balance(BOB)
    for changes, code in (
        ({"amount": "0"}, AMOUNT),
        ({"fee": "0"}, AMOUNT),
        ({"amount": str(free)}, FUNDS),
        ({"fee": str(free)}, FUNDS),
        ({"asset": "ECC"}, FUNDS),
        ({"fee": str(RELAY_FEE - 1)}, "FEE_TOO_LOW"),
    ):
        assert ecc.code(BOB, "withdraw", **{**home, **changes}) == code
    pair.settle(pair.main)
