"""The order of an index is one, whether a row is committed, of this block or of this call."""

import json

import pytest
from support.dapp_chain import ALICE, BOB, address, dapp_chain, packed

from sidechain_host.package import pack_files

CONTRACT = """
exports.methods = {
  add(ctx, { text, rank }) { ctx.db.put("words", { text, rank, owner: ctx.sender, flag: rank % 2n === 0n }); },
  list(ctx) { ctx.emit("Listed", ordersOf(ctx)); },
  addAndList(ctx, { text, rank }) { exports.methods.add(ctx, { text, rank }); ctx.emit("Listed", ordersOf(ctx)); },
};
function ordersOf(ctx) {
  const of = (options) => ctx.db.find("words", { limit: 500, ...options }).map((row) => row.text);
  return { key: of({}), back: of({ reverse: true }), rank: of({ index: "by_rank" }), flag: of({ index: "by_flag", prefix: [true], from: ctx.sender }) };
}
exports.methods.fill = (ctx) => {
  for (let i = 0; i < 50; i++) ctx.db.insert("blobs", { id: ctx.nextId("blobs"), body: "x".repeat(4000) });
};
exports.queries = {
  blobs: (ctx) => ctx.db.find("blobs", { limit: 500 }).map((row) => row.id),
  page: (ctx, { after }) => { const page = ctx.db.page("blobs", { limit: 90, after }); return { ...page, data: page.data.map((row) => row.id) }; }, list: (ctx) => ordersOf({ db: ctx.db, sender: "ALICE" }) };
"""  # noqa: E501

MANIFEST = {
    "name": "words",
    "version": "1.0.0",
    "engine": 1,
    "methods": {
        "add": {"arguments": {"text": "text:40", "rank": "u"}},
        "list": {},
        "fill": {},
        "addAndList": {"arguments": {"text": "text:40", "rank": "u"}},
    },
    "queries": {"list": {}, "blobs": {}, "page": {"arguments": {"after": "text:99?"}}},
    "tables": {
        "blobs": {"fields": {"id": "id", "body": "text:4096"}, "key": "id"},
        "words": {
            "fields": {"text": "text:40", "rank": "u", "owner": "account", "flag": "bool"},
            "key": "text",
            "indexes": {"by_rank": ["rank"], "by_flag": ["flag", "owner", "rank"]},
        },
    },
}

WORDS = [
    "",
    "a",
    "aa",
    "b",
    "ab",
    "A",
    "~",
    "é",
    "ÿ",
    "\ud7ff",
    "\ue000",
    "\uffff",
    "\U00010000",
    "\U0010ffff",
    "a\U0001f600",
    "a\uff5e",
    "中",
    "文",
    "0",
    "00",
    "a b",
    "\x01",
    "\x7f",
]


@pytest.fixture(scope="module")
def chain():
    contract = CONTRACT.replace("ALICE", address(ALICE))
    files = {
        "dapp.json": json.dumps(MANIFEST).encode(),
        "genesis.json": b"{}",
        "contract/index.js": contract.encode(),
    }
    with dapp_chain(packed(pack_files(files))) as chain:
        yield chain


def test_texts_sort_by_their_utf8_bytes_everywhere(chain):
    ranks = [2**63 - 1, 0, 10, 9, 2**53 + 1, 2**53, 99, 100, *range(200, 215)]
    rows = list(zip(WORDS, ranks, strict=True))
    half = len(rows) // 2
    for text, rank in rows[:half]:
        assert chain.call(ALICE, "add", {"text": text, "rank": str(rank)}).code == ""
    added = [
        chain.sign_call(BOB, "add", {"text": t, "rank": str(r)}, ahead=i)
        for i, (t, r) in enumerate(rows[half:-1])
    ]
    text, rank = rows[-1]
    last = chain.sign_call(ALICE, "addAndList", {"text": text, "rank": str(rank)})
    chain.forge([*added, last])
    ((_, listed),) = chain.events(chain.receipts[last.id])
    by_bytes = sorted(WORDS, key=str.encode)
    assert listed["key"] == by_bytes
    assert listed["back"] == by_bytes[::-1]
    assert listed["rank"] == [t for t, _ in sorted(rows, key=lambda row: row[1])]
    assert set(listed["flag"]) <= {t for t, r in rows if r % 2 == 0}
    ((_, later),) = chain.events(chain.call(ALICE, "list"))
    assert later == listed
    assert chain.query("list") == listed


def test_a_range_longer_than_one_answer_of_the_node_is_whole(chain):
    for _ in range(4):
        receipt = chain.call(ALICE, "fill", gas=9_000_000, fee=10_000_000)
        assert receipt.code == ""
    ids = list(range(1, 201))
    assert chain.query("blobs") == ids
    first = chain.query("page")
    second = chain.query("page", after=first["next_cursor"])
    third = chain.query("page", after=second["next_cursor"])
    assert first["data"] + second["data"] + third["data"] == ids
    assert third["next_cursor"] is None
