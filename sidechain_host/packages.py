"""Packages on this node's disk, named by their hash."""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from chain_engine.primitives.errors import NotFound
from chain_engine.primitives.limits import HASH_BYTES
from sidechain_host import limits
from sidechain_host.package import InvalidPackage, Package, PackageMismatch, read_package

Download = Callable[[bytes, Path, int], Awaitable[Path]]
"""(sha256, where to put it, most bytes) -> the file: from any peer, resumed after a cut."""


class PackageStore:
    """A folder of packages; what lies in it is checked again at every read."""

    def __init__(self, folder: Path) -> None:
        """The folder is made if need be."""
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def find_package(self, sha256: bytes) -> Path | None:
        """File of a package that is here whole, for serving it to peers."""
        path = self._path(sha256)
        return path if path.is_file() else None

    def read(self, sha256: bytes) -> Package:
        """Read and check a package.

        Raises:
            NotFound: it is not here.
            PackageMismatch, InvalidPackage: the file is damaged.
        """
        path = self.find_package(sha256)
        if path is None:
            raise NotFound(package=sha256)
        return read_package(path.read_bytes(), sha256)

    def add(self, package: Package) -> Path:
        """Keep a package; durable when this returns."""
        path = self._path(package.hash)
        part = path.with_suffix(".new")
        with part.open("wb") as file:
            file.write(package.raw)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        return path

    async def fetch(self, sha256: bytes, size: int, download: Download) -> Package:
        """Return a package, downloaded if it is not here, and checked either way.

        Raises:
            InvalidPackage: it would be too large, or breaks the format.
            PackageMismatch: the bytes are others.
        """
        if size > limits.PACKAGE_BYTES_MAX:
            raise InvalidPackage(reason="package too large", limit=limits.PACKAGE_BYTES_MAX)
        if self.find_package(sha256) is not None:
            try:
                return self.read(sha256)
            except (InvalidPackage, PackageMismatch):
                self._path(sha256).unlink()  # damaged on disk: fetched again
        part = self._path(sha256).with_suffix(".part")
        await download(sha256, part, size)
        package = read_package(part.read_bytes(), sha256)
        part.replace(self._path(sha256))
        return package

    def remove(self, sha256: bytes) -> None:
        """Forget a package."""
        self._path(sha256).unlink(missing_ok=True)

    def _path(self, sha256: bytes) -> Path:
        assert len(sha256) == HASH_BYTES, "a package is named by its SHA-256"
        return self._folder / f"{sha256.hex()}.pkg"
