"""What the client of the HTTP API returns."""

from dataclasses import dataclass
from typing import Any

from chain_engine.blocks.block import Header
from chain_engine.blocks.bridge import CommitmentProof, ProvenAck, ProvenMessage
from chain_engine.blocks.certificate import Certificate
from chain_engine.blocks.delegates import DelegateSet
from chain_engine.primitives.errors import ChainError

Json = dict[str, Any]
"""A JSON object as the node sent it; its shape is in the OpenAPI document."""


@dataclass(frozen=True, slots=True)
class HeaderBundle:
    """All that a light client or a relayer needs of one height; still to be verified."""

    id: bytes
    """Block id, computed here from the header."""

    header: Header
    """The header."""

    certificate: Certificate | None
    """Its certificate; none for genesis."""

    delegates: DelegateSet
    """The set that signed it."""


@dataclass(frozen=True, slots=True)
class SubmitOutcome:
    """What became of one submitted transaction."""

    id: bytes | None
    """Transaction id; None when the bytes are no transaction."""

    error: ChainError | None
    """Why it was refused at the door."""

    height: int | None
    """Height of its block, when it was waited for and committed."""

    receipt: Json | None
    """Its receipt then: id, code, gas, fee, events."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account in the committed state."""

    nonce: int
    """Nonce of its next transaction."""

    balances: dict[str, int]
    """Units by asset."""

    details: Json
    """Whatever else the chain tells."""


@dataclass(frozen=True, slots=True)
class MessageProof:
    """A message under a header's bridge root; still to be verified."""

    height: int
    """Height of the header."""

    entry: ProvenMessage
    """The message and its path to the outbox root."""

    commitment: CommitmentProof
    """The outbox root's path to the bridge root."""


@dataclass(frozen=True, slots=True)
class AckProof:
    """An ack under a header's bridge root; still to be verified."""

    height: int
    """Height of the header."""

    entry: ProvenAck
    """The ack and its path to the ack root."""

    commitment: CommitmentProof
    """The ack root's path to the bridge root."""


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events in order."""

    data: list[Json]
    """cursor, height, index, transaction_id, name, data."""

    has_more: bool
    """Whether the next page has events already."""

    next_cursor: int
    """Where to go on."""
