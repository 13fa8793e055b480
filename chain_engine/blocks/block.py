"""Header, body and receipts (docs/spec/03-blocks.md)."""

from collections.abc import Sequence
from hashlib import sha256

from chain_engine.blocks.certificate import Certificate
from chain_engine.codec.canonical import Struct, encode
from chain_engine.crypto.hashing import tagged_hash
from chain_engine.crypto.merkle import merkle_root
from chain_engine.primitives.limits import HASH_BYTES

HEADER_VERSION = 1
NO_HASH = bytes(HASH_BYTES)
"""Thirty-two zeros: the chain id inside the genesis block, and absent links there."""


class Header(Struct, frozen=True):
    """What a certificate signs, and all that a light client needs."""

    version: int
    """Format: 1."""

    chain_id: bytes
    """Id of the chain's genesis block; zeros in the genesis block itself."""

    height: int
    """0 for genesis, then one more each block."""

    round: int
    """Round in which the block was first proposed; a re-proposal keeps it."""

    time_ms: int
    """The first forger's clock, milliseconds since 1970 UTC; later than the parent's."""

    parent_id: bytes
    """Block id of the parent, zeros in genesis."""

    transactions_root: bytes
    """RFC 6962 root over the witness hashes of the transactions."""

    receipts_root: bytes
    """RFC 6962 root over the encoded receipts."""

    state_root: bytes
    """Root of the state tree after this block."""

    bridge_root: bytes
    """RFC 6962 root over the encoded commitments to every peer chain, after this block."""

    delegates_hash: bytes
    """Hash of the set that signs this block."""

    next_delegates_hash: bytes
    """Hash of the set that signs the next block."""

    parameters_hash: bytes
    """Hash of the chain parameters in force."""

    evidence_root: bytes
    """RFC 6962 root over the evidence in the body."""

    parent_certificate_hash: bytes
    """Hash of the certificate in the body, zeros at heights 0 and 1."""

    seed: bytes
    """Source of the forging order; follows from the parent's seed and the forger's preimage."""

    consensus_root: bytes
    """What a consensus plug-in adds; zeros under `abft`."""

    forger: bytes
    """Tagged public key of the delegate that first proposed it; empty in genesis."""


class Block(Struct, frozen=True):
    """Header and body."""

    header: Header
    """The header."""

    transactions: tuple[bytes, ...]
    """Encoded transactions in execution order."""

    evidence: tuple[bytes, ...]
    """Encoded proofs of double signing."""

    preimage: bytes
    """The forger's next preimage for the seed; empty in version 1."""

    parent_certificate: Certificate | None
    """A certificate of the parent; none at heights 0 and 1 (genesis has none)."""


class CertifiedBlock(Struct, frozen=True):
    """A block with the certificate that commits it: stored and served together, always."""

    block: Block
    """The block."""

    certificate: Certificate | None
    """Its certificate; none for genesis only."""


class Event(Struct, frozen=True):
    """Something a transaction or hook tells the world."""

    name: str
    """`UpperCamel`, such as `Transferred`."""

    data: str
    """JSON object; amounts are decimal strings."""


class Receipt(Struct, frozen=True):
    """What became of one transaction, or of a system step (hooks, bridge)."""

    id: bytes
    """Transaction id, 32 bytes; for a system receipt a tagged hash that names the step."""

    code: str
    """Empty when it did what it says, else the error code it was refused with."""

    gas: int
    """Gas used."""

    fee: int
    """Fee paid, units of the fee asset."""

    events: tuple[Event, ...]
    """Events in order; empty when refused."""


def block_id(header: Header) -> bytes:
    """The 32-byte id of a block: the tagged hash of its header."""
    return tagged_hash("acc/block", encode(header))


def transactions_root(witness_hashes: Sequence[bytes]) -> bytes:
    """Root over the witness hashes."""
    return merkle_root(witness_hashes)


def receipts_root(receipts: Sequence[Receipt]) -> bytes:
    """Root over the encoded receipts."""
    return merkle_root([encode(receipt) for receipt in receipts])


def next_seed(parent_seed: bytes, preimage: bytes) -> bytes:
    """Seed of a block from its parent's seed and its forger's preimage."""
    return tagged_hash("acc/seed", parent_seed, preimage)


def content_hash(data: bytes) -> bytes:
    """SHA-256 of a file served by its content: packages, snapshots."""
    return sha256(data).digest()
