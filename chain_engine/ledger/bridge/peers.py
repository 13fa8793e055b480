"""Bridge state towards peer chains: opening, freezing, committing.

Spec: docs/spec/07-bridge.md sections 2 and 3.
"""

from msgspec.structs import replace

from chain_engine.blocks.bridge import PeerCommitment, PeerStatus
from chain_engine.blocks.light_client import TrustedHeader
from chain_engine.codec.canonical import decode_unchecked
from chain_engine.crypto.merkle import EMPTY_ROOT
from chain_engine.ledger.bridge.errors import (
    ChainExists,
    ChainNotActive,
    TooManyChains,
    UnknownChain,
)
from chain_engine.ledger.bridge.vouchers import vouchers_root
from chain_engine.ledger.frontier import frontier_root
from chain_engine.ledger.keys import PEERS, end_of, light_client_key, peer_key
from chain_engine.ledger.ledger import Ledger
from chain_engine.ledger.records import Frontier, PeerRecord
from chain_engine.state.view import StateView

PEERS_MAX = 4096
"""Peer chains of one chain: every header commits to all of them."""


def find_peer(ledger: Ledger, peer: bytes) -> PeerRecord | None:
    """Bridge state towards a peer, or None when there is none."""
    return ledger.record(peer_key(peer), PeerRecord)


def get_peer(ledger: Ledger, peer: bytes) -> PeerRecord:
    """Bridge state towards a peer.

    Raises:
        UnknownChain: there is no such peer.
    """
    record = find_peer(ledger, peer)
    if record is None:
        raise UnknownChain(chain=peer)
    return record


def get_active_peer(ledger: Ledger, peer: bytes) -> PeerRecord:
    """Bridge state towards a peer that may exchange messages.

    Raises:
        UnknownChain: there is no such peer.
        ChainNotActive: it is frozen or terminated.
    """
    record = get_peer(ledger, peer)
    if record.status != PeerStatus.ACTIVE:
        raise ChainNotActive(chain=peer, status=PeerStatus(record.status).name)
    return record


def put_peer(ledger: Ledger, record: PeerRecord) -> None:
    """Write the bridge state towards a peer."""
    ledger.put(peer_key(record.peer), record)
    ledger.touched_peers.add(record.peer)


def get_trusted(ledger: Ledger, peer: bytes) -> TrustedHeader:
    """The newest certified header of a peer that exists."""
    trusted = ledger.record(light_client_key(peer), TrustedHeader)
    assert trusted is not None, "a peer and its light client are written together"
    return trusted


def put_trusted(ledger: Ledger, trusted: TrustedHeader) -> None:
    """Write the newest certified header of a peer."""
    ledger.put(light_client_key(trusted.chain_id), trusted)


def open_peer(
    ledger: Ledger, trusted: TrustedHeader, *, checkpoint_blocks: int, relay_fee: int
) -> None:
    """Begin to exchange messages with the chain of `trusted`.

    On the main chain from `chain.register`, with the sidechain's genesis header; in a sidechain's
    genesis state with a main-chain header older than its registration and `checkpoint_blocks` 1.
    `relay_fee` is the least fee of a message towards the peer, in ACC units.

    Raises:
        ChainExists: it is a peer already.
        TooManyChains: the number of peers is bounded.
    """
    peer = trusted.chain_id
    if find_peer(ledger, peer) is not None:
        raise ChainExists(chain=peer)
    stored = {key for key, _ in ledger.view.scan(PEERS, end_of(PEERS), limit=PEERS_MAX)}
    if len(stored | {peer_key(touched) for touched in ledger.touched_peers}) >= PEERS_MAX:
        raise TooManyChains(limit=PEERS_MAX)
    empty = Frontier()
    record = PeerRecord(
        version=1,
        peer=peer,
        status=int(PeerStatus.ACTIVE),
        checkpoint_blocks=checkpoint_blocks,
        relay_fee=relay_fee,
        outbox=empty,
        acks=empty,
        inbox_next=0,
        settle_next=0,
        vouchers_root=EMPTY_ROOT,
    )
    put_peer(ledger, record)
    put_trusted(ledger, trusted)


def commitment_of(record: PeerRecord) -> PeerCommitment:
    """What a header commits to about one peer."""
    return PeerCommitment(
        version=1,
        peer=record.peer,
        outbox_root=frontier_root(record.outbox),
        outbox_size=record.outbox.size,
        ack_root=frontier_root(record.acks),
        ack_size=record.acks.size,
        settle_next=record.settle_next,
        vouchers_root=record.vouchers_root,
        status=int(record.status),
    )


def peer_records(view: StateView) -> list[PeerRecord]:
    """Bridge state towards every peer in a view, ascending by chain id."""
    rows = view.scan(PEERS, end_of(PEERS), limit=PEERS_MAX)
    return [decode_unchecked(raw, PeerRecord) for _, raw in rows]


def commitments(view: StateView) -> tuple[PeerCommitment, ...]:
    """What a header over this state commits to, ascending by peer."""
    return tuple(commitment_of(record) for record in peer_records(view))


def close_bridge(ledger: Ledger) -> tuple[PeerCommitment, ...]:
    """Bring the voucher roots up to date and return the commitments after the block."""
    for peer in sorted(ledger.voucher_peers):
        record = find_peer(ledger, peer)
        if record is not None:
            put_peer(ledger, replace(record, vouchers_root=vouchers_root(ledger, peer)))
    known = {record.peer: record for record in peer_records(ledger.view)}
    for peer in ledger.touched_peers:
        record = find_peer(ledger, peer)
        if record is not None:
            assert record.inbox_next == record.acks.size, "every received message has its ack"
            known[peer] = record
    return tuple(commitment_of(known[peer]) for peer in sorted(known))


def freeze(ledger: Ledger, peer: bytes) -> None:
    """Stop all exchange with a peer that proved to be dishonest."""
    put_peer(ledger, replace(get_peer(ledger, peer), status=int(PeerStatus.FROZEN)))
