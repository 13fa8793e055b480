"""Appending to an RFC 6962 log while keeping only its peaks (docs/spec/07-bridge.md section 3)."""

from chain_engine.crypto.merkle import EMPTY_ROOT, hash_children, hash_leaf
from chain_engine.ledger.records import Frontier


def append_leaf(frontier: Frontier, leaf: bytes) -> Frontier:
    """Return the frontier of the log with raw `leaf` appended."""
    peaks, node, size = list(frontier.peaks), hash_leaf(leaf), frontier.size
    while size & 1:
        node = hash_children(peaks.pop(), node)
        size >>= 1
    return Frontier(frontier.size + 1, (*peaks, node))


def frontier_root(frontier: Frontier) -> bytes:
    """Return the RFC 6962 root of the whole log."""
    if not frontier.peaks:
        return EMPTY_ROOT
    root = frontier.peaks[-1]
    for peak in reversed(frontier.peaks[:-1]):
        root = hash_children(peak, root)
    return root
