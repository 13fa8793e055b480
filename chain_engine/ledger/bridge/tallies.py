"""Sums of refused and refunded units, so that two chains can be audited from their states."""

from chain_engine.blocks.bridge import BridgeMessage
from chain_engine.ledger.bridge.vouchers import text_of
from chain_engine.ledger.errors import BadAsset
from chain_engine.ledger.keys import tally_key
from chain_engine.ledger.ledger import Ledger
from chain_engine.ledger.records import NO_TALLY, Tally


def tally_of(ledger: Ledger, peer: bytes, asset: str) -> Tally:
    """Sums of one asset towards one peer."""
    return ledger.record(tally_key(peer, asset), Tally) or NO_TALLY


def count_refused(ledger: Ledger, peer: bytes, message: BridgeMessage) -> None:
    """Count the amount of a received message that was FAILED or EXPIRED."""
    try:
        asset = text_of(ledger, message.asset)
    except BadAsset:
        return
    tally = tally_of(ledger, peer, asset)
    ledger.put(tally_key(peer, asset), Tally(tally.refused + message.amount, tally.refunded))


def count_refunded(ledger: Ledger, peer: bytes, asset: str, amount: int) -> None:
    """Count the amount of an own message that was given back."""
    tally = tally_of(ledger, peer, asset)
    ledger.put(tally_key(peer, asset), Tally(tally.refused, tally.refunded + amount))
