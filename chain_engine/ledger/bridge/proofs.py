"""Checking what a peer's certified header commits to about this chain."""

from chain_engine.blocks.bridge import CommitmentProof, PeerCommitment, verify_commitment
from chain_engine.codec.canonical import Struct, encode
from chain_engine.crypto.merkle import InclusionProof, InvalidProof, verify_inclusion
from chain_engine.ledger.bridge.errors import CommitmentNotProven, StaleProof
from chain_engine.ledger.bridge.peers import get_trusted
from chain_engine.ledger.ledger import Ledger


def verify_peer_commitment(
    ledger: Ledger, peer: bytes, height: int, proof: CommitmentProof
) -> PeerCommitment:
    """Return what the peer committed to about this chain in its certified header.

    Raises:
        StaleProof: another header was certified last.
        CommitmentNotProven: the proof does not hold, or is about another chain.
    """
    trusted = get_trusted(ledger, peer)
    if height != trusted.height:
        raise StaleProof(height=height, certified=trusted.height)
    commitment = proof.commitment
    if commitment.peer != ledger.context.chain_id or commitment.version != 1:
        raise CommitmentNotProven(peer=commitment.peer)
    try:
        verify_commitment(trusted.bridge_root, proof)
    except InvalidProof:
        raise CommitmentNotProven(height=height) from None
    return commitment


def is_entry(root: bytes, size: int, seq: int, entry: Struct, path: InclusionProof) -> bool:
    """Whether `entry` is number `seq` of the log with this root and size."""
    if path.index != seq or path.size != size:
        return False
    try:
        verify_inclusion(root, encode(entry), path)
    except InvalidProof:
        return False
    return True
