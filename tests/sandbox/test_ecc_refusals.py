"""Refusals of the ECC DApp: the code of every check, and that the first of two broken ones wins."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import pytest
from support.bridge_chains import RICH
from support.ecc_chain import (
    AGREEMENT,
    ALICE,
    AMOUNT,
    ARG,
    BOB,
    CAROL,
    DUPLICATE,
    EARLY,
    FUNDS,
    LATE,
    MISMATCH,
    NOT_FOUND,
    OTHER_AGREEMENT,
    PROOF,
    ROLE,
    STATE,
    Ecc,
    address,
    ecc_chain,
)

from chain_engine.crypto.keys import SecretKey
from sidechain_host.calls import BadArguments

PAST_ALL_DEADLINES = 500


@dataclass
class Case:
    """One call about to be made, and the escrow it finds."""

    key: SecretKey
    arguments: dict[str, Any] = field(default_factory=dict)
    terms: dict[str, Any] = field(default_factory=dict)
    before: list[tuple[SecretKey, str, dict[str, Any]]] = field(default_factory=list)
    later_secs: int = 0


Fault = Callable[[Case], None]


def argument(**changes: Any) -> Fault:
    return lambda case: case.arguments.update(changes)


def terms(**changes: Any) -> Fault:
    return lambda case: case.terms.update(changes)


def caller(key: SecretKey) -> Fault:
    return lambda case: setattr(case, "key", key)


def after(key: SecretKey, method: str, **arguments: Any) -> Fault:
    return lambda case: case.before.append((key, method, arguments))


def later(secs: int) -> Fault:
    return lambda case: setattr(case, "later_secs", secs)


UNKNOWN = argument(id=999_999)
ANSWER = {"agreement_hash": AGREEMENT}
DELIVERY = {"no": 0, "proof_hash": PROOF}
ALL = {"no": 0, "amount": "100"}


@dataclass
class Method:
    """A method in a case where it succeeds, and its checks in the order the spec promises."""

    make: Callable[[], Case]
    faults: dict[str, Fault]
    opener: SecretKey | None = ALICE
    is_accepted: bool = False


METHODS = {
    "transfer": Method(
        lambda: Case(ALICE, {"to": address(BOB), "asset": "ACC", "amount": "1"}),
        {
            ARG: argument(to=address(ALICE)),
            AMOUNT: argument(amount="0"),
            FUNDS: argument(amount=str(2 * RICH)),
        },
        opener=None,
    ),
    "withdraw": Method(
        lambda: Case(ALICE, {"to": address(BOB), "asset": "ACC", "amount": "1", "fee": "1001"}),
        {
            AMOUNT: argument(fee="0"),
            FUNDS: argument(amount=str(2 * RICH)),
            "FEE_TOO_LOW": argument(fee="1000"),
        },
        opener=None,
    ),
    "escrow.open": Method(
        lambda: Case(ALICE, terms={"amounts": (5, 5)}),
        {
            ARG: terms(confirm_secs=0),
            ROLE: caller(CAROL),
            LATE: terms(accept_in=-1),
            AMOUNT: terms(amounts=(0, 2 * RICH)),
            FUNDS: terms(amounts=(5, 2 * RICH)),
        },
        opener=None,
    ),
    "escrow.fund": Method(
        lambda: Case(ALICE, {**ANSWER}),
        {
            NOT_FOUND: UNKNOWN,
            ROLE: caller(CAROL),
            STATE: after(BOB, "escrow.withdraw"),
            LATE: later(PAST_ALL_DEADLINES),
            MISMATCH: argument(agreement_hash=OTHER_AGREEMENT),
            FUNDS: terms(amounts=[2 * RICH]),
        },
        opener=BOB,
    ),
    "escrow.accept": Method(
        lambda: Case(BOB, {**ANSWER}),
        {
            NOT_FOUND: UNKNOWN,
            ROLE: caller(ALICE),
            STATE: after(BOB, "escrow.accept", **ANSWER),
            LATE: later(PAST_ALL_DEADLINES),
            MISMATCH: argument(agreement_hash=OTHER_AGREEMENT),
        },
    ),
    "escrow.withdraw": Method(
        lambda: Case(ALICE),
        {
            NOT_FOUND: UNKNOWN,
            ROLE: caller(BOB),
            STATE: after(BOB, "escrow.accept", **ANSWER),
        },
    ),
    "escrow.deliver": Method(
        lambda: Case(BOB, {**DELIVERY}),
        {
            NOT_FOUND: argument(no=1),
            ROLE: caller(ALICE),
            STATE: after(BOB, "escrow.deliver", **DELIVERY),
            LATE: later(PAST_ALL_DEADLINES),
        },
        is_accepted=True,
    ),
    "escrow.confirm": Method(
        lambda: Case(ALICE, {**ALL}),
        {
            NOT_FOUND: argument(no=1),
            ROLE: caller(BOB),
            STATE: after(ALICE, "escrow.confirm", **ALL),
            AMOUNT: argument(amount="0"),
        },
        is_accepted=True,
    ),
    "escrow.refund": Method(
        lambda: Case(BOB, {**ALL}),
        {
            NOT_FOUND: argument(no=1),
            ROLE: caller(ALICE),
            STATE: after(ALICE, "escrow.confirm", **ALL),
            AMOUNT: argument(amount="101"),
        },
        is_accepted=True,
    ),
    "escrow.expire": Method(
        lambda: Case(CAROL, {"no": 0}, later_secs=PAST_ALL_DEADLINES),
        {
            NOT_FOUND: argument(no=1),
            STATE: after(ALICE, "escrow.confirm", **ALL),
            EARLY: later(0),
        },
        is_accepted=True,
    ),
}

BROKEN = [
    (name, codes)
    for name, method in METHODS.items()
    for size in (0, 1, 2)
    for codes in combinations(method.faults, size)
]


@pytest.fixture(scope="module")
def ecc():
    with ecc_chain() as ecc:
        yield ecc


def run(ecc: Ecc, name: str, codes: tuple[str, ...], **more: Any) -> str:
    """Prepare the method's case, break it, and return the code of the call."""
    method = METHODS[name]
    case = method.make()
    for code in reversed(codes):
        method.faults[code](case)
    arguments = {**case.arguments, **more}
    if name == "escrow.open":
        arguments |= ecc.terms(**case.terms)
    if method.opener is not None:
        escrow = ecc.open(method.opener, **case.terms)
        if method.is_accepted:
            case.before.insert(0, (BOB, "escrow.accept", {**ANSWER}))
        for key, earlier, values in case.before:
            assert ecc.code(key, earlier, id=escrow, **values) == ""
        arguments = {"id": escrow, **arguments}
    if case.later_secs:
        ecc.wait(case.later_secs)
    return ecc.code(case.key, name, **arguments)


@pytest.mark.parametrize(("name", "codes"), BROKEN)
def test_the_first_broken_check_names_the_refusal(ecc, name, codes):
    assert run(ecc, name, codes) == (codes[0] if codes else "")


@pytest.mark.parametrize(
    "name", ["escrow.deliver", "escrow.confirm", "escrow.refund", "escrow.expire"]
)
def test_a_milestone_of_an_escrow_that_is_not_funded_stays(ecc, name):
    case = METHODS[name].make()
    for opener in (ALICE, BOB):
        at = {"id": ecc.open(opener), **case.arguments}
        assert ecc.code(case.key, name, **at) == STATE
        ecc.wait(PAST_ALL_DEADLINES)
        assert ecc.code(case.key, name, **at) == STATE


def test_an_answer_fits_only_its_own_kind_of_opening(ecc):
    assert ecc.code(ALICE, "escrow.fund", id=ecc.open(ALICE), **ANSWER) == STATE
    assert ecc.code(BOB, "escrow.accept", id=ecc.open(BOB), **ANSWER) == STATE


def test_a_simulation_tells_the_values_behind_a_refusal(ecc):
    escrow = ecc.funded(amounts=[10])
    asked = {"id": escrow, "no": 0, "amount": "11"}
    signed = ecc.chain.sign_call(ALICE, "escrow.confirm", asked)
    context = ecc.chain.context()
    receipt, values = ecc.chain.wait(ecc.chain.machine.simulate(signed, ecc.chain.view, context))
    assert receipt.code == AMOUNT
    assert values == {"amount": "11", "unreleased": "10"}


# --- ref ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", METHODS)
def test_a_ref_is_taken_once_by_caller_and_method_and_checked_first(ecc, name):
    ref = f"{name} once"
    assert run(ecc, name, (), ref=ref) == ""
    first = next(iter(METHODS[name].faults))
    for codes in ((), (first,)):
        assert run(ecc, name, codes, ref=ref) == DUPLICATE
    assert run(ecc, name, (), ref=ref + " more") == ""


def test_refused_calls_other_callers_and_other_methods_leave_a_ref_free(ecc):
    ref = "shared"
    assert run(ecc, "transfer", (FUNDS,), ref=ref) == FUNDS
    assert run(ecc, "transfer", (), ref=ref) == ""
    assert ecc.code(BOB, "transfer", to=address(ALICE), asset="ACC", amount="1", ref=ref) == ""
    assert run(ecc, "escrow.open", (), ref=ref) == ""
    assert run(ecc, "escrow.open", (), ref="") == ""
    assert run(ecc, "escrow.open", (), ref="") == DUPLICATE


def test_the_same_ref_twice_in_one_block_counts_once(ecc):
    pay = {"to": address(BOB), "asset": "ACC", "amount": "1", "ref": "one block"}
    calls = [ecc.chain.sign_call(ALICE, "transfer", pay, ahead=n) for n in range(2)]
    ecc.chain.forge(calls)
    assert [ecc.chain.receipts[call.id].code for call in calls] == ["", DUPLICATE]


# --- shapes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "changes", "path"), [
    ("transfer", {"memo": "x" * 257}, "memo"),
    ("transfer", {"memo": "é" * 129}, "memo"),
    ("transfer", {"amount": str(2**63)}, "amount"),
    ("transfer", {"amount": 5}, "amount"),
    ("transfer", {"amount": "-1"}, "amount"),
    ("transfer", {"to": "nobody"}, "to"),
    ("transfer", {"asset": "acc"}, "asset"),
    ("transfer", {"ref": "x" * 65}, "ref"),
    ("transfer", {"price": "1"}, "price"),
    ("escrow.open", {"milestones": []}, "milestones"),
    ("escrow.open", {"amounts": [1] * 21}, "milestones"),
    ("escrow.open", {"silence": "dispute"}, "silence"),
    ("escrow.open", {"kind": "gift"}, "kind"),
    ("escrow.open", {"accept_by": 2**53}, "accept_by"),
    ("escrow.open", {"agreement_hash": "11" * 31}, "agreement_hash"),
    ("escrow.confirm", {"no": -1}, "no"),
    ("escrow.confirm", {"id": 0}, "id"),
    ("escrow.confirm", {"id": 1, "no": 0.5}, "no"),
    ("escrow.confirm", {"id": 1, "team": []}, "team"),
])  # fmt: skip
def test_what_breaks_the_shape_never_becomes_a_transaction(ecc, name, changes, path):
    arguments = (
        ecc.terms(**changes) if name == "escrow.open" else METHODS[name].make().arguments | changes
    )
    with pytest.raises(BadArguments) as refused:
        ecc.chain.machine.verify_stateless(ecc.chain.sign_call(ALICE, name, arguments))
    assert refused.value.code == "ARG"
    assert path in [problem["path"] for problem in refused.value.values["problems"]]
