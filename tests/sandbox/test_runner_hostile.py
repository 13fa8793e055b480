"""A runner that broke out: whatever it says, it moves no unit and writes no foreign row."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.bridge_chains import ALICE, BOB, account_of, build_main, genesis_entries
from support.dapp_chain import address, genesis_of, read_dapp

from chain_engine.ledger.kinds.kind import build_registry
from chain_engine.ledger.ledger import Ledger
from chain_engine.ledger.machine import BlockContext
from chain_engine.ledger.transactions import Payloads
from chain_engine.state.view import DictView
from sidechain_host.block_run import BlockRun
from sidechain_host.block_writes import check_writes
from sidechain_host.faults import SandboxViolation
from sidechain_host.genesis import read_package_manifest
from sidechain_host.outcome import CallOutcome, Withdrawal, read_outcomes
from sidechain_host.program import BALANCES, COUNTERS, LOCKS, Program
from sidechain_host.questions import BadQuestion, StateQuestions

A, B = address(ALICE), address(BOB)
NOTES, STATS = 3, 4
NOTE = [1, A, "5", "text", [], None]
LOCK = [1, A, "ACC", "10", "kind", "ref", B]


@pytest.fixture(scope="module")
def run() -> BlockRun:
    main, package = build_main(), read_dapp("bank")
    start = genesis_of(main, package)
    program = Program(read_package_manifest(package), "", {}, start.chain_id, main.chain_id)
    view = DictView({**start.genesis.entries, **genesis_entries({account_of(ALICE): {"ACC": 100}})})
    context = BlockContext(start.chain_id, 1, 10**12, bytes(32), b"", start.genesis.parameters)
    return BlockRun(program, Payloads(build_registry([]), start.genesis.parameters), context, view)


def finish(run: BlockRun, writes: Any, outcomes: Any = ()) -> Any:
    fresh = BlockRun(run.program, run._payloads, run.ledger.context, run.view)
    return fresh.finish(outcomes, writes)


def test_honest_writes_pass(run):
    moved = [
        (BALANCES, [A, "ACC"], [A, "ACC", "60"]),
        (BALANCES, [B, "ACC"], [B, "ACC", "30"]),
        (LOCKS, [1], LOCK),
        (COUNTERS, ["$locks"], ["$locks", 1]),
        (NOTES, [1], NOTE),
    ]
    changes = finish(run, moved)
    assert sum(1 for key in changes.writes if key[:1] == b"i") == 2
    assert any(key.startswith(b"b") and value for key, value in changes.writes.items())


@pytest.mark.parametrize(
    "writes",
    [
        [(BALANCES, [A, "ACC"], [A, "ACC", "101"])],
        [(BALANCES, [B, "ACC"], [B, "ACC", "1"])],
        [(BALANCES, [A, "ACC"], None)],
        [(BALANCES, [B, "COIN"], [B, "COIN", "1"])],
        [(LOCKS, [1], LOCK)],
        [(BALANCES, [A, "ACC"], [A, "ACC", "90"]), (LOCKS, [1], [*LOCK[:3], "0", *LOCK[4:]])],
        [(BALANCES, [A, "ACC"], [A, "ACC", "90"]), (LOCKS, [1], LOCK), (LOCKS, [1], LOCK)],
    ],
    ids=["minted", "from nowhere", "burned", "own asset", "unbacked lock", "empty lock", "twice"],
)
def test_units_from_nowhere_are_refused(run, writes):
    with pytest.raises(SandboxViolation):
        finish(run, writes)


def test_a_message_must_be_paid_by_what_left_the_balances(run):
    out = Withdrawal(account_of(ALICE), account_of(BOB), "ACC", 10, 5, "", 10**13)
    with pytest.raises(SandboxViolation, match="sums changed"):
        finish(run, [], [CallOutcome("", 0, withdrawals=(out,))])


@pytest.mark.parametrize(
    "write",
    [
        (-1, [1], NOTE),
        (99, [1], NOTE),
        (NOTES, [2], NOTE),
        (NOTES, [], NOTE),
        (NOTES, [1, 2], NOTE),
        (NOTES, ["1"], NOTE),
        (NOTES, [1], NOTE[:5]),
        (NOTES, [1], [*NOTE, 1]),
        (NOTES, [0], [0, *NOTE[1:]]),
        (NOTES, [1], [1, "nobody", *NOTE[2:]]),
        (NOTES, [1], [1, A, 5, *NOTE[3:]]),
        (NOTES, [1], [1, A, "-5", *NOTE[3:]]),
        (NOTES, [1], [1, A, "05", *NOTE[3:]]),
        (NOTES, [1], [1, A, "5", "x" * 65, [], None]),
        (NOTES, [1], [1, A, "5", "a\0b", [], None]),
        (NOTES, [1], [1, A, "5", "t", ["a"] * 4, None]),
        (NOTES, [1], [1, A, "5", "t", "list", None]),
        (NOTES, [1], [1, A, "5", "t", [], "ff"]),
        (NOTES, [1], [1, None, "5", "t", [], None]),
        (NOTES, [True], [True, *NOTE[1:]]),
        (NOTES, [1.0], NOTE),
        (STATS, [A, "stolen"], [A, "stolen", 1]),
        (STATS, [A, "added"], [A, "added", 2**53]),
    ],
)
def test_a_row_outside_its_table_is_refused(run, write):
    with pytest.raises(SandboxViolation):
        check_writes(run.program.tables, [write], run.view, run.ledger)


GOOD = ["", 5, [["Done", "{}"]], [], None]


@pytest.mark.parametrize(
    "result",
    [
        ["lower", 5, [], [], None],
        ["A" * 33, 5, [], [], None],
        ["", 11, [], [], None],
        ["", -1, [], [], None],
        ["NOPE", 5, [["Done", "{}"]], [], None],
        ["", 5, [["done", "{}"]], [], None],
        ["", 5, [["Done", "[]"]], [], None],
        ["", 5, [["Done", "{"]], [], None],
        ["", 5, [["Done", json.dumps({"x": "y" * 9000})]], [], None],
        ["", 5, [["Done", "{}"]] * 65, [], None],
        ["", 5, [], [[A, B, "ACC", "1", "1", "", 1]] * 17, None],
        ["", 5, [], [[A, B, "ACC", "0", "1", "", 1]], None],
        ["", 5, [], [[A, "x", "ACC", "1", "1", "", 1]], None],
        ["", 5, [], [[A, B, "acc", "1", "1", "", 1]], None],
        ["", 5, [], [[A, B, "ACC", "1", "1", "m" * 257, 1]], None],
        ["", 5, [], [[A, B, "ACC", "1", "1", "", 1.5]], None],
        ["", 5, [], [[A, B, "ACC", str(2**63), "1", "", 1]], None],
        ["", 5, [], [[A]], None],
        ["", "5", [], [], None],
    ],
)
def test_an_outcome_out_of_shape_is_refused(result):
    with pytest.raises(SandboxViolation):
        read_outcomes(json.dumps({"results": [result], "writes": []}).encode(), [10])


def test_a_good_outcome_is_read_and_its_number_must_fit():
    text = json.dumps({"results": [GOOD], "writes": []}).encode()
    (outcome,), _ = read_outcomes(text, [10])
    assert (outcome.gas, outcome.events[0].name) == (5, "Done")
    for gas_limits in ([], [10, 10]):
        with pytest.raises(SandboxViolation):
            read_outcomes(text, gas_limits)


@given(st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
def test_random_answers_are_refused(text):
    with pytest.raises(SandboxViolation):
        read_outcomes(text, [10])


QUESTIONS = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10) | st.text(max_size=5) | st.just(A),
    lambda inner: st.lists(inner, max_size=9),
    max_leaves=12,
)


@given(kind=st.integers(0, 255), question=QUESTIONS)
def test_random_questions_are_answered_or_refused(kind, question):
    main, package = build_main(), read_dapp("bank")
    program = Program(read_package_manifest(package), "", {}, bytes(32), main.chain_id)
    answers = StateQuestions(program.tables, DictView(), lambda *_: 0)
    with suppress(BadQuestion):
        assert isinstance(answers(kind, json.dumps(question).encode()), bytes)


def test_the_reserve_and_the_ledger_are_not_reachable_by_a_row(run):
    ledger = Ledger(run.view, run.ledger.context, run.program.main_chain)
    writes = [(NOTES, [1], NOTE)]
    checked = check_writes(run.program.tables, writes, run.view, ledger)
    assert {key[:1] for key in checked.rows} == {b"d", b"i"}
