"""Escrows of the ECC DApp in the real sandbox: every transition of its specification."""

import pytest
from support.ecc_chain import (
    AGREEMENT,
    ALICE,
    AMOUNT,
    ARG,
    BOB,
    CAROL,
    EARLY,
    FUNDS,
    GENESIS_SECS_MAX,
    LATE,
    NOT_FOUND,
    PROOF,
    ROLE,
    STATE,
    address,
    ecc_chain,
)

TOP = 2**63 - 1
INTEGER_MAX = 2**53 - 1


@pytest.fixture(scope="module")
def ecc():
    with ecc_chain() as ecc:
        yield ecc


def paid(ecc, escrow, no=0):
    """(released, refunded, state) of a milestone."""
    row = ecc.milestone(escrow, no)
    return int(row["released"]), int(row["refunded"]), row["state"]


# --- opening and answering ------------------------------------------------------------------------


def test_an_offer_locks_the_whole_amount_and_the_payees_yes_funds_it(ecc):
    before, reserve = ecc.chain.balance(ALICE), ecc.reserve
    receipt = ecc.call(ALICE, "escrow.open", **ecc.terms(amounts=[100, 20], ref="order 1"))
    ((name, data),) = ecc.chain.events(receipt)
    parties = {"payer": address(ALICE), "payee": address(BOB), "asset": "ACC", "amount": "120"}
    assert (name, data) == ("EscrowOpened", {"id": data["id"], **parties, "state": "OFFERED"})
    assert ecc.chain.balance(ALICE) == before - 120 - receipt.fee
    assert ecc.reserve == reserve + 120
    escrow = ecc.verify(data["id"])
    assert (escrow["state"], escrow["held"], escrow["milestone_count"]) == ("OFFERED", "120", 2)
    assert escrow["tx"] == receipt.id.hex()
    lock = ecc.lock(data["id"])
    assert (lock["kind"], lock["ref"], lock["owner"]) == (
        "escrow",
        str(data["id"]),
        lock["fallback"],
    )
    accepted = ecc.event(BOB, "escrow.accept", id=data["id"], agreement_hash=AGREEMENT)
    assert accepted == ("EscrowAccepted", {"id": data["id"], **parties})
    assert ecc.verify(data["id"])["state"] == "FUNDED"


def test_a_quote_locks_nothing_until_the_payer_funds_it(ecc):
    reserve = ecc.reserve
    escrow = ecc.open(BOB, amounts=[30, 40])
    assert (ecc.verify(escrow)["state"], ecc.reserve) == ("QUOTED", reserve)
    name, data = ecc.event(ALICE, "escrow.fund", id=escrow, agreement_hash=AGREEMENT)
    assert (name, data["id"], data["amount"]) == ("EscrowFunded", escrow, "70")
    assert (ecc.verify(escrow)["state"], ecc.reserve) == ("FUNDED", reserve + 70)


@pytest.mark.parametrize(("opener", "returned"), [(ALICE, "100"), (BOB, "0")])
def test_the_opener_may_take_back_and_after_accept_by_anyone_may(ecc, opener, returned):
    early, late = ecc.open(opener), ecc.open(opener)
    other = BOB if opener is ALICE else ALICE
    for key in (other, CAROL):
        assert ecc.code(key, "escrow.withdraw", id=early) == ROLE
    gone = {"payer": address(ALICE), "returned": returned}
    assert ecc.event(opener, "escrow.withdraw", id=early) == (
        "EscrowWithdrawn",
        {"id": early} | gone,
    )
    assert ecc.verify(early)["state"] == "WITHDRAWN"
    accept_by = ecc.escrow(late)["accept_by"]
    ecc.wait_until(accept_by)
    assert ecc.code(CAROL, "escrow.withdraw", id=late) == ROLE
    assert ecc.next_secs == accept_by + 1
    before = ecc.chain.balance(ALICE)
    assert ecc.event(CAROL, "escrow.withdraw", id=late) == ("EscrowWithdrawn", {"id": late} | gone)
    assert ecc.chain.balance(ALICE) == before + int(returned)
    assert ecc.verify(late)["state"] == "WITHDRAWN"
    assert ecc.code(opener, "escrow.withdraw", id=late) == STATE


def test_an_answer_is_in_time_at_the_deadline_and_late_one_second_after(ecc):
    offers = [ecc.open(), ecc.open()]
    by = ecc.escrow(offers[0])["accept_by"]
    ecc.wait_until(by)
    answer = {"agreement_hash": AGREEMENT}
    assert ecc.code(BOB, "escrow.accept", id=offers[0], **answer) == ""
    ecc.wait_until(ecc.escrow(offers[1])["accept_by"] + 1)
    assert ecc.code(BOB, "escrow.accept", id=offers[1], **answer) == LATE


# --- milestones -----------------------------------------------------------------------------------


def test_deliver_and_confirm_pays_the_payee_and_closes(ecc):
    escrow = ecc.funded(amounts=[100, 50], confirm_secs=50)
    now = ecc.next_secs
    delivered = ecc.event(BOB, "escrow.deliver", id=escrow, no=1, proof_hash=PROOF)
    proof = {"id": escrow, "no": 1, "proof_hash": PROOF, "confirm_by": now + 50}
    assert delivered == ("EscrowDelivered", proof)
    before = ecc.chain.balance(BOB)
    for no, amount, state in ((1, 50, "FUNDED"), (0, 100, "CLOSED")):
        name, data = ecc.event(ALICE, "escrow.confirm", id=escrow, no=no, amount=str(amount))
        told = {"to": address(BOB), "left": "0", "state": state}
        assert (name, data) == (
            "EscrowConfirmed", {"id": escrow, "no": no, "amount": str(amount), **told},
        )  # fmt: skip
        assert ecc.verify(escrow)["state"] == state
    assert ecc.chain.balance(BOB) == before + 150


def test_a_milestone_confirmed_in_part_and_refunded_in_part_ends_as_its_last_step_says(ecc):
    escrow = ecc.funded(amounts=[100])
    assert ecc.code(ALICE, "escrow.confirm", id=escrow, no=0, amount="30") == ""
    assert ecc.code(BOB, "escrow.deliver", id=escrow, no=0, proof_hash=PROOF) == ""
    assert ecc.code(BOB, "escrow.refund", id=escrow, no=0, amount="71") == AMOUNT
    assert ecc.code(BOB, "escrow.refund", id=escrow, no=0, amount="69") == ""
    assert paid(ecc, escrow) == (30, 69, "DELIVERED")
    assert ecc.code(ALICE, "escrow.confirm", id=escrow, no=0, amount="2") == AMOUNT
    name, data = ecc.event(BOB, "escrow.refund", id=escrow, no=0, amount="1")
    assert (name, data["to"], data["left"]) == ("EscrowRefunded", address(ALICE), "0")
    assert paid(ecc, escrow) == (30, 70, "REFUNDED")
    assert ecc.verify(escrow)["state"] == "CLOSED"


def test_a_second_confirm_finds_nothing_unreleased(ecc):
    escrow = ecc.funded(amounts=[5, 5])
    assert ecc.code(ALICE, "escrow.confirm", id=escrow, no=0, amount="5") == ""
    assert ecc.code(ALICE, "escrow.confirm", id=escrow, no=0, amount="5") == STATE
    assert ecc.code(ALICE, "escrow.confirm", id=escrow, no=1, amount="5") == ""
    for no in (0, 1):
        assert ecc.code(ALICE, "escrow.confirm", id=escrow, no=no, amount="5") == STATE


def test_what_was_not_delivered_goes_back_after_its_deadline(ecc):
    escrow = ecc.funded(amounts=[100], silence="release")
    ecc.code(ALICE, "escrow.confirm", id=escrow, no=0, amount="40")
    deliver_by = ecc.milestone(escrow)["deliver_by"]
    ecc.wait_until(deliver_by)
    assert ecc.code(CAROL, "escrow.expire", id=escrow, no=0) == EARLY
    assert ecc.code(BOB, "escrow.deliver", id=escrow, no=0, proof_hash=PROOF) == LATE
    name, data = ecc.event(CAROL, "escrow.expire", id=escrow, no=0)
    assert (name, data["amount"], data["to"]) == ("EscrowExpired", "60", address(ALICE))
    assert paid(ecc, escrow) == (40, 60, "REFUNDED")
    assert ecc.verify(escrow)["state"] == "CLOSED"
    assert ecc.code(CAROL, "escrow.expire", id=escrow, no=0) == STATE


@pytest.mark.parametrize(("silence", "end", "payee"), [
    ("release", (0, 100, "RELEASED"), BOB),
    ("refund", (100, 0, "REFUNDED"), ALICE),
])  # fmt: skip
def test_after_delivery_silence_means_what_was_agreed(ecc, silence, end, payee):
    escrow = ecc.funded(amounts=[100], silence=silence, confirm_secs=7)
    _, data = ecc.event(BOB, "escrow.deliver", id=escrow, no=0, proof_hash=PROOF)
    ecc.wait_until(data["confirm_by"])
    assert ecc.code(CAROL, "escrow.expire", id=escrow, no=0) == EARLY
    assert ecc.next_secs < ecc.milestone(escrow)["deliver_by"], "delivery ended that deadline"
    name, data = ecc.event(CAROL, "escrow.expire", id=escrow, no=0)
    assert (name, data["to"], data["state"]) == ("EscrowExpired", address(payee), "CLOSED")
    refunded, released, state = end
    assert paid(ecc, escrow) == (released, refunded, state)


def test_confirm_after_the_deadline_counts_until_someone_expires(ecc):
    escrow = ecc.funded(amounts=[10, 10], deliver_in=150)
    ecc.wait_until(ecc.milestone(escrow)["deliver_by"] + 50)
    assert ecc.code(ALICE, "escrow.confirm", id=escrow, no=0, amount="10") == ""
    assert ecc.code(BOB, "escrow.refund", id=escrow, no=1, amount="10") == ""
    assert ecc.verify(escrow)["state"] == "CLOSED"


@pytest.mark.parametrize("first", ["confirm", "expire"])
def test_confirm_and_expire_race_within_a_block_and_the_loser_gets_state(ecc, first):
    escrow = ecc.funded(amounts=[100], silence="refund")
    ecc.wait_until(ecc.milestone(escrow)["deliver_by"] + 1)
    where = {"id": escrow, "no": 0}
    calls = {
        "confirm": ecc.chain.sign_call(ALICE, "escrow.confirm", {**where, "amount": "100"}),
        "expire": ecc.chain.sign_call(CAROL, "escrow.expire", where),
    }
    order = sorted(calls, key=lambda name: name != first)
    assert ecc.chain.forge([calls[name] for name in order]) == [calls[name] for name in order]
    codes = [ecc.chain.receipts[calls[name].id].code for name in order]
    assert codes == ["", STATE]
    assert paid(ecc, escrow)[2] == ("RELEASED" if first == "confirm" else "REFUNDED")
    assert ecc.verify(escrow)["state"] == "CLOSED"


def test_twenty_milestones_each_end_on_their_own(ecc):
    escrow = ecc.funded(amounts=range(1, 21))
    assert ecc.verify(escrow)["held"] == "210"
    for no in range(20):
        key, method = ((ALICE, "escrow.confirm"), (BOB, "escrow.refund"))[no % 2]
        assert ecc.code(key, method, id=escrow, no=no, amount=str(no + 1)) == ""
    ended = ecc.verify(escrow)
    assert [m["state"] for m in ended["milestones"]] == ["RELEASED", "REFUNDED"] * 10
    assert (ended["state"], ended["held"], ended["lock"]) == ("CLOSED", "0", None)


# --- edges of the arguments -----------------------------------------------------------------------


@pytest.mark.parametrize(("amounts", "opener", "code"), [
    ([0], ALICE, AMOUNT),
    ([5, 0], BOB, AMOUNT),
    ([TOP], ALICE, FUNDS),
    ([TOP], BOB, ""),
    ([TOP - 1, 1], BOB, ""),
    ([TOP, 1], ALICE, AMOUNT),
    ([TOP, 1], BOB, AMOUNT),
    ([TOP] * 20, BOB, AMOUNT),
])  # fmt: skip
def test_amounts_at_the_edges(ecc, amounts, opener, code):
    assert ecc.code(opener, "escrow.open", **ecc.terms(amounts=amounts)) == code


def test_a_quote_beyond_all_money_cannot_be_funded_but_withdrawn(ecc):
    escrow = ecc.open(BOB, amounts=[TOP])
    assert ecc.code(ALICE, "escrow.fund", id=escrow, agreement_hash=AGREEMENT) == FUNDS
    assert ecc.code(BOB, "escrow.withdraw", id=escrow) == ""


@pytest.mark.parametrize(("changes", "code"), [
    ({"accept_in": 0, "deliver_in": 0}, ""),
    ({"accept_in": -1}, LATE),
    ({"accept_in": 100, "deliver_in": 99}, ARG),
    ({"deliver_in": GENESIS_SECS_MAX}, ""),
    ({"deliver_in": GENESIS_SECS_MAX + 1}, ARG),
    ({"accept_in": GENESIS_SECS_MAX + 1, "deliver_in": GENESIS_SECS_MAX + 1}, ARG),
    ({"confirm_secs": 1}, ""),
    ({"confirm_secs": 0}, ARG),
    ({"confirm_secs": GENESIS_SECS_MAX}, ""),
    ({"confirm_secs": INTEGER_MAX}, ARG),
    ({"payee": ALICE}, ARG),
])  # fmt: skip
def test_times_and_parties_at_the_edges(ecc, changes, code):
    assert ecc.code(ALICE, "escrow.open", **ecc.terms(**changes)) == code


def test_times_in_milliseconds_are_refused_whatever_integer_they_are(ecc):
    for far in (ecc.next_secs * 1000, INTEGER_MAX):
        terms = ecc.terms(accept_by=far)
        terms["milestones"][0]["deliver_by"] = far
        assert ecc.code(ALICE, "escrow.open", **terms) == ARG


def test_the_longest_terms_run_to_their_end(ecc):
    escrow = ecc.funded(deliver_in=GENESIS_SECS_MAX, confirm_secs=GENESIS_SECS_MAX)
    _, data = ecc.event(BOB, "escrow.deliver", id=escrow, no=0, proof_hash=PROOF)
    assert data["confirm_by"] == ecc.next_secs - 1 + GENESIS_SECS_MAX


def test_what_does_not_exist_is_not_found_by_any_method(ecc):
    one = {"amount": "1"}
    calls = {"deliver": {"proof_hash": PROOF}, "confirm": one, "refund": one, "expire": {}}
    escrow = ecc.funded()
    nowhere = [(escrow, 1), (escrow, 20), (escrow, INTEGER_MAX), (escrow + 1, 0), (INTEGER_MAX, 0)]
    for number, no in nowhere:
        for method, arguments in calls.items():
            at = {"id": number, "no": no}
            assert ecc.code(CAROL, f"escrow.{method}", **at, **arguments) == NOT_FOUND


def test_an_asset_nobody_holds_cannot_be_offered(ecc):
    for asset in ("ECC", "NONE", "ab" * 32 + ":GOLD"):
        assert ecc.code(ALICE, "escrow.open", **ecc.terms(asset=asset)) == FUNDS
