"""Gas hints of the ECC DApp: enough for the dearest call of each method, and not far above it."""

import pytest
from support.ecc_chain import AGREEMENT, ALICE, BOB, CAROL, PROOF, address, ecc_chain

from sidechain_host.manifest import Manifest

REF = "r" * 64
MEMO = "é" * 128
HINT_FACTORS = (1.2, 1.7)


def dearest_calls(ecc):
    """(method, receipt) of every method with long texts, 20 milestones and a ref."""
    unit = {"asset": "ACC", "amount": "1"}
    yield "transfer", ecc.call(ALICE, "transfer", to=address(CAROL), **unit, memo=MEMO, ref=REF)
    home = {"to": address(BOB), **unit, "fee": "1001", "memo": MEMO}
    yield "withdraw", ecc.call(ALICE, "withdraw", **home, ref=REF)
    terms = ecc.terms(amounts=[10**6] * 20, kind="agreement", ref=REF)
    for milestone in terms["milestones"]:
        milestone["title_hash"] = AGREEMENT
    opened = ecc.call(ALICE, "escrow.open", **terms)
    yield "escrow.open", opened
    at = {"id": ecc.chain.events(opened)[0][1]["id"]}
    yield "escrow.accept", ecc.call(BOB, "escrow.accept", **at, agreement_hash=AGREEMENT, ref=REF)
    proof = {"no": 0, "proof_hash": PROOF}
    yield "escrow.deliver", ecc.call(BOB, "escrow.deliver", **at, **proof, ref=REF)
    half = {"no": 0, "amount": "500000"}
    yield "escrow.confirm", ecc.call(ALICE, "escrow.confirm", **at, **half, ref=REF)
    yield "escrow.refund", ecc.call(BOB, "escrow.refund", **at, **half, ref=REF)
    ecc.wait(10_000)
    yield "escrow.expire", ecc.call(CAROL, "escrow.expire", **at, no=1, ref=REF)
    offer = ecc.open()
    yield "escrow.withdraw", ecc.call(ALICE, "escrow.withdraw", id=offer, ref=REF)
    quote = {"id": ecc.open(BOB), "agreement_hash": AGREEMENT}
    yield "escrow.fund", ecc.call(ALICE, "escrow.fund", **quote, ref=REF)


@pytest.fixture(scope="module")
def calls():
    with ecc_chain() as ecc:
        manifest: Manifest = ecc.chain.machine.program.manifest
        hints = {name: spec.gas for name, spec in manifest.methods.items()}
        yield hints, dict(dearest_calls(ecc))


def test_every_hint_is_enough_with_headroom_and_close_to_real_use(calls):
    hints, receipts = calls
    assert receipts.keys() == hints.keys()
    assert {receipt.code for receipt in receipts.values()} == {""}
    low, high = HINT_FACTORS
    for name, receipt in receipts.items():
        assert low * receipt.gas <= hints[name] <= high * receipt.gas, (name, receipt.gas)
