"""`chain.certify`: relay a newer header of a peer chain. Free for whoever relays it."""

from chain_engine.blocks.block import Event
from chain_engine.blocks.transaction import SignedTransaction
from chain_engine.ledger.bridge.certify import CertifyPayload, certify
from chain_engine.ledger.errors import BadPayload
from chain_engine.ledger.events import build_event
from chain_engine.ledger.kinds.kind import Kind
from chain_engine.ledger.ledger import Ledger
from chain_engine.primitives.limits import HASH_BYTES


def verify(payload: CertifyPayload) -> None:
    """Check the payload alone.

    Raises:
        BadPayload: the peer is no chain id.
    """
    if len(payload.peer) != HASH_BYTES:
        raise BadPayload(field="peer")


def apply(ledger: Ledger, signed: SignedTransaction, payload: CertifyPayload) -> tuple[Event, ...]:
    """Move the light client forward; see `certify` for what it refuses."""
    del signed  # whoever relays a header gains nothing by it
    return tuple(build_event(data) for data in certify(ledger, payload))


CHAIN_CERTIFY = Kind("chain.certify", CertifyPayload, verify, apply, is_relay=True)
"""The kind."""
