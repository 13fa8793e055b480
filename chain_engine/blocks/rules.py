"""What links a block to its parent: every header rule that needs no execution (docs/spec/03)."""

from collections.abc import Sequence

from chain_engine.blocks.block import (
    HEADER_VERSION,
    NO_HASH,
    Block,
    Header,
    block_id,
    next_seed,
    transactions_root,
)
from chain_engine.blocks.certificate import certificate_hash, verify_certificate
from chain_engine.blocks.delegates import DelegateSet, delegates_hash
from chain_engine.blocks.parameters import ChainParameters, parameters_hash
from chain_engine.codec.canonical import Struct
from chain_engine.crypto.merkle import merkle_root
from chain_engine.primitives.errors import ChainError


class InvalidBlock(ChainError):
    """A block breaks a rule: it gets no first vote and is never stored."""

    code = "INVALID_BLOCK"
    title = "The block breaks a rule."
    fix = "Nothing to do for a user: a delegate proposed a block that the others refuse."
    status = 422


class ChainPosition(Struct, frozen=True):
    """Where a chain stands: what the next block must fit."""

    chain_id: bytes
    """The chain."""

    tip: Header
    """Header of the newest committed block."""

    tip_delegates: DelegateSet
    """The set that signed the tip."""

    delegates: DelegateSet
    """The set that signs the next block."""

    parameters: ChainParameters
    """Parameters in force."""


def verify_links(
    position: ChainPosition, block: Block, witness_hashes: Sequence[bytes], *, check_parent: bool
) -> None:
    """Check everything of a block's header and body that follows from its parent.

    `check_parent` verifies the signatures of the parent's certificate in the body; a node that
    committed the parent under the very same certificate may leave that out.

    Raises:
        InvalidBlock: `field` names the first field that is wrong.
        InvalidCertificate: the parent's certificate does not hold.
    """
    header, tip = block.header, position.tip
    expected: dict[str, object] = {
        "version": HEADER_VERSION,
        "chain_id": position.chain_id,
        "height": tip.height + 1,
        "parent_id": block_id(tip),
        "transactions_root": transactions_root(witness_hashes),
        "delegates_hash": tip.next_delegates_hash,
        "parameters_hash": parameters_hash(position.parameters),
        "evidence_root": merkle_root(block.evidence),
        "parent_certificate_hash": _parent_certificate_hash(block),
        "seed": next_seed(tip.seed, block.preimage),
        "consensus_root": NO_HASH,
    }
    for field, value in expected.items():
        if getattr(header, field) != value:
            raise InvalidBlock(field=field, height=header.height)
    if block.preimage or block.evidence:
        raise InvalidBlock(field="preimage" if block.preimage else "evidence")
    if header.time_ms <= tip.time_ms:
        raise InvalidBlock(field="time_ms", time_ms=header.time_ms, parent_time_ms=tip.time_ms)
    if delegates_hash(position.delegates) != header.delegates_hash:
        raise InvalidBlock(field="delegates_hash")
    if position.delegates.find_index(header.forger) is None:
        raise InvalidBlock(field="forger")
    _verify_parent_certificate(position, block, check_signatures=check_parent)


def _parent_certificate_hash(block: Block) -> bytes:
    certificate = block.parent_certificate
    return NO_HASH if certificate is None else certificate_hash(certificate)


def _verify_parent_certificate(
    position: ChainPosition, block: Block, *, check_signatures: bool
) -> None:
    certificate = block.parent_certificate
    if position.tip.height == 0:
        if certificate is not None:
            raise InvalidBlock(field="parent_certificate", reason="genesis has none")
        return
    if certificate is None:
        raise InvalidBlock(field="parent_certificate", reason="missing")
    if (certificate.height, certificate.block_id) != (position.tip.height, block_id(position.tip)):
        raise InvalidBlock(field="parent_certificate", reason="not of the parent")
    if check_signatures:
        verify_certificate(certificate, position.tip_delegates, position.chain_id)
