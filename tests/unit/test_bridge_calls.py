"""Messages that run a contract method: gas out of their fee, one ack each, in order."""

import pytest
from support.bridge_chains import BOB, RELAY_FEE, RELAYER, account_of
from support.dishonest_peer import MAIN, deliver_of, main_ledger, message_to, side_ledger

from chain_engine.blocks.bridge import AckStatus, CallBody
from chain_engine.blocks.parameters import FeeSchedule
from chain_engine.codec.canonical import encode
from chain_engine.ledger.audit import audit
from chain_engine.ledger.balances import balance_of, supply_of
from chain_engine.ledger.bridge.peers import close_bridge, get_peer
from chain_engine.ledger.bridge.receive import (
    PENDING_CALL,
    acknowledge,
    apply_transfer,
    call_body,
    receive,
)

BODY = CallBody(method="buy", arguments="{}", gas_limit=2_500)
GAS_COST = 3
TRAVELLING = RELAY_FEE - RELAY_FEE // 2
DELIVERER = account_of(RELAYER)


def priced(asset: str = "ACC"):
    return side_ledger(
        block_gas_max=10_000,
        transaction_gas_max=5_000,
        fees=FeeSchedule(asset=asset, byte_fee=1, gas_price=1, relay_fee=10),
    )


def call(ledger, seq: int, body=BODY, **changes):
    raw = body if isinstance(body, bytes) else encode(body)
    return message_to(ledger, seq, kind="CALL", body=raw, **changes)


def test_gas_goes_to_the_forger_and_the_rest_to_the_deliverer():
    ledger = priced()
    (inbound,) = receive(ledger, deliver_of(ledger, [call(ledger, 0)]), DELIVERER, runs_calls=True)
    assert inbound.status == PENDING_CALL
    assert call_body(inbound.message) == BODY
    assert ledger.fees == GAS_COST
    assert balance_of(ledger, DELIVERER, "ACC") == TRAVELLING - GAS_COST
    assert balance_of(ledger, account_of(BOB), "ACC") == 0
    assert supply_of(ledger, "ACC") == TRAVELLING


def test_a_call_that_succeeds_keeps_the_amount_and_one_that_refuses_gives_it_back():
    ledger = priced()
    payload = deliver_of(ledger, [call(ledger, 0), call(ledger, 1), message_to(ledger, 2)])
    good, bad, transfer = receive(ledger, payload, DELIVERER, runs_calls=True)
    assert transfer.status == AckStatus.DELIVERED
    ledger.begin()
    done = apply_transfer(ledger, good)
    ledger.keep()
    assert done == good.delivered()
    ledger.begin()
    assert apply_transfer(ledger, bad).status == AckStatus.DELIVERED
    ledger.undo()
    for outcome in (done, bad.failed("SOLD_OUT"), transfer):
        acknowledge(ledger, outcome)
    assert balance_of(ledger, account_of(BOB), "ACC") == 2_000
    assert [(ack.seq, ack.code) for _, ack in ledger.acks] == [(0, ""), (1, "SOLD_OUT"), (2, "")]
    assert get_peer(ledger, MAIN).acks.size == 3
    close_bridge(ledger)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"body": b""}, "BAD_MESSAGE"),
        ({"body": b"\xc1"}, "BAD_MESSAGE"),
        ({"body": CallBody(method="m", arguments="{}", gas_limit=-1)}, "BAD_MESSAGE"),
        ({"body": CallBody(method="m", arguments="{}", gas_limit=5_001)}, "BAD_MESSAGE"),
        ({"fee": 11, "body": CallBody("m", "{}", 5_000), "amount": 0}, ""),
        ({"fee": 10, "body": CallBody("m", "{}", 5_000), "amount": 0}, ""),
    ],
    ids=str,
)
def test_the_body_of_a_call_is_checked_before_it_runs(changes, code):
    ledger = priced()
    payload = deliver_of(ledger, [call(ledger, 0, **changes)])
    (inbound,) = receive(ledger, payload, DELIVERER, runs_calls=True)
    assert inbound.code == code


def test_a_fee_that_cannot_buy_the_gas_still_pays_the_deliverer():
    ledger = side_ledger(
        block_gas_max=10**9,
        transaction_gas_max=10**9,
        fees=FeeSchedule(asset="ACC", byte_fee=1, gas_price=1000, relay_fee=10),
    )
    dear = CallBody(method="m", arguments="{}", gas_limit=TRAVELLING + 1)
    payload = deliver_of(ledger, [call(ledger, 0, dear)])
    (inbound,) = receive(ledger, payload, DELIVERER, runs_calls=True)
    assert (inbound.status, inbound.code) == (AckStatus.FAILED, "FEE_TOO_LOW")
    assert balance_of(ledger, DELIVERER, "ACC") == TRAVELLING
    assert ledger.fees == 0


def test_a_chain_that_sells_gas_for_its_own_asset_takes_no_calls():
    ledger = priced("ECC")
    payload = deliver_of(ledger, [call(ledger, 0)])
    (inbound,) = receive(ledger, payload, DELIVERER, runs_calls=True)
    assert inbound.code == "GAS_NOT_PAYABLE"


def test_an_expired_call_buys_no_gas():
    ledger = priced()
    payload = deliver_of(ledger, [call(ledger, 0, expires_at_ms=1)])
    (inbound,) = receive(ledger, payload, DELIVERER, runs_calls=True)
    assert inbound.status == AckStatus.EXPIRED
    assert ledger.fees == 0


def test_the_main_chain_runs_no_calls():
    ledger = main_ledger()
    ledger.put(b"e" + b"\xbb" * 32 + b"ACC", 10_000)
    ledger.put(b"s" + b"ACC", 10**9 + 10_000)
    payload = deliver_of(ledger, [call(ledger, 0)])
    (inbound,) = receive(ledger, payload, DELIVERER, runs_calls=False)
    assert inbound.code == "KIND_NOT_SUPPORTED"
    acknowledge(ledger, inbound)
    audit(ledger)
