"""Sums of refused and refunded units, so that two chains can be audited from their states."""

from chain_engine.blocks.bridge import BridgeMessage
from chain_engine.ledger.bridge.vouchers import text_of
from chain_engine.ledger.errors import BadAsset
from chain_engine.ledger.keys import tally_key
from chain_engine.ledger.ledger import Ledger
from chain_engine.ledger.records import NO_TALLY, Tally
from chain_engine.primitives.limits import AMOUNT_MAX

TALLY_MODULUS = 2**64
"""Sums wrap around: only differences between two chains are ever used."""


def tally_of(ledger: Ledger, peer: bytes, asset: str) -> Tally:
    """Sums of one asset towards one peer."""
    return ledger.record(tally_key(peer, asset), Tally) or NO_TALLY


def count_refused(ledger: Ledger, peer: bytes, message: BridgeMessage) -> None:
    """Count the amount of a received message that was FAILED or EXPIRED."""
    try:
        asset = text_of(ledger, message.asset)
    except BadAsset:
        return
    if 0 <= message.amount <= AMOUNT_MAX:
        tally = tally_of(ledger, peer, asset)
        refused = (tally.refused + message.amount) % TALLY_MODULUS
        ledger.put(tally_key(peer, asset), Tally(refused, tally.refunded))


def count_refunded(ledger: Ledger, peer: bytes, asset: str, amount: int) -> None:
    """Count the amount of an own message that was given back."""
    tally = tally_of(ledger, peer, asset)
    refunded = (tally.refunded + amount) % TALLY_MODULUS
    ledger.put(tally_key(peer, asset), Tally(tally.refused, refunded))
