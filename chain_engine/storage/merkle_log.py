"""RFC 6962 logs kept as the hashes of their complete subtrees.

Node (level, place) covers leaves place * 2^level up to (place + 1) * 2^level. Every complete one is
stored when its last leaf arrives and never changes, so the root and any path of any past size need
O(log n) reads.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from chain_engine.crypto.merkle import InclusionProof, hash_children, hash_leaf

ReadNode = Callable[[int, int], bytes]
"""Hash of the complete subtree at (level, place)."""


class LogNode(NamedTuple):
    """One complete subtree."""

    level: int
    """Height of the subtree: it has 2^level leaves."""

    place: int
    """Its position among the subtrees of that level."""

    hash: bytes
    """Its root, 32 bytes."""


class LogEnd(NamedTuple):
    """All that appending needs to know."""

    size: int
    """Leaves in the log."""

    peaks: tuple[bytes, ...]
    """Roots of the complete subtrees it consists of, largest first: one per set bit of `size`."""


def append_leaves(end: LogEnd, leaves: Iterable[bytes]) -> tuple[LogEnd, list[LogNode]]:
    """Append raw leaves; return the new end and every subtree that became complete."""
    size, peaks = end.size, list(end.peaks)
    nodes: list[LogNode] = []
    for leaf in leaves:
        level, place, hash_ = 0, size, hash_leaf(leaf)
        nodes.append(LogNode(level, place, hash_))
        while place & 1:
            hash_ = hash_children(peaks.pop(), hash_)
            level, place = level + 1, place >> 1
            nodes.append(LogNode(level, place, hash_))
        peaks.append(hash_)
        size += 1
    return LogEnd(size, tuple(peaks)), nodes


def load_end(size: int, read: ReadNode) -> LogEnd:
    """End of a stored log of `size` leaves."""
    return LogEnd(size, tuple(_peaks(0, size, read)))


def log_root(end: LogEnd) -> bytes:
    """Root of the log (RFC 6962 2.1); the log is not empty."""
    return _fold(list(end.peaks))


def prove_leaf(index: int, size: int, read: ReadNode) -> InclusionProof:
    """Path of leaf `index` in the log's first `size` leaves (RFC 6962 2.1.1)."""
    assert 0 <= index < size, "the leaf must be in the log"
    path: list[bytes] = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + (1 << (stop - start - 1).bit_length() - 1)
        if index < middle:
            path.append(_fold(_peaks(middle, stop, read)))
            stop = middle
        else:
            path.append(_fold(_peaks(start, middle, read)))
            start = middle
    return InclusionProof(index=index, size=size, path=tuple(reversed(path)))


def _peaks(start: int, stop: int, read: ReadNode) -> list[bytes]:
    """Complete subtrees of leaves start..stop, largest first; `start` is aligned to them all."""
    peaks: list[bytes] = []
    while start < stop:
        level = (stop - start).bit_length() - 1
        peaks.append(read(level, start >> level))
        start += 1 << level
    return peaks


def _fold(peaks: list[bytes]) -> bytes:
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = hash_children(peak, root)
    return root
