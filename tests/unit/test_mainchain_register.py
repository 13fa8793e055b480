"""Putting a sidechain on the main chain."""

import json

import pytest
from msgspec.structs import replace
from support.bridge_chains import (
    ALICE,
    BOB,
    BOND,
    CAROL,
    FEE,
    RICH,
    account_of,
    build_main,
    build_side,
    registration_of,
)

from chain_engine.blocks.delegates import DelegateSet
from chain_engine.ledger.audit import audit
from chain_engine.ledger.balances import balance_of
from chain_engine.ledger.bridge.peers import get_peer, get_trusted
from mainchain.ledger.chains import find_chain, find_chain_by_id, list_chains
from mainchain.ledger.kinds import KINDS
from mainchain.ledger.kinds.chain_register import bond_account


@pytest.fixture
def main():
    chain = build_main()
    chain.forge()
    return chain


def test_a_registered_chain_is_found_by_name_and_id_and_its_bridge_is_open(main):
    side = build_side(main, "ecc", checkpoint_blocks=3)
    payload = registration_of(main, side, "ecc")
    signed = main.submit(CAROL, "chain.register", payload)
    record = find_chain(main.view, "ecc")
    assert record is not None
    assert record == find_chain(main.view, side.chain_id.hex())
    assert record == find_chain_by_id(main.view, side.chain_id)
    assert (record.owner, record.registered_height) == (account_of(CAROL), main.tip.height)
    assert (record.package_hash, record.genesis) == (payload.package_hash, side.headers[0])
    ledger = main.ledger(main.chain_id)
    assert get_peer(ledger, side.chain_id).checkpoint_blocks == 3
    assert get_trusted(ledger, side.chain_id).header_id == side.chain_id
    (event,) = main.receipts[signed.id].events
    assert event.name == "ChainRegistered"
    assert json.loads(event.data)["chain"] == side.chain_id.hex()


def test_the_bond_is_locked_where_no_key_reaches_it(main):
    side = build_side(main, "ecc")
    main.submit(CAROL, "chain.register", registration_of(main, side, "ecc"))
    ledger = main.ledger(main.chain_id)
    assert balance_of(ledger, bond_account(main.chain_id, side.chain_id), "ACC") == BOND
    assert balance_of(ledger, account_of(CAROL), "ACC") == RICH - FEE - BOND
    audit(main.view)


def test_every_header_commits_to_every_registered_chain(main):
    sides = [build_side(main, name, first_key=60 + n) for n, name in enumerate(("one", "two"))]
    for side, name in zip(sides, ("one", "two"), strict=True):
        main.submit(CAROL, "chain.register", registration_of(main, side, name))
    main.forge()
    assert [c.peer for c in main.commitments[-1]] == sorted(s.chain_id for s in sides)


def test_chains_are_listed_page_by_page(main):
    names = ["one", "two", "three"]
    for place, name in enumerate(names):
        side = build_side(main, name, first_key=60 + place)
        main.submit(CAROL, "chain.register", registration_of(main, side, name))
    (first,) = list_chains(main.view, 1)
    rest = list_chains(main.view, 10, after=first.chain)
    assert sorted([first.name, *(r.name for r in rest)]) == sorted(names)
    assert find_chain(main.view, "unknown") is None
    assert find_chain(main.view, "zz" * 32) is None
    assert find_chain(main.view, "中") is None


def test_names_and_ids_are_unique(main):
    side = build_side(main, "ecc")
    payload = registration_of(main, side, "ecc")
    main.submit(CAROL, "chain.register", payload)
    assert main.refusal(ALICE, "chain.register", payload) == "CHAIN_EXISTS"
    other = registration_of(main, build_side(main, "ecc", first_key=90), "ecc")
    assert main.refusal(ALICE, "chain.register", other) == "CHAIN_EXISTS"


@pytest.mark.parametrize(
    "name", ["", "a", "Ecc", "1cc", "e cc", "ecc_", "main", "acc", "x" * 33, "e\u00e9c", "ecc\n"]
)
def test_a_name_outside_its_alphabet_is_refused(main, name):
    payload = registration_of(main, build_side(main, name), name)
    assert main.refusal(CAROL, "chain.register", payload) == "BAD_PAYLOAD"


@pytest.mark.parametrize(
    ("field", "value"),
    [("bond", BOND - 1), ("bond", -1), ("package_hash", b"x"), ("package_bytes", 0),
     ("anchor_height", -1)],
)  # fmt: skip
def test_fields_outside_their_ranges_are_refused(main, field, value):
    payload = replace(registration_of(main, build_side(main, "ecc"), "ecc"), **{field: value})
    assert main.refusal(CAROL, "chain.register", payload) == "BAD_PAYLOAD"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", 2),
        ("chain_id", b"\x01" * 32),
        ("height", 1),
        ("round", 1),
        ("parent_id", b"\x01" * 32),
        ("transactions_root", bytes(32)),
        ("receipts_root", bytes(32)),
        ("state_root", b"x"),
        ("bridge_root", b""),
        ("delegates_hash", bytes(32)),
        ("next_delegates_hash", bytes(32)),
        ("parameters_hash", bytes(32)),
        ("evidence_root", bytes(32)),
        ("parent_certificate_hash", b"\x01" * 32),
        ("seed", bytes(32)),
        ("consensus_root", b"\x01" * 32),
        ("forger", b"x"),
        ("time_ms", 0),
        ("time_ms", 2**60),
    ],
)
def test_a_genesis_header_that_does_not_follow_is_refused(main, field, value):
    payload = registration_of(main, build_side(main, "ecc"), "ecc")
    wrong = replace(payload, genesis=replace(payload.genesis, **{field: value}))
    assert main.refusal(CAROL, "chain.register", wrong) == "BAD_REGISTRATION"


def test_the_genesis_trusts_an_older_main_chain_header(main):
    payload = registration_of(main, build_side(main, "ecc"), "ecc")
    wrong = replace(payload, anchor_height=main.tip.height + 1)
    assert main.refusal(CAROL, "chain.register", wrong) == "BAD_REGISTRATION"


def test_bad_parameters_and_delegates_are_refused(main):
    side = build_side(main, "ecc")
    payload = registration_of(main, side, "ecc")
    wrong = replace(payload, parameters=replace(side.parameters, checkpoint_blocks=5))
    assert main.refusal(CAROL, "chain.register", wrong) == "INVALID_PARAMETERS"
    nobody = replace(payload, delegates=DelegateSet(()))
    assert main.refusal(CAROL, "chain.register", nobody) == "INVALID_DELEGATES"


def test_the_bond_must_be_there(main):
    payload = registration_of(main, build_side(main, "ecc"), "ecc")
    wrong = replace(payload, bond=RICH)
    assert main.refusal(BOB, "chain.register", wrong) == "INSUFFICIENT_FUNDS"


def test_the_number_of_chains_is_bounded(main, monkeypatch):
    monkeypatch.setattr("chain_engine.ledger.bridge.peers.PEERS_MAX", 1)
    first = registration_of(main, build_side(main, "one"), "one")
    main.submit(CAROL, "chain.register", first)
    second = registration_of(main, build_side(main, "two"), "two")
    assert main.refusal(CAROL, "chain.register", second) == "TOO_MANY_CHAINS"


def test_each_kind_stands_in_the_registry_under_its_name():
    assert sorted(KINDS) == [
        "account.transfer",
        "chain.certify",
        "chain.deliver",
        "chain.register",
        "chain.send",
        "chain.settle",
    ]
    assert all(name == kind.name for name, kind in KINDS.items())
