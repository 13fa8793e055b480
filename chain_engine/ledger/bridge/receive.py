"""Receiving the messages of a peer chain: in order, each once (docs/spec/07-bridge.md section 6).

Whatever a proven message does wrong makes it FAILED; nothing in it can refuse the transaction that
relays it, so no message blocks the queue behind it.
"""

from dataclasses import dataclass
from typing import Literal

from msgspec.structs import replace

from chain_engine.blocks.bridge import (
    MESSAGE_VERSION,
    Ack,
    AckStatus,
    BridgeMessage,
    CommitmentProof,
    PeerStatus,
    ProvenMessage,
)
from chain_engine.codec.canonical import Struct, encode
from chain_engine.ledger.assets import MAIN_COIN
from chain_engine.ledger.bridge.calls import call_body, price_kind
from chain_engine.ledger.bridge.errors import (
    BadMessage,
    EscrowExceeded,
    MessageNotProven,
    OutOfOrder,
)
from chain_engine.ledger.bridge.peers import freeze, get_active_peer, get_peer, put_peer
from chain_engine.ledger.bridge.proofs import is_entry, verify_peer_commitment
from chain_engine.ledger.bridge.send import settling_share, verify_message_fields
from chain_engine.ledger.bridge.tallies import count_refused
from chain_engine.ledger.bridge.vouchers import release_value, text_of
from chain_engine.ledger.errors import BadAsset, FeeTooLow
from chain_engine.ledger.events import EventData, MessageDelivered, address_of
from chain_engine.ledger.fees import pay_fee
from chain_engine.ledger.frontier import append_leaf
from chain_engine.ledger.ledger import Ledger
from chain_engine.primitives.errors import ChainError
from chain_engine.primitives.limits import ACCOUNT_BYTES, AMOUNT_MAX

__all__ = [
    "PENDING_CALL",
    "DeliverPayload",
    "Inbound",
    "acknowledge",
    "apply_transfer",
    "call_body",
    "receive",
]

PENDING_CALL: Literal[0] = 0
"""Status of an `Inbound` whose contract method is still to be run."""


class DeliverPayload(Struct, frozen=True):
    """Payload of `chain.deliver`."""

    peer: bytes
    """Chain id of the chain that sent the messages."""

    height: int
    """Height of its certified header that the proofs belong to."""

    commitment: CommitmentProof
    """What that header commits to about this chain."""

    messages: tuple[ProvenMessage, ...]
    """1 to 100 consecutive messages from the next expected one on."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """A received message and what became of it."""

    peer: bytes
    """Chain it came from."""

    seq: int
    """Its position in that chain's outbox."""

    message: BridgeMessage
    """The message."""

    status: int
    """An `AckStatus`, or `PENDING_CALL`."""

    code: str = ""
    """Error code when FAILED."""

    def failed(self, code: str) -> "Inbound":
        """The same message, FAILED for this reason."""
        return Inbound(self.peer, self.seq, self.message, AckStatus.FAILED, code)

    def delivered(self) -> "Inbound":
        """The same message, DELIVERED."""
        return Inbound(self.peer, self.seq, self.message, AckStatus.DELIVERED)


def receive(
    ledger: Ledger, payload: DeliverPayload, deliverer: bytes, *, runs_calls: bool
) -> list[Inbound]:
    """Verify proofs and order, pay the deliverer, apply every TRANSFER.

    A CALL is handed on as `PENDING_CALL` where `runs_calls`, its amount not yet released. The
    caller must pass every returned `Inbound`, in order, to `acknowledge` before the block ends.
    When a message freezes the peer, those after it stay undelivered.

    Raises:
        UnknownChain, ChainNotActive: no such peer, or it is frozen.
        StaleProof, CommitmentNotProven, MessageNotProven: a proof does not hold.
        OutOfOrder: not the next messages.
    """
    record = get_active_peer(ledger, payload.peer)
    commitment = verify_peer_commitment(ledger, payload.peer, payload.height, payload.commitment)
    expected = record.inbox_next
    for place, proven in enumerate(payload.messages):
        seq = expected + place
        if proven.path.index != seq:
            raise OutOfOrder(expected=seq, seq=proven.path.index)
        root, size = commitment.outbox_root, commitment.outbox_size
        if not is_entry(root, size, seq, proven.message, proven.path):
            raise MessageNotProven(seq=seq)
    received: list[Inbound] = []
    for place, proven in enumerate(payload.messages):
        inbound = Inbound(payload.peer, expected + place, proven.message, PENDING_CALL)
        received.append(_receive_one(ledger, inbound, deliverer, runs_calls=runs_calls))
        if get_peer(ledger, payload.peer).status != PeerStatus.ACTIVE:
            break
    after = get_peer(ledger, payload.peer)
    put_peer(ledger, replace(after, inbox_next=expected + len(received)))
    return received


def apply_transfer(ledger: Ledger, inbound: Inbound) -> Inbound:
    """Release the amount of a message to its recipient; returns its outcome.

    For a CALL the caller does this right before it runs the method, inside a step that it undoes
    when the method refuses. An outcome of FAILED ends the message: the method is not run, and the
    step is kept, since the peer may have been frozen.
    """
    message = inbound.message
    try:
        asset = text_of(ledger, message.asset)
        release_value(ledger, inbound.peer, asset, message.amount, message.recipient)
    except EscrowExceeded as refusal:
        freeze(ledger, inbound.peer)
        return inbound.failed(refusal.code)
    except ChainError as refusal:
        return inbound.failed(refusal.code)
    return inbound.delivered()


def acknowledge(ledger: Ledger, inbound: Inbound) -> EventData:
    """Write the one ack of a received message; returns the event of its delivery."""
    record = get_peer(ledger, inbound.peer)
    assert record.acks.size == inbound.seq, "acks are written in the order of the messages"
    assert inbound.status != PENDING_CALL, "a call is acknowledged after it ran"
    ack = Ack(version=1, seq=inbound.seq, status=int(inbound.status), code=inbound.code)
    put_peer(ledger, replace(record, acks=append_leaf(record.acks, encode(ack))))
    ledger.acks.append((inbound.peer, ack))
    if inbound.status != AckStatus.DELIVERED:
        count_refused(ledger, inbound.peer, inbound.message)
    return _delivered_event(ledger, inbound)


def _receive_one(
    ledger: Ledger, inbound: Inbound, deliverer: bytes, *, runs_calls: bool
) -> Inbound:
    message = inbound.message
    expired = ledger.context.time_ms > message.expires_at_ms
    gas, code = 0, ""
    try:
        _verify_received(ledger, inbound)
        if not expired:
            gas = price_kind(ledger, message, runs_calls=runs_calls)
    except ChainError as refusal:
        code = refusal.code
    code = _pay_deliverer(ledger, inbound, deliverer, gas) or code
    if code:
        return inbound.failed(code)
    if expired:
        return Inbound(inbound.peer, inbound.seq, message, AckStatus.EXPIRED)
    return apply_transfer(ledger, inbound) if message.kind == "TRANSFER" else inbound


def _verify_received(ledger: Ledger, inbound: Inbound) -> None:
    message = inbound.message
    rules = {
        "version": message.version == MESSAGE_VERSION,
        "source": message.source == inbound.peer,
        "destination": message.destination == ledger.context.chain_id,
        "seq": message.seq == inbound.seq,
    }
    for field, holds in rules.items():
        if not holds:
            raise BadMessage(field=field)
    verify_message_fields(message)
    text_of(ledger, message.asset)
    least = ledger.context.parameters.fees.relay_fee
    if message.fee < least:
        raise FeeTooLow(fee=message.fee, needed=least)


def _pay_deliverer(ledger: Ledger, inbound: Inbound, deliverer: bytes, gas: int) -> str:
    """Pay the deliverer, and `gas` of it to the forger; returns a code when that is impossible."""
    fee = inbound.message.fee
    if not 0 <= fee <= AMOUNT_MAX:
        return BadMessage.code
    try:
        release_value(ledger, inbound.peer, MAIN_COIN, fee - settling_share(fee), deliverer)
    except EscrowExceeded as refusal:
        freeze(ledger, inbound.peer)
        return refusal.code
    except ChainError as refusal:
        return refusal.code
    pay_fee(ledger, deliverer, gas)
    return ""


def _delivered_event(ledger: Ledger, inbound: Inbound) -> EventData:
    message = inbound.message
    try:
        asset = text_of(ledger, message.asset)
    except BadAsset:
        asset = ""
    return MessageDelivered(
        source=inbound.peer.hex(),
        seq=inbound.seq,
        status=AckStatus(inbound.status).name,
        code=inbound.code,
        kind=message.kind,
        asset=asset,
        amount=str(message.amount),
        sender=_shown(message.sender),
        recipient=_shown(message.recipient),
    )


def _shown(account: bytes) -> str:
    """Address of an account; empty for what a dishonest chain calls one."""
    return address_of(account) if len(account) == ACCOUNT_BYTES else ""
