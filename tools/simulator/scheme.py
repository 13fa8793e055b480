"""A cheap chain for the simulator: keyed hashes for signatures, blocks without transactions."""

from hashlib import blake2b

from chain_engine.blocks.block import (
    HEADER_VERSION,
    NO_HASH,
    Header,
    block_id,
    next_seed,
    transactions_root,
)
from chain_engine.blocks.certificate import Certificate, certificate_hash
from chain_engine.blocks.delegates import Delegate, DelegateSet
from chain_engine.blocks.parameters import ChainParameters, FeeSchedule, Timeouts
from chain_engine.consensus.height import Height
from chain_engine.consensus.messages import ProposedBlock
from chain_engine.crypto.merkle import EMPTY_ROOT

START_MS = 1_700_000_000_000
"""Header time of the genesis block."""

BAD_STATE_ROOT = b"\xbb" * 32
"""State root of a block whose execution disagrees: a traitor's."""

PARAMETERS = ChainParameters(
    version=1,
    machine="simulated/1",
    machine_hash=NO_HASH,
    consensus="abft",
    block_interval_ms=200,
    idle_interval_ms=1500,
    clock_bound_ms=1000,
    timeouts=Timeouts(propose_ms=400, propose_step_ms=100, vote_ms=150, vote_step_ms=75),
    epoch_blocks=5,
    checkpoint_blocks=5,
    trusting_period_ms=10_000_000,
    block_transactions_max=100,
    block_bytes_max=100_000,
    block_gas_max=1,
    transaction_gas_max=1,
    refusals="charged",
    fees=FeeSchedule(asset="ACC", byte_fee=0, gas_price=0, relay_fee=0),
)


def fake_key(index: int) -> bytes:
    """A tagged key of 33 bytes; ascending with the index."""
    return bytes([1, index]) + bytes(31)


def fake_sign(key: bytes, digest: bytes) -> bytes:
    """A 64-byte keyed hash in place of a signature; honest simulated nodes never forge one."""
    return blake2b(digest, key=key, digest_size=64).digest()


def is_fake_signature_valid(key: bytes, digest: bytes, signature: bytes) -> bool:
    """Check a keyed hash."""
    return fake_sign(key, digest) == signature


def make_delegates(weights: list[int]) -> DelegateSet:
    """A set with the given weights."""
    return DelegateSet(
        members=tuple(Delegate(fake_key(index), weight) for index, weight in enumerate(weights))
    )


def genesis_header() -> Header:
    """Header at height 0."""
    return Header(
        version=HEADER_VERSION,
        chain_id=NO_HASH,
        height=0,
        round=0,
        time_ms=START_MS,
        parent_id=NO_HASH,
        transactions_root=EMPTY_ROOT,
        receipts_root=EMPTY_ROOT,
        state_root=NO_HASH,
        bridge_root=EMPTY_ROOT,
        delegates_hash=NO_HASH,
        next_delegates_hash=NO_HASH,
        parameters_hash=NO_HASH,
        evidence_root=EMPTY_ROOT,
        parent_certificate_hash=NO_HASH,
        seed=NO_HASH,
        consensus_root=NO_HASH,
        forger=b"",
    )


GENESIS = genesis_header()
CHAIN_ID = block_id(GENESIS)


def make_block(
    height: Height, round_: int, time_ms: int, forger: bytes, salt: bytes, *, is_good: bool = True
) -> ProposedBlock:
    """A block that follows `height.parent`; `salt` (32 bytes) makes it unlike others."""
    certificate = height.parent_certificate
    header = Header(
        version=HEADER_VERSION,
        chain_id=CHAIN_ID,
        height=height.number,
        round=round_,
        time_ms=time_ms,
        parent_id=height.parent_id,
        transactions_root=transactions_root([salt]),
        receipts_root=EMPTY_ROOT,
        state_root=NO_HASH if is_good else BAD_STATE_ROOT,
        bridge_root=EMPTY_ROOT,
        delegates_hash=NO_HASH,
        next_delegates_hash=NO_HASH,
        parameters_hash=NO_HASH,
        evidence_root=EMPTY_ROOT,
        parent_certificate_hash=_hash_of(certificate),
        seed=next_seed(height.parent.seed, b""),
        consensus_root=NO_HASH,
        forger=forger,
    )
    return ProposedBlock(header, (salt,), (), b"", certificate)


def _hash_of(certificate: Certificate | None) -> bytes:
    return NO_HASH if certificate is None else certificate_hash(certificate)
