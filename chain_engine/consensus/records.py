"""What is written to the journal before a signature may leave (docs/spec/08-consensus.md 6).

One journal entry is an array of records. Blocks are written once per height with the bodies of
their transactions: a delegate locked on a block must be able to show it after everybody crashed.
"""

from typing import Any, cast

from chain_engine.codec.canonical import Struct, decode_unchecked, encode
from chain_engine.consensus.messages import FirstVote, ProposedBlock


class BlockRecord(Struct, frozen=True, tag=1):
    """A block that later records of the same height name by id."""

    block: ProposedBlock
    """The block."""

    bodies: tuple[bytes, ...]
    """Its encoded transactions in order."""


class QuorumRecord(Struct, frozen=True, tag=2):
    """A quorum of first votes: the valid value, and the lock if our second vote follows."""

    height: int
    """Height."""

    round: int
    """Round of the quorum."""

    block_id: bytes
    """The block."""

    votes: tuple[FirstVote, ...]
    """The quorum."""

    locked: bool
    """Whether the second vote for it is about to be signed."""


class SigningRecord(Struct, frozen=True, tag=3):
    """What is about to be signed; nothing else may be signed for this step any more."""

    step: int
    """1 proposal, 2 first vote, 3 second vote."""

    height: int
    """Height."""

    round: int
    """Round."""

    block_id: bytes
    """The block, empty for nil."""

    valid_round: int | None
    """Valid round of a proposal or first vote."""

    previous_signature: bytes
    """Signature of the signing record before this one; empty if there is none."""


Record = BlockRecord | QuorumRecord | SigningRecord


def encode_entry(records: tuple[Record, ...]) -> bytes:
    """Bytes of one journal entry."""
    return encode(records)


def decode_entry(data: bytes) -> tuple[Record, ...]:
    """Records of one journal entry.

    Raises:
        Malformed: the entry was not written by this version.
    """
    return cast(tuple[Record, ...], decode_unchecked(data, cast(Any, tuple[Record, ...])))
