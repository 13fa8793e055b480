"""Moving the light client of a peer forward (docs/spec/07-bridge.md section 5)."""

from chain_engine.blocks.block import Header
from chain_engine.blocks.certificate import Certificate
from chain_engine.blocks.delegates import DelegateSet
from chain_engine.blocks.light_client import ConflictingHeader, advance
from chain_engine.codec.canonical import Struct
from chain_engine.ledger.bridge.errors import NotCheckpoint
from chain_engine.ledger.bridge.peers import freeze, get_active_peer, get_trusted, put_trusted
from chain_engine.ledger.events import ChainFrozen, EventData, HeaderCertified
from chain_engine.ledger.ledger import Ledger


class CertifyPayload(Struct, frozen=True):
    """Payload of `chain.certify`."""

    peer: bytes
    """Chain id of the peer, 32 bytes."""

    header: Header
    """A header of it, newer than the last one certified here."""

    certificate: Certificate
    """The certificate that commits it."""

    delegates: DelegateSet
    """The set that signed it; the header holds its hash."""


def certify(ledger: Ledger, payload: CertifyPayload) -> list[EventData]:
    """Accept a newer header of a peer, or freeze the peer on proof that it forked.

    Raises:
        UnknownChain, ChainNotActive: no such peer, or it is frozen.
        NotCheckpoint: this chain takes only checkpoint headers of the peer.
        UntrustedHeader, InvalidCertificate, InvalidDelegates: the light client refuses.
    """
    record = get_active_peer(ledger, payload.peer)
    height = payload.header.height
    if height % record.checkpoint_blocks:
        raise NotCheckpoint(height=height, every=record.checkpoint_blocks)
    try:
        trusted = advance(
            get_trusted(ledger, payload.peer),
            payload.header,
            payload.certificate,
            payload.delegates,
            ledger.context.time_ms,
        )
    except ConflictingHeader as conflict:
        freeze(ledger, payload.peer)
        return [ChainFrozen(chain=payload.peer.hex(), reason=conflict.code)]
    put_trusted(ledger, trusted)
    return [
        HeaderCertified(
            chain=payload.peer.hex(), height=trusted.height, header=trusted.header_id.hex()
        )
    ]
