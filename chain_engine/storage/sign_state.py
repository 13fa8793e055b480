"""The sign-state: the last step a key signed, so that it never signs two things for one step."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Self
from zlib import crc32

from chain_engine.codec.canonical import Malformed, NonCanonical, Struct, decode, encode
from chain_engine.storage.database import sync_directory
from chain_engine.storage.errors import (
    ConflictingSignature,
    SignStateRegression,
    StorageFailed,
    StorageFull,
    StoreCorrupt,
)


class SignStep(NamedTuple):
    """A place in the order in which a delegate may sign; compares in that order."""

    height: int
    """Block height."""

    round: int
    """Round of the height."""

    step: int
    """Step of the round: a proposal before a first vote before a second vote."""


class _Signed(Struct, frozen=True):
    version: int
    height: int
    round: int
    step: int
    message: bytes
    signature: bytes


_VERSION = 1
_CHECK_BYTES = 4


class SignState:
    """Signs a step at most once with one meaning; remembers it on disk before telling anybody."""

    def __init__(self, path: Path, last: _Signed | None) -> None:
        """Use `open` instead."""
        self.path = path
        self._last = last

    @classmethod
    def open(cls, path: Path | str) -> Self:
        """Read the last signed step; a missing file means that nothing is known.

        Raises:
            StoreCorrupt: the file is damaged. Removing it is as good as losing it: see `is_new`.
        """
        path = Path(path)
        if not path.exists():
            return cls(path, None)
        data = path.read_bytes()
        check, body = data[:_CHECK_BYTES], data[_CHECK_BYTES:]
        try:
            last = decode(body, _Signed)
        except (Malformed, NonCanonical) as error:
            raise StoreCorrupt(path=str(path)) from error
        if crc32(body).to_bytes(_CHECK_BYTES, "big") != check or last.version != _VERSION:
            raise StoreCorrupt(path=str(path))
        return cls(path, last)

    @property
    def is_new(self) -> bool:
        """Whether nothing was ever signed, or all memory of it is lost: watch before signing."""
        return self._last is None

    @property
    def last_step(self) -> SignStep | None:
        """The last signed step, None when nothing is known."""
        last = self._last
        return None if last is None else SignStep(last.height, last.round, last.step)

    def sign(
        self,
        height: int,
        round_: int,
        step: int,
        message: bytes,
        signer: Callable[[bytes], bytes],
    ) -> bytes:
        """Signature of `message` for a step; durable before it is returned.

        The same step with the same bytes gives the stored signature again.

        Raises:
            SignStateRegression: a later step was signed before.
            ConflictingSignature: this step was signed with other bytes.
            StorageFull: no room; the signature was not given out.
            StorageFailed: the disk refused; the signature was not given out.
        """
        asked, last = SignStep(height, round_, step), self._last
        if last is not None:
            done = SignStep(last.height, last.round, last.step)
            if asked < done:
                raise SignStateRegression(asked=tuple(asked), signed=tuple(done))
            if asked == done:
                if message != last.message:
                    raise ConflictingSignature(step=tuple(asked))
                return last.signature
        signed = _Signed(_VERSION, height, round_, step, message, signer(message))
        self._save(signed)
        self._last = signed
        return signed.signature

    def _save(self, signed: _Signed) -> None:
        body = encode(signed)
        data = crc32(body).to_bytes(_CHECK_BYTES, "big") + body
        temporary = self.path.with_name(self.path.name + ".new")
        try:
            file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            try:
                written = 0
                while written < len(data):
                    written += os.write(file, data[written:])
                os.fsync(file)
            finally:
                os.close(file)
            temporary.replace(self.path)
            sync_directory(self.path.absolute().parent)
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            kind = StorageFull if full else StorageFailed
            raise kind(path=str(self.path), reason=str(error)) from error
