"""Movements of units and the queries of the ECC DApp."""

import pytest
from support.ecc_chain import ALICE, ARG, BOB, CAROL, address, ecc_chain

from chain_engine.primitives.errors import NotFound
from sidechain_host.calls import BadArguments
from sidechain_host.faults import QueryRefused


@pytest.fixture(scope="module")
def ecc():
    with ecc_chain() as ecc:
        yield ecc


def test_a_transfer_moves_units_and_says_so(ecc):
    before, fee = ecc.chain.balance(BOB), ecc.supply
    event = ecc.event(ALICE, "transfer", to=address(BOB), asset="ACC", amount="7", memo="für dich")
    moved = {"from": address(ALICE), "to": address(BOB), "asset": "ACC", "amount": "7"}
    assert event == ("Transferred", {**moved, "memo": "für dich"})
    assert (ecc.chain.balance(BOB), ecc.supply) == (before + 7, fee)
    assert ecc.event(ALICE, "transfer", to=address(BOB), asset="ACC", amount="1")[1]["memo"] == ""


def test_info_and_account(ecc):
    info = ecc.chain.query("info")
    assert info["chain"] == {"id": ecc.chain.chain_id.hex(), "main": ecc.chain.main_chain.hex()}
    assert info["params"]["supply_cap"] == "210000000000000"
    balances = {"ACC": str(ecc.chain.balance(CAROL)), "ECC": "0"}
    assert ecc.chain.query("account", address=address(CAROL)) == {
        "address": address(CAROL), "balances": balances,
    }  # fmt: skip


def test_an_escrow_comes_with_all_its_milestones_in_order(ecc):
    number = ecc.open(amounts=range(1, 21))
    escrow = ecc.escrow(number)
    assert [(m["escrow"], m["no"], m["amount"]) for m in escrow["milestones"]] == [
        (number, no, str(no + 1)) for no in range(20)
    ]
    with pytest.raises(NotFound):
        ecc.chain.query("escrow", id="999999")


def test_escrows_are_listed_by_one_filter_and_paged_both_ways(ecc):
    opened = [ecc.open(payee=CAROL) for _ in range(5)]
    ecc.open(BOB, payee=BOB)
    quoted = ecc.open(CAROL, payee=CAROL)
    for order, expected in (("asc", [*opened, quoted]), ("desc", [quoted, *opened[::-1]])):
        found, more = [], {}
        while True:
            page = ecc.chain.query("escrows", payee=address(CAROL), limit="2", order=order, **more)
            found += page["data"]
            assert len(page["data"]) <= 2
            if not page["has_more"]:
                break
            more = {"cursor": page["next_cursor"]}
        assert [row["id"] for row in found] == expected
        assert {row["payee"] for row in found} == {address(CAROL)}
    quotes = ecc.chain.query("escrows", state="QUOTED")["data"]
    assert quoted in [row["id"] for row in quotes]
    assert {row["state"] for row in quotes} == {"QUOTED"}
    paid = ecc.chain.query("escrows", payer=address(ALICE), limit="100")["data"]
    assert {row["payer"] for row in paid} == {address(ALICE)}


def test_a_list_has_twenty_rows_unless_asked_otherwise(ecc):
    for _ in range(21):
        ecc.open()
    everything = ecc.chain.query("escrows", limit="100")["data"]
    page = ecc.chain.query("escrows")
    assert (page["data"], page["has_more"]) == (everything[:20], True)


@pytest.mark.parametrize("texts", [
    {"limit": "0"}, {"limit": "101"}, {"limit": "x"}, {"state": "OPEN"}, {"order": "up"},
    {"payer": "nobody"}, {"colour": "red"},
])  # fmt: skip
def test_a_list_refuses_what_it_does_not_know(ecc, texts):
    with pytest.raises(BadArguments):
        ecc.chain.query("escrows", **texts)


def test_a_list_takes_one_filter_and_only_its_own_cursors(ecc):
    with pytest.raises(QueryRefused) as refused:
        ecc.chain.query("escrows", payer=address(ALICE), state="QUOTED")
    assert refused.value.values["refusal"] == ARG
    for cursor in ("", "x", "[]", '["x"]', "[1,2,3]"):
        with pytest.raises(QueryRefused):
            ecc.chain.query("escrows", cursor=cursor)
