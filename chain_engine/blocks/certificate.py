"""The certificate: the second votes that commit a block (docs/spec/03-blocks.md section 4)."""

from chain_engine.blocks.delegates import DelegateSet, has_quorum
from chain_engine.codec.canonical import Struct, encode
from chain_engine.crypto.hashing import tagged_hash
from chain_engine.crypto.keys import is_signature_valid
from chain_engine.primitives.errors import ChainError
from chain_engine.primitives.limits import HASH_BYTES


class InvalidCertificate(ChainError):
    """A certificate does not prove that its block was committed."""

    code = "INVALID_CERTIFICATE"
    title = "The certificate does not prove that the block was committed."
    fix = "A certificate needs valid second votes of more than 2/3 of the weight of that height."
    status = 422


class Certificate(Struct, frozen=True):
    """Second votes of a quorum for one block."""

    height: int
    """Height of the block."""

    round: int
    """Round in which the quorum voted."""

    block_id: bytes
    """The committed block, 32 bytes."""

    signers: bytes
    """Bitmap over the delegate set in key order; bit i % 8 of byte i // 8 is member i."""

    signatures: tuple[bytes, ...]
    """One 64-byte signature per set bit, in the order of the set."""


def second_vote_hash(chain_id: bytes, height: int, round_: int, block_id: bytes) -> bytes:
    """The 32 bytes a second vote signs; an empty `block_id` is a vote for nil."""
    return tagged_hash("acc/vote2", chain_id, encode((height, round_, block_id)))


def bitmap_of(indexes: set[int], members: int) -> bytes:
    """Build the signer bitmap of member indexes."""
    bits = bytearray((members + 7) // 8)
    for index in indexes:
        bits[index // 8] |= 1 << (index % 8)
    return bytes(bits)


def indexes_of(bitmap: bytes) -> list[int]:
    """Member indexes of a bitmap, ascending."""
    return [
        8 * place + bit
        for place, byte in enumerate(bitmap)
        for bit in range(8)
        if byte & (1 << bit)
    ]


def certificate_hash(certificate: Certificate) -> bytes:
    """Return the hash that the child block's header carries."""
    return tagged_hash("acc/certificate", encode(certificate))


def verify_certificate(certificate: Certificate, delegates: DelegateSet, chain_id: bytes) -> None:
    """Check that distinct members with a quorum of the weight signed this very block.

    Raises:
        InvalidCertificate: shape, quorum or a signature is wrong; `reason` says which.
    """
    members = delegates.members
    if len(certificate.block_id) != HASH_BYTES:
        raise InvalidCertificate(reason="no block: votes for nil commit nothing")
    if len(certificate.signers) != (len(members) + 7) // 8:
        raise InvalidCertificate(reason="bitmap length")
    indexes = indexes_of(certificate.signers)
    if indexes and indexes[-1] >= len(members):
        raise InvalidCertificate(reason="bitmap names a member that does not exist")
    if len(indexes) != len(certificate.signatures):
        raise InvalidCertificate(reason="number of signatures")
    weight = delegates.weight_of(indexes)
    if not has_quorum(weight, delegates.total_weight):
        raise InvalidCertificate(reason="quorum", weight=weight, total=delegates.total_weight)
    message = second_vote_hash(
        chain_id, certificate.height, certificate.round, certificate.block_id
    )
    for index, signature in zip(indexes, certificate.signatures, strict=True):
        if not is_signature_valid(members[index].key, message, signature):
            raise InvalidCertificate(reason="signature", signer=index)
