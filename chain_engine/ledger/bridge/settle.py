"""Settling own messages by the acks of their destination (docs/spec/07-bridge.md section 8)."""

from msgspec.structs import replace

from chain_engine.blocks.bridge import Ack, AckStatus, CommitmentProof, PeerStatus, ProvenAck
from chain_engine.codec.canonical import Struct
from chain_engine.ledger.assets import MAIN_COIN
from chain_engine.ledger.balances import move
from chain_engine.ledger.bridge.errors import AckNotProven, BadMessage, OutOfOrder
from chain_engine.ledger.bridge.peers import freeze, get_active_peer, get_peer, put_peer
from chain_engine.ledger.bridge.proofs import is_entry, verify_peer_commitment
from chain_engine.ledger.bridge.send import relay_account, settling_share
from chain_engine.ledger.bridge.tallies import count_refunded
from chain_engine.ledger.bridge.vouchers import release_value, text_of
from chain_engine.ledger.events import ChainFrozen, EventData, MessageSettled, address_of
from chain_engine.ledger.keys import pending_key
from chain_engine.ledger.ledger import Ledger
from chain_engine.ledger.records import PendingMessage
from chain_engine.primitives.errors import ChainError

ACK_CODE_CHARACTERS_MAX = 64
"""Longest error code that an ack may carry."""


class SettlePayload(Struct, frozen=True):
    """Payload of `chain.settle`."""

    peer: bytes
    """Chain id of the destination of the messages."""

    height: int
    """Height of its certified header that the proofs belong to."""

    commitment: CommitmentProof
    """What that header commits to about this chain."""

    acks: tuple[ProvenAck, ...]
    """1 to 100 consecutive acks from the next one to settle on."""


def settle(ledger: Ledger, payload: SettlePayload, settler: bytes) -> list[EventData]:
    """Verify proofs and order, refund what failed or expired, pay the settler.

    A destination whose ack is no ack, or whose refund the escrow cannot pay, is frozen; its
    message and those after it stay unsettled.

    Raises:
        UnknownChain, ChainNotActive: no such peer, or it is frozen.
        StaleProof, CommitmentNotProven, AckNotProven: a proof does not hold.
        OutOfOrder: not the next acks.
    """
    record = get_active_peer(ledger, payload.peer)
    commitment = verify_peer_commitment(ledger, payload.peer, payload.height, payload.commitment)
    expected = record.settle_next
    for place, proven in enumerate(payload.acks):
        seq = expected + place
        if proven.path.index != seq or seq >= record.outbox.size:
            raise OutOfOrder(expected=expected, seq=proven.path.index, sent=record.outbox.size)
        root, size = commitment.ack_root, commitment.ack_size
        if not is_entry(root, size, seq, proven.ack, proven.path):
            raise AckNotProven(seq=seq)
    events: list[EventData] = []
    for place, proven in enumerate(payload.acks):
        events.append(_settle_one(ledger, payload.peer, expected + place, proven.ack, settler))
        if get_peer(ledger, payload.peer).status != PeerStatus.ACTIVE:
            break
    return events


def _settle_one(ledger: Ledger, peer: bytes, seq: int, ack: Ack, settler: bytes) -> EventData:
    key = pending_key(peer, seq)
    pending = ledger.record(key, PendingMessage)
    assert pending is not None, "every sent message waits until it is settled"
    asset = text_of(ledger, pending.asset)
    try:
        status = _verify_ack(ack, seq)
        refund = 0 if status == AckStatus.DELIVERED else pending.amount
        release_value(ledger, peer, asset, refund, pending.sender)
    except ChainError as refusal:
        freeze(ledger, peer)
        return ChainFrozen(chain=peer.hex(), reason=refusal.code)
    if refund:
        count_refunded(ledger, peer, asset, refund)
    waiting = settling_share(pending.fee)
    if waiting:
        account = relay_account(ledger.context.chain_id, peer)
        move(ledger, MAIN_COIN, account, settler, waiting)
    ledger.put(key, None)
    put_peer(ledger, replace(get_peer(ledger, peer), settle_next=seq + 1))
    return MessageSettled(
        destination=peer.hex(),
        seq=seq,
        status=status.name,
        code=ack.code,
        refunded=str(refund),
        asset=asset,
        sender=address_of(pending.sender),
    )


def _verify_ack(ack: Ack, seq: int) -> AckStatus:
    """Check the fields of a proven ack; only a dishonest destination can get them wrong."""
    rules = {
        "version": ack.version == 1,
        "seq": ack.seq == seq,
        "status": ack.status in tuple(AckStatus),
        "code": len(ack.code) <= ACK_CODE_CHARACTERS_MAX,
    }
    for field, holds in rules.items():
        if not holds:
            raise BadMessage(field=field)
    return AckStatus(ack.status)
