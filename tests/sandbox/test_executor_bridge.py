"""A DApp chain and a main chain: value and calls in, value out, by proof."""

import pytest
from support.bridge_chains import FEE, RELAY_FEE, account_of
from support.dapp_chain import ALICE, BOB, CAROL, RELAYER, address, dapp_pair

from chain_engine.blocks.bridge import CallBody, chain_account
from chain_engine.codec.canonical import encode
from chain_engine.ledger.audit import audit_pair
from chain_engine.ledger.balances import balance_of
from sidechain_host.calls import encode_arguments

GAS = 500_000
CALL_FEE = 10_000
"""Half of it waits for the settler, the rest pays the gas of the call and the deliverer."""


@pytest.fixture
def pair():
    with dapp_pair() as pair:
        yield pair


def deposit(pair, *, amount=1_000, method="deposit.open", arguments=None, gas=GAS, fee=CALL_FEE):
    body = CallBody(method, encode_arguments(arguments or {"to": address(BOB)}), gas)
    return pair.send(
        pair.main,
        ALICE,
        kind="CALL",
        amount=amount,
        fee=fee,
        recipient=account_of(ALICE),
        body=encode(body),
    )


def conserved(pair):
    return audit_pair(pair.main.view, pair.main.chain_id, pair.side.view, pair.side.chain_id)


def test_a_deposit_with_a_call_locks_the_amount_in_one_step(pair):
    deposit(pair)
    pair.deliver(pair.main)
    receipt = list(pair.side.receipts.values())[-1]
    opened, delivered = [
        e
        for r in pair.side.receipts.values()
        for e in pair.side.events(r)
        if e[0] in ("Opened", "MessageDelivered")
    ]
    assert opened == (
        "Opened",
        {
            "id": 1,
            "from": address(ALICE),
            "amount": "1000",
            "sender": address(ALICE),
            "signers": [address(ALICE)],
        },
    )
    assert delivered[1]["status"] == "DELIVERED"
    reserve = chain_account(pair.side.chain_id, "locks")
    assert balance_of(pair.ledger(pair.side), reserve, "ACC") == 1_000
    assert receipt.code == ""
    conserved(pair)
    pair.settle(pair.main)
    conserved(pair)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"arguments": {"to": address(BOB), "refuse": True}}, "NOT_WANTED"),
        ({"arguments": {"to": "nobody"}}, "ARG"),
        ({"method": "note.add", "arguments": {"text": "x", "size": "1"}}, "PERMISSION"),
        ({"gas": 100}, "OUT_OF_GAS"),
        ({"gas": 10**9}, "BAD_MESSAGE"),
        ({"gas": 9_000_000}, "FEE_TOO_LOW"),
    ],
)
def test_a_call_that_fails_is_acknowledged_and_refunded(pair, changes, code):
    before = balance_of(pair.ledger(pair.main), account_of(ALICE), "ACC")
    deposit(pair, **changes)
    pair.deliver(pair.main)
    events = [e for r in pair.side.receipts.values() for e in pair.side.events(r)]
    (delivered,) = [data for name, data in events if name == "MessageDelivered"]
    assert (delivered["status"], delivered["code"]) == ("FAILED", code)
    assert pair.side.balance(ALICE) == 0
    pair.settle(pair.main)
    after = balance_of(pair.ledger(pair.main), account_of(ALICE), "ACC")
    assert after == before - CALL_FEE - FEE
    conserved(pair)


def test_good_and_bad_calls_and_transfers_of_one_block_keep_their_order(pair):
    deposit(pair, amount=10)
    deposit(pair, amount=20, arguments={"to": address(BOB), "refuse": True})
    pair.send(pair.main, ALICE, amount=30)
    deposit(pair, amount=40)
    pair.deliver(pair.main)
    events = [e for r in pair.side.receipts.values() for e in pair.side.events(r)]
    names = [(n, d.get("status") or d.get("id")) for n, d in events if n != "FeesPaid"]
    assert [n for n in names if n[0] != "HeaderCertified"] == [
        ("Opened", 1),
        ("MessageDelivered", "DELIVERED"),
        ("MessageDelivered", "FAILED"),
        ("MessageDelivered", "DELIVERED"),
        ("Opened", 2),
        ("MessageDelivered", "DELIVERED"),
    ]
    assert pair.side.balance(BOB) == 30
    pair.settle(pair.main)
    conserved(pair)


def test_what_came_in_goes_home(pair):
    pair.send(pair.main, ALICE, amount=10_000_000, recipient=account_of(BOB))
    pair.deliver(pair.main)
    pair.settle(pair.main)
    before = balance_of(pair.ledger(pair.main), account_of(CAROL), "ACC")
    out = {"to": address(CAROL), "asset": "ACC", "amount": "500", "fee": str(RELAY_FEE)}
    receipt = pair.side.call(BOB, "withdraw", out)
    assert [e[0] for e in pair.side.events(receipt)] == ["Sent", "MessageSent"]
    assert pair.side.events(receipt)[0][1] == {"seq": 0}
    too_little = pair.side.call(BOB, "withdraw", out | {"fee": "5"})
    assert too_little.code == "FEE_TOO_LOW"
    conserved(pair)
    pair.deliver(pair.side)
    assert balance_of(pair.ledger(pair.main), account_of(CAROL), "ACC") == before + 500
    pair.settle(pair.side)
    conserved(pair)


def test_the_sequence_of_several_messages_is_known_to_the_contract(pair):
    pair.send(pair.main, ALICE, amount=10_000_000, recipient=account_of(BOB))
    pair.deliver(pair.main)
    out = {"to": address(CAROL), "asset": "ACC", "amount": "5", "fee": str(RELAY_FEE)}
    calls = [pair.side.sign_call(BOB, "withdraw", out, ahead=i) for i in range(3)]
    refused = pair.side.sign_call(BOB, "withdraw", out | {"amount": "99999999999"}, ahead=3)
    last = pair.side.sign_call(BOB, "withdraw", out, ahead=4)
    pair.side.forge([*calls, refused, last])
    assert pair.side.receipts[refused.id].code == "FUNDS"
    seqs = [pair.side.events(pair.side.receipts[t.id])[0][1]["seq"] for t in (*calls, last)]
    assert seqs == [0, 1, 2, 3]
    pair.deliver(pair.side)
    pair.settle(pair.side)
    conserved(pair)


def test_a_relay_that_moves_nothing_is_no_part_of_a_block(pair):
    deposit(pair)
    pair.certify(pair.main)
    payload = pair.deliver_payload(pair.main)
    pair.side.submit(RELAYER, "chain.deliver", payload, fee=0)
    assert pair.side.refusal(RELAYER, "chain.deliver", payload, fee=0) == "OUT_OF_ORDER"


def test_the_gas_of_delivered_calls_counts_in_the_block(pair):
    gas = 20_000_000
    fits = pair.side.parameters.block_gas_max // gas
    for _ in range(fits + 1):
        deposit(pair, gas=gas, fee=1_000_000)
    pair.certify(pair.main)
    too_many = pair.deliver_payload(pair.main, fits + 1)
    assert pair.side.refusal(RELAYER, "chain.deliver", too_many, fee=0) == "BLOCK_FULL"
    as_many = pair.deliver_payload(pair.main, fits)
    pair.side.submit(RELAYER, "chain.deliver", as_many, fee=0)
    assert pair.peer(pair.side).inbox_next == fits
    conserved(pair)
