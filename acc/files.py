"""Small files and folders: a crash leaves the old file or the new one, never half of it."""

import contextlib
import fcntl
import os
import tempfile
from pathlib import Path

from chain_engine.primitives.errors import ChainError

PRIVATE_MODE = 0o600
"""Readable and writable by their owner only."""


def create_private_file(path: Path, data: bytes) -> None:
    """Write a new file of mode 0600, durable when this returns.

    Raises:
        FileExistsError: there is one already; it is left untouched.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), PRIVATE_MODE)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # a link fails where a rename would replace
        os.link(temporary, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            Path(temporary).unlink()
    _sync_folder(path.parent)


def replace_file(path: Path, data: bytes) -> None:
    """Write or replace a file of mode 0600, durable when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    Path(temporary).replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class FolderInUse(ChainError):
    """Another process works in the folder."""

    code = "FOLDER_IN_USE"
    title = "Another process is working in this folder."
    fix = "Use that one, stop it (Ctrl-C), or choose another folder."
    status = 409


class FolderLock:
    """The right to work in a folder; the system frees it when the process ends, however."""

    def __init__(self, path: Path) -> None:
        """Name the lock file; nothing is locked yet."""
        self._path = path
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock; taking it again is harmless.

        Raises:
            FolderInUse: another process holds it.
        """
        if self._descriptor is not None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_MODE)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise FolderInUse(folder=str(self._path.parent)) from None
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back; without it nothing happens."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
