"""The consensus journal: what a node must not forget between two commits.

An append-only file. `append` returns when the record is on the disk, so whatever is sent after it
can be explained after a crash.

    head    8 bytes "ACCJRNL1" | height (8) | CRC-32 of the height (4)
    record  length (4) | CRC-32 of sequence and data (4) | sequence (8) | data

Integers are big-endian; the sequence counts from 0 in each file.
"""

import errno
import os
import struct
from pathlib import Path
from typing import Self
from zlib import crc32

from chain_engine.primitives.errors import LimitExceeded
from chain_engine.storage.database import sync_directory
from chain_engine.storage.errors import StorageFailed, StorageFull, StoreCorrupt
from chain_engine.storage.sign_state import SignState

RECORD_BYTES_MAX = 16 * 1024 * 1024
"""Largest record: a proposal with its bodies fits."""

_MAGIC = b"ACCJRNL1"
_HEAD = struct.Struct(">8sQI")
_RECORD = struct.Struct(">IIQ")
_SEARCH_AHEAD = 1 << 16
"""How far a sequence may lie ahead of a damaged record to count as one that followed it."""


class ConsensusJournal:
    """Records of one height, each durable before `append` returns."""

    def __init__(self, path: Path) -> None:
        """Use `open` instead."""
        self.path = path
        self._records: list[bytes] = []
        self._end = 0
        self._broken = False
        self._height = 0
        self._file = -1

    @classmethod
    def open(cls, path: Path | str) -> Self:
        """Open a journal, making an empty one for height 0 if there is none.

        A record cut short by a crash is dropped: it was never acknowledged.

        Raises:
            StoreCorrupt: damage that no crash leaves: a bad head, or good records after a bad one.
        """
        journal = cls(Path(path))
        if not journal.path.exists():
            journal._start_file(0)
        else:
            journal._load()
        return journal

    @property
    def height(self) -> int:
        """Height the records belong to: given to the last `reset`."""
        return self._height

    def records(self) -> list[bytes]:
        """Every record since the last `reset`, in order."""
        return list(self._records)

    def append(self, record: bytes) -> None:
        """Add a record; it is durable when this returns.

        Raises:
            LimitExceeded: longer than `RECORD_BYTES_MAX`.
            StorageFull: no room; the journal is as before.
            StorageFailed: the disk refused; open the journal again.
        """
        if len(record) > RECORD_BYTES_MAX:
            raise LimitExceeded(record_bytes=len(record), limit=RECORD_BYTES_MAX)
        if self._broken:
            raise StorageFailed(path=str(self.path), reason="an earlier write failed")
        sequence = len(self._records)
        data = _pack(sequence, record)
        try:
            self._write(data)
        except OSError as error:
            self._take_back(error)
        self._end += len(data)
        self._records.append(record)

    def _write(self, data: bytes) -> None:
        written = 0
        while written < len(data):
            written += os.pwrite(self._file, data[written:], self._end + written)
        os.fsync(self._file)

    def _take_back(self, error: OSError) -> None:
        """Remove a half-written record; after a failed flush only a new start knows the truth."""
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            self._broken = True
            raise StorageFailed(path=str(self.path), reason=str(error)) from error
        try:
            os.ftruncate(self._file, self._end)
            os.fsync(self._file)
        except OSError as second:
            self._broken = True
            raise StorageFailed(path=str(self.path), reason=str(second)) from error
        raise StorageFull(path=str(self.path)) from error

    def reset(self, height: int) -> None:
        """Start a new, empty journal for `height`, atomically.

        Raises:
            StorageFull: no room; the old journal stays.
            StorageFailed: the disk refused; the old journal stays.
        """
        self._start_file(height)

    def _start_file(self, height: int) -> None:
        temporary = self.path.with_name(self.path.name + ".new")
        try:
            file = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            try:
                head = _head(height)
                os.pwrite(file, head, 0)
                os.fsync(file)
                temporary.replace(self.path)
                sync_directory(self.path.absolute().parent)
            except BaseException:
                os.close(file)
                raise
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            kind = StorageFull if full else StorageFailed
            raise kind(path=str(self.path), reason=str(error)) from error
        self.close()
        self._file, self._end, self._broken = file, len(head), False
        self._height, self._records = height, []

    def _load(self) -> None:
        data = self.path.read_bytes()
        self._height = _verify_head(data, self.path)
        self._end = _HEAD.size
        while (record := _unpack(data, self._end, len(self._records))) is not None:
            self._records.append(record)
            self._end += _RECORD.size + len(record)
        if self._end < len(data) and _has_later_record(data, self._end, len(self._records)):
            raise StoreCorrupt(path=str(self.path), record=len(self._records))
        self._file = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
        if self._end < len(data):
            os.ftruncate(self._file, self._end)
            os.fsync(self._file)

    def close(self) -> None:
        """Close the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _head(height: int) -> bytes:
    return _HEAD.pack(_MAGIC, height, crc32(height.to_bytes(8, "big")))


def _verify_head(data: bytes, path: Path) -> int:
    if len(data) >= _HEAD.size:
        height: int = _HEAD.unpack_from(data)[1]
        if data.startswith(_head(height)):
            return height
    raise StoreCorrupt(path=str(path), reason="not a journal of this version")


def _pack(sequence: int, record: bytes) -> bytes:
    check = crc32(record, crc32(sequence.to_bytes(8, "big")))
    return _RECORD.pack(len(record), check, sequence) + record


def _unpack(data: bytes, at: int, sequence: int) -> bytes | None:
    """Record at a position, or None when what stands there is not that record."""
    if len(data) - at < _RECORD.size:
        return None
    length, check, found = _RECORD.unpack_from(data, at)
    start = at + _RECORD.size
    if found != sequence or length > RECORD_BYTES_MAX or len(data) - start < length:
        return None
    record = data[start : start + length]
    return record if crc32(record, crc32(sequence.to_bytes(8, "big"))) == check else None


def _has_later_record(data: bytes, at: int, sequence: int) -> bool:
    """Whether a whole later record follows damage: each is durable before the next is begun."""
    for start in range(at + 1, len(data) - _RECORD.size + 1):
        found = _RECORD.unpack_from(data, start)[2]
        if sequence < found < sequence + _SEARCH_AHEAD and _unpack(data, start, found) is not None:
            return True
    return False


__all__ = ["RECORD_BYTES_MAX", "ConsensusJournal", "SignState"]
