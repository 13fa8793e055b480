"""Writing small files so that a crash leaves the old file or the new one, never half of it."""

import contextlib
import os
import tempfile
from pathlib import Path

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
