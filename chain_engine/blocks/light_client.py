"""The light client follows a chain by headers and certificates alone (docs/spec/06).

Used by the bridge on both sides, by verification tools, and in TypeScript by the SDK.
"""

from chain_engine.blocks.block import Header, block_id
from chain_engine.blocks.certificate import Certificate, indexes_of, verify_certificate
from chain_engine.blocks.delegates import (
    DelegateSet,
    delegates_hash,
    has_honest_member,
    verify_delegates,
)
from chain_engine.codec.canonical import Struct
from chain_engine.primitives.errors import ChainError


class UntrustedHeader(ChainError):
    """A header that the light client cannot accept."""

    code = "UNTRUSTED_HEADER"
    title = "The light client cannot accept this header."
    fix = "Relay a newer header of the right chain with its certificate and delegate set."
    status = 422


class ConflictingHeader(ChainError):
    """Two certified headers of one height: the chain has forked."""

    code = "CONFLICTING_HEADER"
    title = "Another header of this height was already accepted."
    fix = "Keep both headers with their certificates: together they are evidence."
    status = 409


class TrustedHeader(Struct, frozen=True):
    """Everything a light client remembers."""

    version: int
    """Format: 1."""

    chain_id: bytes
    """The followed chain."""

    height: int
    """Height of the newest accepted header."""

    header_id: bytes
    """Its block id."""

    time_ms: int
    """Its time."""

    bridge_root: bytes
    """Its commitment to messages and acks."""

    state_root: bytes
    """Its state."""

    next_delegates_hash: bytes
    """Hash of the set that signs the next height."""

    delegates: DelegateSet
    """The set that signed the newest accepted header."""

    trusting_period_ms: int
    """How long after its time this header may vouch for another one."""


def trust_header(
    chain_id: bytes, header: Header, delegates: DelegateSet, trusting_period_ms: int
) -> TrustedHeader:
    """Start from a header trusted for another reason: genesis, an operator, a registration."""
    return TrustedHeader(
        version=1,
        chain_id=chain_id,
        height=header.height,
        header_id=block_id(header),
        time_ms=header.time_ms,
        bridge_root=header.bridge_root,
        state_root=header.state_root,
        next_delegates_hash=header.next_delegates_hash,
        delegates=delegates,
        trusting_period_ms=trusting_period_ms,
    )


def advance(
    trusted: TrustedHeader,
    header: Header,
    certificate: Certificate,
    delegates: DelegateSet,
    now_ms: int,
) -> TrustedHeader:
    """Accept a newer header, or say why not.

    `now_ms` is the receiver's header time where a chain follows another chain.

    Raises:
        UntrustedHeader: other chain, not newer, trusting period over, wrong or unknown delegates.
        ConflictingHeader: same height as the trusted one, but another block.
        InvalidCertificate: the certificate does not hold.
        InvalidDelegates: the delegate set breaks its rules.
    """
    if header.chain_id != trusted.chain_id:
        raise UntrustedHeader(reason="other chain", chain=header.chain_id)
    identity = block_id(header)
    if certificate.block_id != identity or certificate.height != header.height:
        raise UntrustedHeader(reason="the certificate is for another block")
    if header.height < trusted.height or identity == trusted.header_id:
        # before any signature is checked: relayers repeat each other's headers for free
        raise UntrustedHeader(reason="not newer", height=header.height, trusted=trusted.height)
    if now_ms > trusted.time_ms + trusted.trusting_period_ms:
        raise UntrustedHeader(reason="trusting period is over", trusted_time_ms=trusted.time_ms)
    if delegates_hash(delegates) != header.delegates_hash:
        raise UntrustedHeader(reason="the delegate set is not the header's")
    verify_delegates(delegates)
    _verify_succession(trusted, header, certificate, delegates)
    verify_certificate(certificate, delegates, trusted.chain_id)
    if header.height == trusted.height:
        raise ConflictingHeader(height=header.height, accepted=trusted.header_id, other=identity)
    if header.time_ms <= trusted.time_ms:
        raise UntrustedHeader(reason="time does not advance", time_ms=header.time_ms)
    return trust_header(trusted.chain_id, header, delegates, trusted.trusting_period_ms)


def _verify_succession(
    trusted: TrustedHeader, header: Header, certificate: Certificate, delegates: DelegateSet
) -> None:
    """The set is the trusted next one, or more than 1/3 of the trusted weight signed as well."""
    if header.delegates_hash == trusted.next_delegates_hash:
        return
    if header.height == trusted.height + 1:
        raise UntrustedHeader(reason="not the delegates that the trusted header names")
    signer_keys = {
        delegates.members[i].key
        for i in indexes_of(certificate.signers)
        if i < len(delegates.members)
    }
    known = sum(m.weight for m in trusted.delegates.members if m.key in signer_keys)
    if not has_honest_member(known, trusted.delegates.total_weight):
        raise UntrustedHeader(reason="too little of the trusted weight signed", weight=known)
