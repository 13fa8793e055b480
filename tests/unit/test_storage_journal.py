"""The consensus journal keeps what it acknowledged, and nothing half-written."""

import errno
import os
from pathlib import Path

import pytest

from chain_engine.primitives.errors import LimitExceeded
from chain_engine.storage.errors import StorageFailed, StorageFull, StoreCorrupt
from chain_engine.storage.journal import RECORD_BYTES_MAX, ConsensusJournal

RECORDS = [b"first", b"", b"third " * 100, bytes(16)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "consensus.journal"


def filled(path: Path, records: list[bytes]) -> bytes:
    journal = ConsensusJournal.open(path)
    journal.reset(7)
    for record in records:
        journal.append(record)
    journal.close()
    return path.read_bytes()


def reopened(path: Path) -> tuple[int, list[bytes]]:
    journal = ConsensusJournal.open(path)
    journal.close()
    return journal.height, journal.records()


def test_records_come_back_in_order_after_opening_again(path):
    filled(path, RECORDS)
    assert reopened(path) == (7, RECORDS)
    journal = ConsensusJournal.open(path)
    journal.append(b"fifth")
    journal.close()
    assert reopened(path) == (7, [*RECORDS, b"fifth"])


def test_a_new_journal_is_empty(path):
    assert reopened(path) == (0, [])


def test_cutting_the_file_anywhere_keeps_exactly_the_whole_records(path):
    data = filled(path, RECORDS)
    ends = [len(filled(path, RECORDS[:count])) for count in range(len(RECORDS) + 1)]
    for length in range(ends[0], len(data) + 1):
        path.write_bytes(data[:length])
        whole = sum(end <= length for end in ends) - 1
        assert reopened(path) == (7, RECORDS[:whole])
        assert path.stat().st_size == ends[whole], "the torn tail is gone from the file, too"


@pytest.mark.parametrize("tail", [bytes(200), b"\xff" * 200, b"\0\0\0\4"])
def test_a_tail_of_zeros_or_noise_is_dropped(path, tail):
    path.write_bytes(filled(path, RECORDS) + tail)
    assert reopened(path) == (7, RECORDS)
    journal = ConsensusJournal.open(path)
    journal.append(b"after")
    journal.close()
    assert reopened(path) == (7, [*RECORDS, b"after"])


def test_damage_before_good_records_is_never_taken_for_a_torn_tail(path):
    data = filled(path, RECORDS)
    last_start = len(filled(path, RECORDS[:-1]))
    for at in range(len(filled(path, [])), last_start):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :])
        with pytest.raises(StoreCorrupt):
            ConsensusJournal.open(path)


def test_a_damaged_head_is_refused(path):
    data = filled(path, RECORDS)
    for at in range(20):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        with pytest.raises(StoreCorrupt):
            ConsensusJournal.open(path)
    path.write_bytes(data[:19])
    with pytest.raises(StoreCorrupt):
        ConsensusJournal.open(path)


def test_reset_starts_an_empty_file_for_the_next_height(path):
    filled(path, RECORDS)
    journal = ConsensusJournal.open(path)
    journal.reset(8)
    assert (journal.height, journal.records()) == (8, [])
    journal.append(b"next")
    journal.close()
    assert reopened(path) == (8, [b"next"])
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_crash_before_the_rename_keeps_the_old_journal(path, monkeypatch):
    filled(path, RECORDS)
    journal = ConsensusJournal.open(path)

    def refuse(*_):
        raise OSError(errno.EIO, "no")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(StorageFailed):
        journal.reset(8)
    monkeypatch.undo()
    journal.append(b"still here")
    journal.close()
    assert reopened(path) == (7, [*RECORDS, b"still here"])


def test_append_returns_after_the_flush_only(path, monkeypatch):
    journal = ConsensusJournal.open(path)
    flushed = []
    real = os.fsync

    def watch(file):
        flushed.append(path.read_bytes())
        real(file)

    monkeypatch.setattr(os, "fsync", watch)
    journal.append(b"record")
    assert len(flushed) == 1
    assert flushed[0].endswith(b"record")
    journal.close()


def test_a_full_disk_takes_the_record_back_and_the_journal_goes_on(path, monkeypatch):
    journal = ConsensusJournal.open(path)
    journal.append(b"kept")
    real = os.pwrite

    def half(file, data, at):
        if at > 60:
            raise OSError(errno.ENOSPC, "full")
        return real(file, data[:10], at)

    monkeypatch.setattr(os, "pwrite", half)
    with pytest.raises(StorageFull):
        journal.append(b"too much " * 9)
    monkeypatch.undo()
    assert journal.records() == [b"kept"]
    journal.append(b"next")
    journal.close()
    assert reopened(path) == (0, [b"kept", b"next"])


def test_a_really_full_device_says_so(path):
    journal = ConsensusJournal.open(path)
    os.close(journal._file)
    journal._file = os.open("/dev/full", os.O_RDWR)
    with pytest.raises((StorageFull, StorageFailed)):
        journal.append(b"record")
    journal.close()
    assert reopened(path) == (0, [])


def test_after_a_failed_flush_the_journal_takes_nothing_more(path, monkeypatch):
    journal = ConsensusJournal.open(path)

    def fail(_):
        raise OSError(errno.EIO, "lost")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StorageFailed):
        journal.append(b"perhaps")
    monkeypatch.undo()
    with pytest.raises(StorageFailed, match="earlier"):
        journal.append(b"later")
    journal.close()


def test_a_record_has_a_largest_size(path):
    journal = ConsensusJournal.open(path)
    with pytest.raises(LimitExceeded):
        journal.append(bytes(RECORD_BYTES_MAX + 1))
    journal.close()
