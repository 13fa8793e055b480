"""The genesis block: what a chain begins with decides its id (docs/spec/03-blocks.md section 6)."""

from collections.abc import Mapping

from chain_engine.blocks.block import (
    HEADER_VERSION,
    NO_HASH,
    Block,
    Header,
    block_id,
    receipts_root,
    transactions_root,
)
from chain_engine.blocks.bridge import PeerCommitment, bridge_root
from chain_engine.blocks.delegates import DelegateSet, delegates_hash, verify_delegates
from chain_engine.blocks.parameters import ChainParameters, parameters_hash, verify_parameters
from chain_engine.codec.canonical import Struct
from chain_engine.crypto.hashing import tagged_hash
from chain_engine.crypto.merkle import EMPTY_ROOT


class Genesis(Struct, frozen=True):
    """Everything that decides a chain's first block."""

    version: int
    """Format: 1."""

    name: str
    """Name of the chain, such as `acc` or `ecc`."""

    time_ms: int
    """Header time of the genesis block."""

    parameters: ChainParameters
    """The chain's parameters."""

    delegates: DelegateSet
    """The set that signs height 1."""

    entries: Mapping[bytes, bytes]
    """First state."""

    commitments: tuple[PeerCommitment, ...]
    """Peers known from the beginning: a sidechain knows its main chain."""


def build_genesis_block(genesis: Genesis, state_root: bytes) -> Block:
    """Build the block at height 0. `state_root` is the tree root over `genesis.entries`.

    Raises:
        InvalidDelegates: the set breaks its rules.
        InvalidParameters: the parameters break theirs.
    """
    verify_delegates(genesis.delegates)
    verify_parameters(genesis.parameters)
    signers = delegates_hash(genesis.delegates)
    header = Header(
        version=HEADER_VERSION,
        chain_id=NO_HASH,
        height=0,
        round=0,
        time_ms=genesis.time_ms,
        parent_id=NO_HASH,
        transactions_root=transactions_root([]),
        receipts_root=receipts_root([]),
        state_root=state_root,
        bridge_root=bridge_root(genesis.commitments),
        delegates_hash=signers,
        next_delegates_hash=signers,
        parameters_hash=parameters_hash(genesis.parameters),
        evidence_root=EMPTY_ROOT,
        parent_certificate_hash=NO_HASH,
        seed=tagged_hash("acc/genesis-seed", genesis.name.encode(), signers),
        consensus_root=NO_HASH,
        forger=b"",
    )
    return Block(header=header, transactions=(), evidence=(), preimage=b"", parent_certificate=None)


def chain_id_of(genesis_block: Block) -> bytes:
    """The chain's id: the id of its genesis block."""
    return block_id(genesis_block.header)
