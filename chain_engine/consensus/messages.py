"""What delegates send each other about one height (docs/spec/08-consensus.md section 2).

A message is a msgpack array whose first element is its kind. Proposals and votes are signed over
a tagged hash that names the chain, the height and the round; pulls and tips are not signed,
because nothing is believed on their word.
"""

from enum import IntEnum
from typing import Annotated, Any, cast

from msgspec import Meta

from chain_engine.blocks.block import NO_HASH, Header, block_id, transactions_root
from chain_engine.blocks.certificate import Certificate, certificate_hash, second_vote_hash
from chain_engine.codec.canonical import Struct, decode, encode
from chain_engine.crypto.hashing import tagged_hash
from chain_engine.crypto.keys import SIGNATURE_BYTES
from chain_engine.crypto.merkle import merkle_root
from chain_engine.primitives.errors import LimitExceeded
from chain_engine.primitives.limits import BLOCK_TRANSACTIONS_MAX, DELEGATES_MAX, HASH_BYTES

MESSAGE_BYTES_MAX = 1024 * 1024
"""Encoded message: a proposal of 10,000 witness hashes with a certificate of 128 fits easily."""

PULL_ROUNDS_MAX = 4
"""Rounds that one pull lists."""

WANTED_BLOCKS_MAX = 4
"""Blocks that one pull asks for."""

EVIDENCE_ITEMS_MAX = 16
"""Proofs of double signing in one block."""

EVIDENCE_BYTES_MAX = 1024
"""One encoded proof of double signing."""

NIL = b""
"""A vote for no block."""

HeightNumber = Annotated[int, Meta(ge=0, le=2**63 - 1)]
RoundNumber = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Signer = Annotated[int, Meta(ge=0, lt=DELEGATES_MAX)]
Choice = Annotated[bytes, Meta(max_length=HASH_BYTES)]
Signature = Annotated[bytes, Meta(min_length=SIGNATURE_BYTES, max_length=SIGNATURE_BYTES)]
Hash = Annotated[bytes, Meta(min_length=HASH_BYTES, max_length=HASH_BYTES)]
Bitmap = Annotated[bytes, Meta(max_length=DELEGATES_MAX // 8)]


class SignedStep(IntEnum):
    """What a delegate signs in a round, in the only order it may do so."""

    PROPOSAL = 1
    FIRST_VOTE = 2
    SECOND_VOTE = 3


class ProposedBlock(Struct, frozen=True):
    """A block without the bodies of its transactions: those come from the pool or from a peer."""

    header: Header
    """The header; its hash is the block id."""

    witness_hashes: Annotated[tuple[Hash, ...], Meta(max_length=BLOCK_TRANSACTIONS_MAX)]
    """Witness hashes of the transactions in execution order."""

    evidence: Annotated[
        tuple[Annotated[bytes, Meta(max_length=EVIDENCE_BYTES_MAX)], ...],
        Meta(max_length=EVIDENCE_ITEMS_MAX),
    ]
    """Encoded proofs of double signing."""

    preimage: Annotated[bytes, Meta(max_length=HASH_BYTES)]
    """The forger's next preimage for the seed."""

    parent_certificate: Certificate | None
    """A certificate of the parent; none at height 1."""


class Proposal(Struct, frozen=True, tag=1):
    """The forger of a round proposes a block: a new one, or again the valid one."""

    height: HeightNumber
    """Height of the block."""

    round: RoundNumber
    """Round of the proposal, not always the header's."""

    valid_round: RoundNumber | None
    """Round whose first-vote quorum supports a re-proposed block; none for a new block."""

    block: ProposedBlock
    """The block, byte for byte as it was first proposed."""

    signature: Signature
    """By the forger of this height and round."""


class FirstVote(Struct, frozen=True, tag=2):
    """A delegate has executed a block and found it right, or votes for none."""

    height: HeightNumber
    """Height."""

    round: RoundNumber
    """Round."""

    block_id: Choice
    """The block, or empty for nil."""

    valid_round: RoundNumber | None
    """Valid round of the proposal this vote answers; none for a new block and for nil."""

    signer: Signer
    """Index of the voter in the delegate set."""

    signature: Signature
    """By that delegate."""


class SecondVote(Struct, frozen=True, tag=3):
    """A delegate saw a quorum of first votes and is locked; a quorum of these commits."""

    height: HeightNumber
    """Height."""

    round: RoundNumber
    """Round."""

    block_id: Choice
    """The block, or empty for nil."""

    signer: Signer
    """Index of the voter in the delegate set."""

    signature: Signature
    """By that delegate; with a quorum of others it becomes the certificate."""


class RoundHeld(Struct, frozen=True):
    """What the sender of a pull holds of one round."""

    round: RoundNumber
    """The round."""

    proposal: bool
    """Whether it has a proposal of that round."""

    first_votes: Bitmap
    """Delegates whose first vote it has."""

    second_votes: Bitmap
    """Delegates whose second vote it has."""


class QuorumAsked(Struct, frozen=True):
    """Old first votes that a re-proposal rests on and the sender lacks."""

    round: RoundNumber
    """The proposal's valid round."""

    block_id: Hash
    """The proposed block."""

    first_votes: Bitmap
    """Delegates whose first vote for exactly this block in that round it has."""


class Pull(Struct, frozen=True, tag=4):
    """An undecided node says what it holds; peers answer with what is missing."""

    height: HeightNumber
    """Height it wants to decide."""

    round: RoundNumber
    """Its round."""

    held: Annotated[tuple[RoundHeld, ...], Meta(max_length=PULL_ROUNDS_MAX)]
    """Its newest rounds."""

    asked: QuorumAsked | None
    """Old first votes it lacks."""

    wanted: Annotated[tuple[Hash, ...], Meta(max_length=WANTED_BLOCKS_MAX)]
    """Blocks that have a quorum and that it does not know."""


class Tip(Struct, frozen=True, tag=5):
    """A node says how far it is: after forging a block, on connecting, to one that is behind."""

    height: HeightNumber
    """Its newest committed height."""

    certificate: Certificate | None
    """A certificate of that block, or of the height the receiver asked about."""


Vote = FirstVote | SecondVote
Signable = Proposal | FirstVote | SecondVote
Message = Proposal | FirstVote | SecondVote | Pull | Tip


def proposal_hash(
    chain_id: bytes, height: int, round_: int, identity: bytes, valid_round: int | None
) -> bytes:
    """The 32 bytes a proposal signs."""
    return tagged_hash("acc/proposal", chain_id, encode((height, round_, identity, valid_round)))


def first_vote_hash(
    chain_id: bytes, height: int, round_: int, choice: bytes, valid_round: int | None
) -> bytes:
    """The 32 bytes a first vote signs."""
    return tagged_hash("acc/vote1", chain_id, encode((height, round_, choice, valid_round)))


def signed_hash(message: Signable, chain_id: bytes) -> bytes:
    """The 32 bytes that `message` signs."""
    height, round_ = message.height, message.round
    match message:
        case Proposal():
            identity = block_id(message.block.header)
            return proposal_hash(chain_id, height, round_, identity, message.valid_round)
        case FirstVote():
            return first_vote_hash(chain_id, height, round_, message.block_id, message.valid_round)
        case SecondVote():
            return second_vote_hash(chain_id, height, round_, message.block_id)


def step_of(message: Signable) -> SignedStep:
    """Which of the three signed things `message` is."""
    match message:
        case Proposal():
            return SignedStep.PROPOSAL
        case FirstVote():
            return SignedStep.FIRST_VOTE
        case SecondVote():
            return SignedStep.SECOND_VOTE


def is_body_of_header(block: ProposedBlock) -> bool:
    """Whether the parts beside the header are the ones its hashes name.

    The forger signs the header's hash alone, so a relay could otherwise swap the rest and make a
    good proposal look bad. The seed is left to the block rules: it needs the parent.
    """
    header, certificate = block.header, block.parent_certificate
    return (
        header.transactions_root == transactions_root(block.witness_hashes)
        and header.evidence_root == merkle_root(block.evidence)
        and header.parent_certificate_hash
        == (NO_HASH if certificate is None else certificate_hash(certificate))
    )


def encode_message(message: Message) -> bytes:
    """Canonical bytes of a message."""
    return encode(message)


def decode_message(data: bytes) -> Message:
    """Decode a message from a peer.

    Raises:
        LimitExceeded: too many bytes.
        Malformed: not a message.
        NonCanonical: not in the one encoding.
    """
    if len(data) > MESSAGE_BYTES_MAX:
        raise LimitExceeded(limit=MESSAGE_BYTES_MAX, bytes=len(data))
    return cast(Message, decode(data, cast(Any, Message)))
