"""A block of the main chain: payments, fees, what fits, and what refusals leave behind."""

import asyncio
import json

import pytest
from msgspec.structs import replace
from support.bridge_chains import (
    ALICE,
    BOB,
    CAROL,
    FEE,
    RELAYER,
    RICH,
    account_of,
    build_main,
    build_pair,
    parameters_of,
)

from chain_engine.blocks.build import sign_transaction
from chain_engine.blocks.parameters import FeeSchedule
from chain_engine.blocks.rules import InvalidBlock
from chain_engine.codec.canonical import encode
from chain_engine.crypto.accounts import encode_address
from chain_engine.ledger.audit import audit
from chain_engine.ledger.balances import balance_of
from chain_engine.ledger.errors import SupplyBroken
from chain_engine.ledger.fees import gas_cost, required_fee
from chain_engine.ledger.keys import balance_key
from chain_engine.ledger.kinds.account_transfer import TransferPayload
from chain_engine.primitives.errors import ChainError


def pay(amount: int = 5, asset: str = "ACC", memo: str = "", to=BOB) -> TransferPayload:
    return TransferPayload(asset, account_of(to), amount, memo)


def holds(chain, key, asset: str = "ACC") -> int:
    return balance_of(chain.ledger(chain.chain_id), account_of(key), asset)


def test_a_transfer_moves_the_amount_and_pays_the_forger():
    main = build_main()
    signed = main.submit(ALICE, "account.transfer", pay(memo="rent"))
    assert holds(main, ALICE) == RICH - FEE - 5
    assert holds(main, BOB) == RICH + 5
    assert holds(main, main.keys[0]) == FEE
    (event,) = main.receipts[signed.id].events
    assert event.name == "Transferred"
    assert json.loads(event.data) == {
        "asset": "ACC",
        "sender": encode_address(account_of(ALICE)),
        "recipient": encode_address(account_of(BOB)),
        "amount": "5",
        "memo": "rent",
    }


def test_fees_of_a_block_stand_in_a_receipt_of_their_own():
    main = build_main()
    batch = [main.sign(k, "account.transfer", pay(to=CAROL)) for k in (ALICE, BOB)]
    _, _, changes = main.select(batch)
    assert len(changes.receipts) == 3
    (event,) = changes.receipts[-1].events
    assert (event.name, json.loads(event.data)["amount"]) == ("FeesPaid", str(2 * FEE))


def test_an_empty_block_changes_nothing():
    main = build_main()
    _, _, changes = main.select([])
    assert (changes.writes, changes.receipts, changes.commitments) == ({}, (), ())


def test_a_payment_to_oneself_costs_the_fee_only():
    main = build_main()
    main.submit(ALICE, "account.transfer", pay(to=ALICE))
    assert holds(main, ALICE) == RICH - FEE


def test_all_units_of_an_account_can_be_spent_and_its_row_disappears():
    main = build_main()
    main.submit(ALICE, "account.transfer", pay(RICH - FEE))
    assert main.view.get(balance_key(account_of(ALICE), "ACC")) is None
    audit(main.view)


def test_more_than_the_balance_is_refused_with_both_figures():
    main = build_main()
    signed = main.sign(ALICE, "account.transfer", pay(RICH))
    with pytest.raises(ChainError) as refusal:
        main.machine.check(signed, main.view, main.context())
    assert refusal.value.values == {"balance": RICH, "needed": RICH + FEE, "asset": "ACC"}
    assert main.refusal(ALICE, "account.transfer", pay(RICH)) == "INSUFFICIENT_FUNDS"
    assert main.refusal(ALICE, "account.transfer", pay(asset="GOLD")) == "INSUFFICIENT_FUNDS"
    assert main.refusal(RELAYER, "account.transfer", pay()) == "INSUFFICIENT_FUNDS"


@pytest.mark.parametrize(
    "payload",
    [
        pay(0),
        pay(-1),
        pay(2**63),
        pay(memo="x" * 257),
        pay(asset=""),
        pay(asset="A" * 98),
        TransferPayload("ACC", b"short", 1, ""),
        ["ACC"],
        "text",
        {"asset": "ACC"},
        ["ACC", account_of(BOB), 1.0, ""],
        ["ACC", account_of(BOB), 1, "", "more"],
    ],
    ids=str,
)
def test_a_payload_outside_its_ranges_is_refused(payload):
    main = build_main()
    assert main.refusal(ALICE, "account.transfer", payload) == "BAD_PAYLOAD"


def test_an_unknown_kind_is_refused():
    assert build_main().refusal(ALICE, "account.mint", pay()) == "UNKNOWN_KIND"


def test_a_fee_below_size_and_gas_is_refused():
    main = build_main()
    size = len(main.sign(ALICE, "account.transfer", pay(), fee=200).raw)
    assert main.refusal(ALICE, "account.transfer", pay(), fee=size - 1) == "FEE_TOO_LOW"
    main.submit(ALICE, "account.transfer", pay(), fee=size)


def test_only_relay_kinds_may_be_free():
    assert build_main().refusal(ALICE, "account.transfer", pay(), fee=0) == "FEE_TOO_LOW"


def test_gas_is_rounded_up_and_added_to_the_price_of_the_bytes():
    fees = FeeSchedule(asset="ACC", byte_fee=3, gas_price=7, relay_fee=0)
    parameters = parameters_of(fees=fees)
    assert [gas_cost(parameters, gas) for gas in (0, 1, 1000, 1001)] == [0, 1, 7, 8]
    assert required_fee(parameters, 200, 1001) == 608


def test_a_refused_transaction_between_two_good_ones_leaves_no_trace():
    main = build_main()
    good = main.sign(ALICE, "account.transfer", pay())
    bad = main.sign(BOB, "account.transfer", pay(RICH + 1, to=ALICE))
    last = main.sign(CAROL, "account.transfer", pay())
    _, chosen, with_bad = main.select([good, bad, last])
    _, _, without = main.select([good, last])
    assert chosen == [good, last]
    assert with_bad == without


def test_money_received_in_a_block_can_be_spent_in_the_same_block():
    main = build_main()
    first = main.sign(ALICE, "account.transfer", pay(10**6, to=RELAYER))
    then = main.sign(RELAYER, "account.transfer", pay(10**5, to=BOB))
    assert main.forge([first, then]) == [first, then]


def test_a_block_takes_no_more_transactions_than_it_may():
    main = build_main(block_transactions_max=2)
    batch = [main.sign(ALICE, "account.transfer", pay(), ahead=n) for n in range(3)]
    assert main.select(batch)[1] == batch[:2]
    with pytest.raises(InvalidBlock) as refusal:
        asyncio.run(main.machine.execute(main.context(), batch, main.view))
    assert refusal.value.values["code"] == "BLOCK_FULL"


def test_a_block_takes_no_more_bytes_than_it_may():
    main = build_main()
    batch = [main.sign(ALICE, "account.transfer", pay(), ahead=n) for n in range(3)]
    small = build_main(block_bytes_max=2 * batch[0].size + 10)
    batch = [small.sign(ALICE, "account.transfer", pay(), ahead=n) for n in range(3)]
    assert small.select(batch)[1] == batch[:2]


def test_a_gas_limit_above_the_chains_is_refused():
    main = build_main()
    tx = main.sign(ALICE, "account.transfer", pay()).tx
    metered = replace(tx, gas_limit=1, witnesses=())
    signed = sign_transaction(metered, main.chain_id, [ALICE])
    assert main.select([signed])[1] == []


def test_relay_transactions_take_at_most_a_quarter_of_a_block():
    pair = build_pair(block_transactions_max=8)
    for _ in range(4):
        pair.send(pair.main, ALICE)
    pair.certify(pair.main)
    payloads = []
    for start in range(4):
        full = pair.deliver_payload(pair.main)
        payloads.append(
            type(full)(full.peer, full.height, full.commitment, full.messages[start : start + 1])
        )
    batch = [
        pair.side.sign(RELAYER, "chain.deliver", payload, fee=0, ahead=place)
        for place, payload in enumerate(payloads)
    ]
    assert pair.side.select(batch)[1] == batch[:2]


def test_the_same_block_gives_the_same_changes_with_a_fresh_machine():
    main, other = build_main(), build_main()
    batch = [main.sign(k, "account.transfer", pay(n + 1)) for n, k in enumerate((ALICE, CAROL))]
    assert main.select(batch)[2] == other.select(batch)[2]


@pytest.mark.parametrize("change", [1, -1])
def test_the_audit_finds_a_unit_from_nowhere_and_a_lost_one(change):
    main = build_main()
    main.view.apply({balance_key(account_of(ALICE), "ACC"): encode(RICH + change)})
    with pytest.raises(SupplyBroken):
        audit(main.view)
