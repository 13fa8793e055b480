"""Random histories of one escrow in the real sandbox, against a model of docs/spec/14-ecc.md.

One chain serves all examples: an escrow depends on nothing that came before it but the clock,
and the model counts from the block that opened it.
"""

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from support.ecc_chain import (
    AGREEMENT,
    ALICE,
    AMOUNT,
    BOB,
    CAROL,
    EARLY,
    LATE,
    NOT_FOUND,
    PROOF,
    ROLE,
    STATE,
    Ecc,
    ecc_chain,
)

from chain_engine.crypto.keys import SecretKey

PAYER, PAYEE, STRANGER = ALICE, BOB, CAROL
FINAL = ("RELEASED", "REFUNDED")
EXAMPLES, STEPS = 25, 20


@dataclass
class Part:
    """A milestone, as the model sees it."""

    amount: int
    deliver_by: int
    state: str = "WAITING"
    released: int = 0
    refunded: int = 0
    confirm_by: int = 0

    @property
    def left(self) -> int:
        return self.amount - self.released - self.refunded

    def pay(self, side: str, amount: int) -> None:
        setattr(self, side, getattr(self, side) + amount)
        if not self.left:
            self.state = side.upper()


@dataclass
class Model:
    """What the spec says of one escrow. Every method returns the code it expects."""

    opener: SecretKey
    silence: str
    accept_by: int
    confirm_secs: int
    parts: list[Part] = field(default_factory=list)
    state: str = ""

    def answer(self, caller: SecretKey, now: int) -> str:
        """`escrow.accept` of an offer, `escrow.fund` of a quote."""
        is_offer = self.opener is PAYER
        code = (
            ROLE if caller is not (PAYEE if is_offer else PAYER)
            else STATE if self.state != ("OFFERED" if is_offer else "QUOTED")
            else LATE if now > self.accept_by
            else ""
        )  # fmt: skip
        if not code:
            self.state = "FUNDED"
        return code

    def withdraw(self, caller: SecretKey, now: int) -> str:
        if now <= self.accept_by and caller is not self.opener:
            return ROLE
        if self.state not in ("OFFERED", "QUOTED"):
            return STATE
        self.state = "WITHDRAWN"
        return ""

    def deliver(self, caller: SecretKey, no: int, now: int) -> str:
        if no >= len(self.parts):
            return NOT_FOUND
        part = self.parts[no]
        if caller is not PAYEE:
            return ROLE
        if self.state != "FUNDED" or part.state != "WAITING":
            return STATE
        if now > part.deliver_by:
            return LATE
        part.state, part.confirm_by = "DELIVERED", now + self.confirm_secs
        return ""

    def pay(self, side: str, caller: SecretKey, no: int, amount: int) -> str:
        """`escrow.confirm` ("released") and `escrow.refund` ("refunded")."""
        if no >= len(self.parts):
            return NOT_FOUND
        part = self.parts[no]
        if caller is not (PAYER if side == "released" else PAYEE):
            return ROLE
        if self.state != "FUNDED" or part.state in FINAL:
            return STATE
        if not 0 < amount <= part.left:
            return AMOUNT
        return self._pay(part, side, amount)

    def expire(self, no: int, now: int) -> str:
        if no >= len(self.parts):
            return NOT_FOUND
        part = self.parts[no]
        if self.state != "FUNDED" or part.state in FINAL:
            return STATE
        is_delivered = part.state == "DELIVERED"
        if now <= (part.confirm_by if is_delivered else part.deliver_by):
            return EARLY
        side = "released" if is_delivered and self.silence == "release" else "refunded"
        return self._pay(part, side, part.left)

    def _pay(self, part: Part, side: str, amount: int) -> str:
        part.pay(side, amount)
        if all(p.state in FINAL for p in self.parts):
            self.state = "CLOSED"
        return ""

    @property
    def held(self) -> int:
        return sum(p.left for p in self.parts) if self.state in ("OFFERED", "FUNDED") else 0


callers = st.sampled_from([None, None, None, None, PAYER, PAYEE, STRANGER])
"""None: whoever may; most histories should get somewhere."""
numbers = st.sampled_from([0, 0, 0, 0, 1, 1, 2, 3])
amounts = st.one_of(st.just(0), st.integers(1, 51), st.integers(1, 5))
moments = st.integers(0, 60)


class EscrowHistories(RuleBasedStateMachine):
    """One escrow from its opening to its end."""

    ecc: Ecc

    @initialize(
        is_agreed=st.sampled_from([True, True, True, False]),
        opener=st.sampled_from([PAYER, PAYEE]), silence=st.sampled_from(["release", "refund"]),
        accept_in=moments, confirm_secs=st.integers(1, 60),
        parts=st.lists(st.tuples(st.integers(1, 50), moments), min_size=1, max_size=3),
    )  # fmt: skip
    def open(self, is_agreed, opener, silence, accept_in, confirm_secs, parts):
        now = self.ecc.next_secs
        self.supply, self.reserve = self.ecc.supply, self.ecc.reserve
        self.purses = {key: self.ecc.chain.balance(key) for key in (PAYER, PAYEE)}
        self.model = Model(opener, silence, now + accept_in, confirm_secs)
        self.model.parts = [Part(amount, now + accept_in + more) for amount, more in parts]
        self.model.state = "OFFERED" if opener is PAYER else "QUOTED"
        terms = self.ecc.terms(silence=silence, accept_by=self.model.accept_by)
        terms["milestones"] = [
            {"amount": str(p.amount), "deliver_by": p.deliver_by, "confirm_secs": confirm_secs}
            for p in self.model.parts
        ]
        opened = self.ecc.call(opener, "escrow.open", **terms)
        self.purses[opener] -= opened.fee
        self.id = self.ecc.chain.events(opened)[0][1]["id"]
        if is_agreed:
            self.answer(None)

    def call(self, key, method, **arguments):
        receipt = self.ecc.call(key, f"escrow.{method}", id=self.id, **arguments)
        if key in self.purses:
            self.purses[key] -= receipt.fee
        return receipt.code

    @rule(secs=st.integers(1, 10))
    def wait(self, secs):
        self.ecc.wait(secs)

    @rule(which=numbers, more=st.integers(0, 1))
    def wait_for_a_deadline(self, which, more):
        """The next call comes exactly at a deadline, or one second after it."""
        times = sorted(
            {self.model.accept_by}
            | {p.confirm_by or p.deliver_by for p in self.model.parts if p.state not in FINAL}
        )
        self.ecc.wait_until(times[which % len(times)] + more)

    @rule(key=callers)
    def answer(self, key):
        is_offer = self.model.opener is PAYER
        method = "accept" if is_offer else "fund"
        key = key or (PAYEE if is_offer else PAYER)
        expected = self.model.answer(key, self.ecc.next_secs)
        assert self.call(key, method, agreement_hash=AGREEMENT) == expected

    @rule(key=callers)
    def withdraw(self, key):
        key = key or self.model.opener
        expected = self.model.withdraw(key, self.ecc.next_secs)
        assert self.call(key, "withdraw") == expected

    @rule(key=callers, no=numbers)
    def deliver(self, key, no):
        key = key or PAYEE
        expected = self.model.deliver(key, no, self.ecc.next_secs)
        assert self.call(key, "deliver", no=no, proof_hash=PROOF) == expected

    @rule(key=callers, no=numbers, amount=amounts)
    def confirm(self, key, no, amount):
        key = key or PAYER
        expected = self.model.pay("released", key, no, amount)
        assert self.call(key, "confirm", no=no, amount=str(amount)) == expected

    @rule(key=callers, no=numbers, amount=amounts)
    def refund(self, key, no, amount):
        key = key or PAYEE
        expected = self.model.pay("refunded", key, no, amount)
        assert self.call(key, "refund", no=no, amount=str(amount)) == expected

    @rule(key=callers, no=numbers)
    def expire(self, key, no):
        key = key or STRANGER
        expected = self.model.expire(no, self.ecc.next_secs)
        assert self.call(key, "expire", no=no) == expected

    @invariant()
    def the_chain_agrees_with_the_model_and_every_unit_is_somewhere(self):
        if not hasattr(self, "id"):
            return
        escrow, model = self.ecc.verify(self.id), self.model
        assert (escrow["state"], int(escrow["held"])) == (model.state, model.held)
        assert [
            (m["state"], int(m["released"]), int(m["refunded"])) for m in escrow["milestones"]
        ] == [(p.state, p.released, p.refunded) for p in model.parts]
        assert self.ecc.reserve == self.reserve + model.held
        assert self.ecc.supply == self.supply
        released = sum(p.released for p in model.parts)
        assert self.ecc.chain.balance(PAYER) == self.purses[PAYER] - model.held - released
        assert self.ecc.chain.balance(PAYEE) == self.purses[PAYEE] + released

    def teardown(self):
        """After the deadlines a stranger alone brings every escrow to its end."""
        if not hasattr(self, "id"):
            return
        self.ecc.wait(200)
        if self.model.state in ("OFFERED", "QUOTED"):
            self.withdraw(STRANGER)
        for no, part in enumerate(self.model.parts):
            if self.model.state == "FUNDED" and part.state not in FINAL:
                self.expire(STRANGER, no)
        self.the_chain_agrees_with_the_model_and_every_unit_is_somewhere()
        assert self.model.state in ("CLOSED", "WITHDRAWN")
        assert self.model.held == 0


@pytest.fixture(scope="module")
def ecc():
    with ecc_chain() as ecc:
        yield ecc


def test_any_history_of_an_escrow_is_the_specs_and_ends_without_good_will(ecc):
    class OnThisChain(EscrowHistories):
        pass

    OnThisChain.ecc = ecc
    run_state_machine_as_test(
        OnThisChain,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None,
            suppress_health_check=list(HealthCheck),
            # A history is short; making it shorter would take longer than a test may.
            phases=[Phase.generate],
        ),
    )  # fmt: skip
