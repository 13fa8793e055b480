"""A peer whose delegates sign anything can take at most what was sent to it, and stop nobody."""

import pytest
from support.bridge_chains import ALICE, BOB, RELAY_FEE, RELAYER, account_of
from support.dishonest_peer import (
    MAIN,
    NOW_MS,
    SIDE,
    ack_of,
    deliver_of,
    main_ledger,
    message_to,
    peer_of,
    settle_of,
    side_ledger,
)

from chain_engine.blocks.bridge import AckStatus, AssetId, PeerStatus
from chain_engine.ledger.audit import audit
from chain_engine.ledger.balances import balance_of, escrow_of
from chain_engine.ledger.bridge.errors import ChainNotActive, OutOfOrder
from chain_engine.ledger.bridge.peers import get_peer
from chain_engine.ledger.bridge.receive import acknowledge, receive
from chain_engine.ledger.bridge.send import send, settling_share
from chain_engine.ledger.bridge.settle import settle
from chain_engine.ledger.ledger import Ledger

SETTLER = account_of(RELAYER)


def deposit(ledger: Ledger, amount: int, asset: str = "ACC") -> None:
    send(
        ledger,
        sender=account_of(ALICE),
        destination=peer_of(ledger),
        kind="TRANSFER",
        asset=asset,
        amount=amount,
        recipient=account_of(BOB),
        expires_at_ms=NOW_MS + 1,
        fee=RELAY_FEE,
    )


def take_in(ledger: Ledger, *messages):
    """Deliver a log of messages; returns their (status, code)."""
    received = receive(ledger, deliver_of(ledger, messages), SETTLER, runs_calls=False)
    for inbound in received:
        acknowledge(ledger, inbound)
    return [(inbound.status, inbound.code) for inbound in received]


def status_of(ledger: Ledger) -> int:
    return get_peer(ledger, peer_of(ledger)).status


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": 2},
        {"source": MAIN},
        {"destination": SIDE},
        {"seq": 7},
        {"amount": -1},
        {"amount": 2**63},
        {"fee": -1},
        {"fee": 2**64 - 1},
        {"sender": b"short"},
        {"recipient": b""},
        {"expires_at_ms": -5},
        {"memo": "x" * 257},
        {"body": b"a transfer has none"},
        {"kind": "CALL", "body": bytes(4097)},
    ],
    ids=str,
)
def test_a_malformed_message_fails_and_the_next_one_arrives(wrong):
    ledger = main_ledger()
    deposit(ledger, 10_000)
    outcomes = take_in(ledger, message_to(ledger, 0, **wrong), message_to(ledger, 1))
    assert outcomes == [(AckStatus.FAILED, "BAD_MESSAGE"), (AckStatus.DELIVERED, "")]
    assert balance_of(ledger, account_of(BOB), "ACC") == 1000
    audit(ledger)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"asset": AssetId(home=b"short", symbol="ACC")}, "BAD_ASSET"),
        ({"asset": AssetId(home=MAIN, symbol="acc")}, "BAD_ASSET"),
        ({"asset": AssetId(home=MAIN, symbol="")}, "BAD_ASSET"),
        ({"fee": 0}, "FEE_TOO_LOW"),
        ({"kind": "CALL"}, "KIND_NOT_SUPPORTED"),
        ({"kind": "RECORD"}, "KIND_NOT_SUPPORTED"),
        ({"kind": "CONTROL"}, "KIND_NOT_SUPPORTED"),
    ],
    ids=str,
)
def test_a_message_this_chain_cannot_take_fails_with_its_own_code(wrong, code):
    ledger = main_ledger()
    deposit(ledger, 10_000)
    assert take_in(ledger, message_to(ledger, 0, **wrong)) == [(AckStatus.FAILED, code)]
    assert status_of(ledger) == PeerStatus.ACTIVE
    audit(ledger)


def test_an_unlock_above_the_escrow_fails_and_freezes_the_peer():
    ledger = main_ledger()
    deposit(ledger, 5_000)
    log = [message_to(ledger, 0, amount=5_001), message_to(ledger, 1, amount=1)]
    assert take_in(ledger, *log) == [(AckStatus.FAILED, "ESCROW_EXCEEDED")]
    assert status_of(ledger) == PeerStatus.FROZEN
    assert balance_of(ledger, account_of(BOB), "ACC") == 0
    with pytest.raises(ChainNotActive):
        take_in(ledger, *log)
    with pytest.raises(ChainNotActive):
        deposit(ledger, 1)
    audit(ledger)


def test_relay_fees_cannot_be_taken_out_of_an_empty_escrow():
    ledger = main_ledger()
    assert take_in(ledger, message_to(ledger, 0, amount=0)) == [
        (AckStatus.FAILED, "ESCROW_EXCEEDED")
    ]
    assert balance_of(ledger, SETTLER, "ACC") == 0
    assert status_of(ledger) == PeerStatus.FROZEN


def test_one_sidechain_cannot_take_what_was_sent_to_another():
    ledger = main_ledger()
    foreign = AssetId(home=b"\xcc" * 32, symbol="GOLD")
    deposit(ledger, 10_000)
    outcome = take_in(ledger, message_to(ledger, 0, asset=foreign, amount=1))
    assert outcome == [(AckStatus.FAILED, "ESCROW_EXCEEDED")]


def test_a_peer_issues_its_own_asset_only_up_to_the_largest_supply():
    ledger = main_ledger()
    deposit(ledger, 10_000)
    own = AssetId(home=SIDE, symbol="ECC")
    outcomes = take_in(
        ledger,
        message_to(ledger, 0, asset=own, amount=2**63 - 1),
        message_to(ledger, 1, asset=own, amount=1),
    )
    assert outcomes == [(AckStatus.DELIVERED, ""), (AckStatus.FAILED, "SUPPLY_EXCEEDED")]
    audit(ledger)


def test_a_peer_brings_a_bounded_number_of_assets(monkeypatch):
    monkeypatch.setattr("chain_engine.ledger.bridge.vouchers.VOUCHER_ASSETS_MAX", 2)
    ledger = main_ledger()
    deposit(ledger, 10_000)
    log = [
        message_to(ledger, seq, asset=AssetId(home=SIDE, symbol=f"A{seq}"), amount=1)
        for seq in range(3)
    ]
    outcomes = take_in(ledger, *log)
    assert outcomes[:2] == [(AckStatus.DELIVERED, "")] * 2
    assert outcomes[2] == (AckStatus.FAILED, "TOO_MANY_ASSETS")
    audit(ledger)


def test_an_ack_for_a_message_never_sent_is_refused():
    ledger = main_ledger()
    deposit(ledger, 10)
    with pytest.raises(OutOfOrder):
        settle(ledger, settle_of(ledger, [ack_of(0), ack_of(1)]), SETTLER)


@pytest.mark.parametrize(
    "false_ack",
    [
        ack_of(0, version=2),
        ack_of(1),
        ack_of(0, status=0),
        ack_of(0, status=4),
        ack_of(0, AckStatus.FAILED, "X" * 65),
    ],
    ids=str,
)
def test_an_ack_that_is_none_freezes_the_peer_and_keeps_the_message(false_ack):
    ledger = main_ledger()
    deposit(ledger, 10)
    (event,) = settle(ledger, settle_of(ledger, [false_ack]), SETTLER)
    assert type(event).__name__ == "ChainFrozen"
    assert status_of(ledger) == PeerStatus.FROZEN
    assert get_peer(ledger, SIDE).settle_next == 0
    assert balance_of(ledger, SETTLER, "ACC") == 0


def test_a_refund_of_what_was_already_withdrawn_freezes_instead_of_paying_twice():
    ledger = main_ledger()
    deposit(ledger, 5_000)
    held = escrow_of(ledger, SIDE, "ACC")
    share = RELAY_FEE - settling_share(RELAY_FEE)
    assert take_in(ledger, message_to(ledger, 0, amount=held - share))[0][1] == ""
    before = balance_of(ledger, account_of(ALICE), "ACC")
    settle(ledger, settle_of(ledger, [ack_of(0, AckStatus.FAILED, "NO")]), SETTLER)
    assert status_of(ledger) == PeerStatus.FROZEN
    assert balance_of(ledger, account_of(ALICE), "ACC") == before
    audit(ledger)


def test_a_sidechain_mints_vouchers_of_everything_but_its_own_assets():
    ledger = side_ledger()
    gold = AssetId(home=b"\xcc" * 32, symbol="GOLD")
    outcomes = take_in(
        ledger,
        message_to(ledger, 0),
        message_to(ledger, 1, asset=gold, amount=5),
        message_to(ledger, 2, asset=AssetId(home=SIDE, symbol="ACC"), amount=5),
        message_to(ledger, 3, asset=AssetId(home=SIDE, symbol="ECC"), amount=5),
    )
    assert [code for _, code in outcomes] == ["", "", "BAD_ASSET", "ESCROW_EXCEEDED"]
    assert balance_of(ledger, account_of(BOB), "ACC") == 1000
    assert balance_of(ledger, account_of(BOB), f"{'cc' * 32}:GOLD") == 5
    audit(ledger)
