"""What crosses the bridge, in which order, and who is paid for it."""

import pytest
from support.bridge_chains import (
    ALICE,
    BOB,
    FEE,
    RELAY_FEE,
    RELAYER,
    RICH,
    Pair,
    account_of,
    build_pair,
)

from chain_engine.blocks.bridge import AckStatus
from chain_engine.ledger.audit import audit, audit_pair
from chain_engine.ledger.balances import balance_of, escrow_of, supply_of
from chain_engine.ledger.bridge.send import relay_account, settling_share

AMOUNT = 1_000_000
TRAVELLING = RELAY_FEE - settling_share(RELAY_FEE)


@pytest.fixture
def pair() -> Pair:
    return build_pair()


def holds(pair: Pair, chain, key, asset: str = "ACC") -> int:
    return balance_of(pair.ledger(chain), account_of(key), asset)


def assert_conserved(pair: Pair) -> None:
    audit(pair.main.view)
    audit(pair.side.view)
    audit_pair(pair.main.view, pair.main.chain_id, pair.side.view, pair.side.chain_id)


def test_a_deposit_is_locked_here_and_circulates_there(pair):
    pair.send(pair.main, ALICE)
    escrow = escrow_of(pair.ledger(pair.main), pair.side.chain_id, "ACC")
    assert escrow == AMOUNT + TRAVELLING
    assert holds(pair, pair.main, ALICE) == RICH - FEE - AMOUNT - RELAY_FEE
    assert_conserved(pair)
    pair.deliver(pair.main)
    assert holds(pair, pair.side, BOB) == AMOUNT
    assert supply_of(pair.ledger(pair.side), "ACC") == AMOUNT + TRAVELLING
    assert_conserved(pair)


def test_deliverer_and_settler_share_the_fee_of_the_message(pair):
    pair.send(pair.main, ALICE)
    pair.deliver(pair.main)
    assert holds(pair, pair.side, RELAYER) == TRAVELLING
    waiting = relay_account(pair.main.chain_id, pair.side.chain_id)
    assert balance_of(pair.ledger(pair.main), waiting, "ACC") == settling_share(RELAY_FEE)
    pair.settle(pair.main)
    assert balance_of(pair.ledger(pair.main), waiting, "ACC") == 0
    assert holds(pair, pair.main, RELAYER) == settling_share(RELAY_FEE)
    assert_conserved(pair)


def test_a_voucher_comes_home_by_being_burned(pair):
    pair.send(pair.main, ALICE, amount=5_000_000)
    pair.deliver(pair.main)
    pair.send(pair.side, BOB, amount=2_000_000, recipient=account_of(ALICE))
    assert_conserved(pair)
    before = holds(pair, pair.main, ALICE)
    pair.deliver(pair.side)
    assert holds(pair, pair.main, ALICE) == before + 2_000_000
    pair.settle(pair.side)
    pair.settle(pair.main)
    assert_conserved(pair)
    for chain in (pair.main, pair.side):
        record = pair.peer(chain)
        assert record.settle_next == record.outbox.size == 1


def test_a_sidechains_own_asset_circulates_on_the_main_chain_and_returns(pair):
    pair.send(pair.main, ALICE, recipient=account_of(ALICE), amount=10**9)
    pair.deliver(pair.main)
    voucher = f"{pair.side.chain_id.hex()}:ECC"
    pair.send(pair.side, ALICE, asset="ECC", amount=700)
    pair.deliver(pair.side)
    assert holds(pair, pair.main, BOB, voucher) == 700
    assert holds(pair, pair.side, ALICE, "ECC") == 9_300
    assert escrow_of(pair.ledger(pair.side), pair.main.chain_id, "ECC") == 700
    root_with_voucher = pair.peer(pair.main).vouchers_root
    pair.send(pair.main, BOB, asset=voucher, amount=700, recipient=account_of(BOB))
    assert pair.peer(pair.main).vouchers_root != root_with_voucher
    pair.deliver(pair.main)
    assert holds(pair, pair.side, BOB, "ECC") == 10_700
    assert supply_of(pair.ledger(pair.main), voucher) == 0
    assert_conserved(pair)


def test_an_expired_message_is_refunded_once_and_still_pays_its_relayers(pair):
    late = pair.side.tip.time_ms + 5_000
    pair.send(pair.main, ALICE, expires_at_ms=late)
    before = holds(pair, pair.main, ALICE)
    pair.side.forge(later_ms=10_000)
    pair.deliver(pair.main)
    assert pair.side.acked[pair.main.chain_id][0].status == AckStatus.EXPIRED
    assert holds(pair, pair.side, BOB) == 0
    assert holds(pair, pair.side, RELAYER) == TRAVELLING
    assert_conserved(pair)
    pair.settle(pair.main)
    assert holds(pair, pair.main, ALICE) == before + AMOUNT
    assert_conserved(pair)
    again = pair.settle_payload(pair.main, start=0)
    assert pair.main.refusal(RELAYER, "chain.settle", again, fee=0) == "OUT_OF_ORDER"


def test_a_refused_message_is_acknowledged_and_does_not_block_those_behind_it(pair):
    for kind in ("CALL", "TRANSFER"):
        body = b"\x93\xa1m\xa2{}\x00" if kind == "CALL" else b""
        pair.send(pair.main, ALICE, kind=kind, body=body)
    before = holds(pair, pair.main, ALICE)
    pair.deliver(pair.main)
    first, second = pair.side.acked[pair.main.chain_id]
    assert (first.status, first.code) == (AckStatus.FAILED, "KIND_NOT_SUPPORTED")
    assert second.status == AckStatus.DELIVERED
    assert holds(pair, pair.side, BOB) == AMOUNT
    pair.settle(pair.main)
    assert holds(pair, pair.main, ALICE) == before + AMOUNT
    assert_conserved(pair)


def test_messages_are_delivered_in_strict_order_and_each_once(pair):
    for amount in (1, 2, 3):
        pair.send(pair.main, ALICE, amount=amount)
    pair.certify(pair.main)
    skipping = pair.deliver_payload(pair.main, start=1)
    assert pair.side.refusal(RELAYER, "chain.deliver", skipping, fee=0) == "OUT_OF_ORDER"
    first = pair.deliver_payload(pair.main, count=2)
    pair.side.submit(RELAYER, "chain.deliver", first, fee=0)
    assert pair.side.refusal(RELAYER, "chain.deliver", first, fee=0) == "OUT_OF_ORDER"
    pair.side.submit(RELAYER, "chain.deliver", pair.deliver_payload(pair.main), fee=0)
    assert holds(pair, pair.side, BOB) == 6


def test_two_relayers_in_one_block_do_no_harm(pair):
    pair.send(pair.main, ALICE)
    pair.certify(pair.main)
    payload = pair.deliver_payload(pair.main)
    both = [pair.side.sign(key, "chain.deliver", payload, fee=0) for key in (RELAYER, BOB)]
    assert pair.side.forge(both) == both[:1]
    assert holds(pair, pair.side, BOB) == AMOUNT
    assert_conserved(pair)


def test_only_checkpoints_of_a_sidechain_are_certified():
    pair = build_pair(checkpoint_blocks=3)
    pair.side.forge()
    payload = pair.certify_payload(pair.side)
    assert pair.main.refusal(RELAYER, "chain.certify", payload, fee=0) == "NOT_CHECKPOINT"
    pair.certify(pair.side)
    assert pair.certified_height(pair.main) == 3


def test_a_header_is_certified_once(pair):
    pair.certify(pair.main)
    again = pair.certify_payload(pair.main, height=pair.certified_height(pair.side))
    assert pair.side.refusal(RELAYER, "chain.certify", again, fee=0) == "UNTRUSTED_HEADER"


def test_a_message_needs_the_least_fee_of_its_destination_and_a_future_expiry(pair):
    low = pair.send_payload(pair.main, fee=RELAY_FEE - 1)
    assert pair.main.refusal(ALICE, "chain.send", low) == "FEE_TOO_LOW"
    late = pair.send_payload(pair.main, expires_at_ms=pair.main.tip.time_ms)
    assert pair.main.refusal(ALICE, "chain.send", late) == "MESSAGE_EXPIRED"
    much = pair.send_payload(pair.main, amount=RICH)
    assert pair.main.refusal(ALICE, "chain.send", much) == "INSUFFICIENT_FUNDS"
    nowhere = pair.send_payload(pair.main, destination=bytes(32))
    assert pair.main.refusal(ALICE, "chain.send", nowhere) == "UNKNOWN_CHAIN"


def test_a_chain_nobody_owns_coins_on_can_start(pair):
    pair.send(pair.main, ALICE, recipient=account_of(ALICE), amount=10**7)
    assert supply_of(pair.ledger(pair.side), "ACC") == 0
    pair.deliver(pair.main)
    pair.send(pair.side, ALICE, amount=10**6)
    assert_conserved(pair)
