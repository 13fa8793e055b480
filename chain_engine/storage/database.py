"""Connections to one chain's SQLite file: durability checked, one writer, errors translated."""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from chain_engine.storage.errors import (
    StorageFailed,
    StorageFull,
    StoreCorrupt,
    StoreLocked,
    WrongStoreFormat,
)
from chain_engine.storage.schema import STORE_FORMAT, TABLES

Row = tuple[Any, ...]

_WRITER_CACHE_KIB = 32 * 1024
_READER_CACHE_KIB = 8 * 1024
_CHECKPOINT_PAGES = 16_384
_WAL_KEPT_BYTES = 64 * 1024 * 1024
_BUSY_MS = 5_000
_SYNCHRONOUS_FULL = 2


class ChainDatabase:
    """A writing and a reading connection to one file.

    The writer's open transaction is invisible to the reader. `lock` is held while a transaction
    becomes visible and by reads that must not straddle that moment.
    """

    def __init__(self, path: Path, *, read_only: bool) -> None:
        """Open the file, making it if it is new and may be written.

        Raises:
            StoreLocked: another process writes it.
            WrongStoreFormat: not a chain store, or of another version.
            StorageFailed: it cannot be opened, or the disk cannot be written durably.
        """
        self.path = path
        self.lock = threading.RLock()
        self._writing = threading.Lock()
        self._broken = False
        self._lock_file = None if read_only else _lock_store(path)
        try:
            with translated(path):
                self.writer = None if read_only else _open_writer(path)
                self.reader = _open_reader(path)
                if read_only:
                    self.reader.execute("BEGIN")  # one snapshot until `refresh`
                self._verify_format()
        except BaseException:
            self.close()
            raise

    def _verify_format(self) -> None:
        rows = self.read("SELECT value FROM meta WHERE name = 'format'")
        if not rows or rows[0][0] != STORE_FORMAT:
            raise WrongStoreFormat(path=str(self.path), found=rows[0][0] if rows else None)

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Rows of a query on the newest committed state."""
        with self.lock:
            try:
                return self.reader.execute(sql, parameters).fetchall()
            except sqlite3.Error as error:
                raise _translation(error, self.path) from error

    def read_one(self, sql: str, parameters: Sequence[Any] = ()) -> Row | None:
        """First row of a query, or None."""
        with self.lock:
            try:
                row: Row | None = self.reader.execute(sql, parameters).fetchone()
            except sqlite3.Error as error:
                raise _translation(error, self.path) from error
            return row

    @contextmanager
    def transaction(self, on_commit: Callable[[], None]) -> Iterator[sqlite3.Connection]:
        """One durable transaction; `on_commit` runs in the instant it becomes visible.

        Raises:
            StorageFull: no room; nothing of the transaction was kept.
            StorageFailed: the disk refused, now or in an earlier transaction.
        """
        connection = self.writer
        assert connection is not None, "a read-only store is not written"
        if self._broken:
            raise StorageFailed(path=str(self.path), reason="an earlier write failed")
        with self._writing, translated(self.path):
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                with self.lock:
                    self._commit(connection)
                    on_commit()
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def _commit(self, connection: sqlite3.Connection) -> None:
        try:
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            # After a failed flush nobody knows what is on the disk: only a new start can tell.
            self._broken = _code_of(error) != sqlite3.SQLITE_FULL
            raise

    def checkpoint(self) -> None:
        """Move committed pages from the write-ahead log into the file; safe at any time."""
        if self.writer is not None:
            with self._writing, translated(self.path):
                self.writer.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def refresh(self) -> None:
        """Let a read-only store see what was committed since."""
        if self.writer is None:
            with self.lock, translated(self.path):
                self.reader.execute("ROLLBACK")
                self.reader.execute("BEGIN")

    def close(self) -> None:
        """Close the connections and let the next writer in."""
        for name in ("reader", "writer"):
            connection = getattr(self, name, None)
            if connection is not None:
                connection.close()
        if self._lock_file is not None:
            os.close(self._lock_file)
            self._lock_file = None


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise _translation(error, path) from error


def _translation(error: sqlite3.Error, path: Path) -> Exception:
    code = _code_of(error)
    if code == sqlite3.SQLITE_FULL:
        return StorageFull(path=str(path))
    kinds = {sqlite3.SQLITE_NOTADB: WrongStoreFormat, sqlite3.SQLITE_CORRUPT: StoreCorrupt}
    return kinds.get(code or 0, StorageFailed)(path=str(path), reason=str(error))


def sync_directory(directory: Path) -> None:
    """Make names in a directory durable."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _code_of(error: sqlite3.Error) -> int | None:
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _lock_store(path: Path) -> int:
    lock_path = path.with_name(path.name + ".lock")
    try:
        descriptor = os.open(lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StorageFailed(path=str(lock_path), reason=str(error)) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
        os.close(descriptor)
        raise StoreLocked(path=str(path), process=holder) from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode("ascii"), 0)
    return descriptor


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
    return connection


def _open_writer(path: Path) -> sqlite3.Connection:
    database = Database(_connect(path, "rwc"), execute_plugins=False)
    connection = database.conn
    database.enable_wal()
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
    connection.execute(f"PRAGMA journal_size_limit = {_WAL_KEPT_BYTES}")
    connection.execute(f"PRAGMA cache_size = -{_WRITER_CACHE_KIB}")
    _verify_durability(connection, path)
    if not database.table_names():
        with database.atomic():
            for statement in TABLES.split(";"):
                connection.execute(statement)
            database.table("meta").insert({"name": "format", "value": STORE_FORMAT})
        sync_directory(path.absolute().parent)
    return connection


def _verify_durability(connection: sqlite3.Connection, path: Path) -> None:
    found = {
        "journal_mode": connection.execute("PRAGMA journal_mode").fetchone()[0],
        "synchronous": connection.execute("PRAGMA synchronous").fetchone()[0],
    }
    if found != {"journal_mode": "wal", "synchronous": _SYNCHRONOUS_FULL}:
        raise StorageFailed(path=str(path), reason="writes would not be durable", **found)


def _open_reader(path: Path) -> sqlite3.Connection:
    connection = _connect(path, "ro")
    connection.execute(f"PRAGMA cache_size = -{_READER_CACHE_KIB}")
    return connection
