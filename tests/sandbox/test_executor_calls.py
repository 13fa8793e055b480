"""Calls of a real DApp in the real sandbox, block by block."""

import pytest
from support.dapp_chain import ALICE, BOB, CAROL, address, dapp_chain

GAS = 20_000_000


@pytest.fixture(scope="module")
def chain():
    with dapp_chain() as chain:
        yield chain


def test_a_call_writes_rows_events_and_its_fee(chain):
    before = chain.balance(ALICE)
    receipt = chain.call(ALICE, "note.add", {"text": "first", "size": "5"})
    assert (receipt.code, receipt.fee) == ("", before - chain.balance(ALICE))
    ((name, data),) = chain.events(receipt)
    assert (name, data["size"]) == ("NoteAdded", "5")
    note = chain.query("note", id=str(data["id"]))
    assert note == {
        "id": data["id"],
        "owner": address(ALICE),
        "size": "5",
        "text": "first",
        "tags": ["new"],
        "hash": None,
    }


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("refuse", "NOPE"),
        ("pretend", "CONTRACT_ERROR"),
        ("throw", "CONTRACT_ERROR"),
        ("gas", "OUT_OF_GAS"),
        ("deep", "TOO_DEEP"),
        ("catch", "CAUGHT"),
        ("module", "MODULE_DENIED"),
        ("path", "MODULE_DENIED"),
        ("global", "CONTRACT_ERROR"),
        ("type", "CONTRACT_ERROR"),
        ("field", "CONTRACT_ERROR"),
        ("table", "CONTRACT_ERROR"),
        ("float", "CONTRACT_ERROR"),
        ("rows", "LIMIT"),
    ],
)
def test_a_refused_call_pays_and_leaves_its_code_and_nothing_else(chain, how, code):
    before = {k: v for k, v in chain.view.entries.items() if k[:1] in b"di"}
    receipt = chain.call(BOB, "fail", {"how": how}, gas=GAS, fee=GAS)
    assert (receipt.code, receipt.events) == (code, ())
    assert receipt.gas == GAS if how in ("gas", "deep") else receipt.gas < GAS
    assert {k: v for k, v in chain.view.entries.items() if k[:1] in b"di"} == before


def test_no_state_hides_in_variables_and_ctx_is_frozen(chain):
    for _ in range(2):
        ((_, data),) = chain.events(chain.call(BOB, "count"))
        assert data == {
            "calls": 1,
            "frozen": True,
            "params": {"limit": 3, "nested": {"words": ["a", "b"]}},
        }


def test_a_transfer_needs_the_consent_of_who_pays(chain):
    pay = {"to": address(CAROL), "asset": "ACC", "amount": "10", "from": address(BOB)}
    assert chain.call(ALICE, "pay", pay).code == "NOT_SIGNER"
    before = chain.balance(BOB)
    assert chain.call(ALICE, "pay", pay, cosigners=[BOB]).code == ""
    assert chain.balance(BOB) == before - 10
    assert chain.call(BOB, "pay", pay | {"amount": str(10**15)}).code == "FUNDS"
    assert chain.call(BOB, "pay", pay | {"amount": "0"}).code == "AMOUNT"


def test_locked_units_wait_in_the_reserve_and_come_out_in_parts(chain):
    before = chain.balance(BOB), chain.balance(CAROL)
    ((_, locked),) = chain.events(
        receipt := chain.call(BOB, "lock.open", {"asset": "ACC", "amount": "100"})
    )
    paid = {"id": locked["id"], "to": address(CAROL), "amount": "40"}
    ((_, released),) = chain.events(second := chain.call(CAROL, "lock.pay", paid))
    assert released["left"] == "60"
    assert released["lock"] == {
        "id": locked["id"],
        "owner": address(BOB),
        "asset": "ACC",
        "amount": "60",
        "kind": "test",
        "ref": "7",
        "fallback": address(BOB),
    }
    assert chain.call(CAROL, "lock.pay", paid | {"amount": "61"}).code == "FUNDS"
    third = chain.call(CAROL, "lock.close", {"id": locked["id"]})
    assert chain.events(third) == [("Unlocked", {"amount": "60"})]
    assert chain.call(CAROL, "lock.close", {"id": locked["id"]}).code == "NOT_FOUND"
    assert chain.balance(BOB) == before[0] - 40 - receipt.fee
    assert chain.balance(CAROL) > before[1] + 40 - 5 * second.fee


def test_calls_of_one_block_see_each_other(chain):
    transactions = [
        chain.sign_call(ALICE, "note.add", {"text": f"chained {i}", "size": "1"}, ahead=i)
        for i in range(5)
    ]
    assert chain.forge(transactions) == transactions
    ids = [chain.events(chain.receipts[t.id])[0][1]["id"] for t in transactions]
    assert ids == list(range(ids[0], ids[0] + 5))


def test_a_unique_index_refuses_a_second_row_within_and_across_blocks(chain):
    add = {"text": "only once", "size": "1"}
    first, second = (chain.sign_call(ALICE, "note.add", add, ahead=i) for i in range(2))
    chain.forge([first, second])
    assert [chain.receipts[t.id].code for t in (first, second)] == ["", "DUPLICATE"]
    assert chain.call(BOB, "note.add", add).code == "DUPLICATE"
    note = chain.events(chain.receipts[first.id])[0][1]["id"]
    assert chain.call(ALICE, "note.edit", {"id": note, "text": "renamed"}).code == ""
    assert chain.call(BOB, "note.add", add).code == ""


def test_ranges_merge_this_call_this_block_and_the_state(chain):
    chain.call(CAROL, "note.many", {"count": 5, "text": "c"})
    rows = chain.query("notes", owner=address(CAROL))["data"]
    ids = [row["id"] for row in rows]
    moved = chain.sign_call(CAROL, "note.edit", {"id": ids[0], "size": "9"})
    dropped = chain.sign_call(CAROL, "note.drop", {"id": ids[1]}, ahead=1)
    summed = chain.sign_call(CAROL, "note.sum", {"owner": address(CAROL), "limit": 10}, ahead=2)
    assert chain.forge([moved, dropped, summed]) == [moved, dropped, summed]
    expected = [ids[2], ids[3], ids[4], ids[0]]
    data = {"sum": "18", "ids": expected, "back": expected[::-1]}
    assert chain.events(chain.receipts[summed.id]) == [("Summed", data)]
    later = chain.call(CAROL, "note.sum", {"owner": address(CAROL), "limit": 10})
    assert chain.events(later) == [("Summed", data)]
    assert chain.query("note", id=str(ids[2]))["tags"] == []


def test_a_list_query_pages_through_everything(chain):
    chain.call(BOB, "note.many", {"count": 7, "text": "page"})
    whole = chain.query("notes", owner=address(BOB), limit="500")["data"]
    paged, after = [], {}
    while True:
        page = chain.query("notes", owner=address(BOB), limit="3", **after)
        paged += page["data"]
        if not page["has_more"]:
            break
        after = {"after": page["next_cursor"]}
    assert paged == whole
    assert len(whole) >= 7


def test_a_query_sees_the_state_and_cannot_write(chain):
    held = chain.query("held", account=address(ALICE), asset="ACC")
    assert held == {
        "free": str(chain.balance(ALICE)),
        "height": chain.tip.height,
        "writes": "undefined",
    }
