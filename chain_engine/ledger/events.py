"""Events in receipts: a name and a JSON object (docs/spec/11-main-chain.md section 6).

Fields stand in the order of the struct, accounts are addresses, hashes lower-case hex, amounts
decimal strings.
"""

from functools import lru_cache

import msgspec

from chain_engine.blocks.block import Event, Receipt
from chain_engine.crypto.accounts import encode_address
from chain_engine.crypto.hashing import tagged_hash
from chain_engine.ledger.machine import BlockContext

_encoder = msgspec.json.Encoder()

address_of = lru_cache(maxsize=65536)(encode_address)
"""Address of an account; base58 is slow and the same accounts act often."""


class EventData(msgspec.Struct, frozen=True):
    """Base of the data of every event."""


class Transferred(EventData, frozen=True):
    """An asset moved between two accounts."""

    asset: str
    """Asset text."""

    sender: str
    """Address it came from."""

    recipient: str
    """Address it went to."""

    amount: str
    """Units."""

    memo: str
    """The sender's free text."""


class FeesPaid(EventData, frozen=True):
    """The forger received the fees of its block."""

    forger: str
    """Address of its single-key account."""

    asset: str
    """Fee asset."""

    amount: str
    """Units."""


class MessageSent(EventData, frozen=True):
    """A message was appended to the outbox towards a peer chain."""

    destination: str
    """Chain id."""

    seq: int
    """Position in the outbox."""

    kind: str
    """`TRANSFER`, `CALL`, `RECORD` or `CONTROL`."""

    asset: str
    """Asset text on this chain."""

    amount: str
    """Units."""

    sender: str
    """Address it came from."""

    recipient: str
    """Address it is for, on the destination."""

    fee: str
    """ACC units for relaying."""


class HeaderCertified(EventData, frozen=True):
    """The light client of a peer chain moved forward."""

    chain: str
    """Chain id."""

    height: int
    """Height of the header."""

    header: str
    """Its block id."""


class ChainFrozen(EventData, frozen=True):
    """A peer chain was frozen; nothing crosses any more."""

    chain: str
    """Chain id."""

    reason: str
    """Error code of what it did."""


class MessageDelivered(EventData, frozen=True):
    """A message of a peer chain was received and acknowledged."""

    source: str
    """Chain id."""

    seq: int
    """Position in the peer's outbox."""

    status: str
    """`DELIVERED`, `FAILED` or `EXPIRED`."""

    code: str
    """Why it FAILED, else empty."""

    kind: str
    """The message's kind."""

    asset: str
    """Asset text on this chain, empty when it names none."""

    amount: str
    """Units."""

    sender: str
    """Address it came from, on the source."""

    recipient: str
    """Address it was for."""


class MessageSettled(EventData, frozen=True):
    """The outcome of an own message came back."""

    destination: str
    """Chain id."""

    seq: int
    """Position in the outbox."""

    status: str
    """`DELIVERED`, `FAILED` or `EXPIRED`."""

    code: str
    """Why it FAILED, else empty."""

    refunded: str
    """Units given back to the sender."""

    asset: str
    """Asset text on this chain."""

    sender: str
    """Address of the sender."""


def build_event(data: EventData) -> Event:
    """Build the event named like the class of its data."""
    return Event(type(data).__name__, _encoder.encode(data).decode())


def build_system_receipt(context: BlockContext, step: str, *data: EventData) -> Receipt:
    """Build the receipt of something that no transaction did."""
    identity = tagged_hash(
        "acc/system", context.chain_id, context.height.to_bytes(8, "big"), step.encode("ascii")
    )
    return Receipt(identity, "", 0, 0, tuple(build_event(d) for d in data))
