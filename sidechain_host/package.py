"""The package: a DApp's files as one canonical archive (docs/spec/12-packages.md).

The archive is the canonical msgpack of `[version, [[path, data], ...]]`, ascending by path: no
times, owners, links, compression or padding exist that two packers could disagree about. The
package id is the SHA-256 of these bytes.
"""

import itertools
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Final

from chain_engine.blocks.block import content_hash
from chain_engine.codec.canonical import Malformed, NonCanonical, Struct, decode, encode
from chain_engine.primitives.errors import ChainError
from sidechain_host import limits

PACKAGE_VERSION: Final = 1
MANIFEST_PATH: Final = "dapp.json"
GENESIS_PATH: Final = "genesis.json"
CONTRACT_FOLDER: Final = "contract/"
PACKED_FOLDERS: Final = ("contract", "public", "test")

_SEGMENT = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")


class InvalidPackage(ChainError):
    """An archive breaks a rule of the package format."""

    code = "INVALID_PACKAGE"
    title = "This is not a valid package."
    fix = "Pack it with `acc dapp pack`; `reason` and `path` name the first rule it breaks."
    status = 422


class PackageMismatch(ChainError):
    """The bytes are not the package that was asked for."""

    code = "PACKAGE_MISMATCH"
    title = "The bytes are not those of the registered package."
    fix = "Fetch the package again, from another peer: at least one byte differs."
    status = 422


class PackageFile(Struct, frozen=True):
    """One file."""

    path: str
    """Relative path with `/`, ASCII, at most 160 bytes and 8 segments, none beginning with `.`."""

    data: bytes
    """Content."""


class Archive(Struct, frozen=True):
    """What is hashed and sent."""

    version: int
    """Format: 1."""

    files: tuple[PackageFile, ...]
    """Ascending by path, distinct."""


class Package:
    """A checked package."""

    def __init__(self, raw: bytes, files: Mapping[str, bytes]) -> None:
        """Take bytes that `read_package` or `pack_files` has checked."""
        self.raw = raw
        self.files = dict(files)

    @cached_property
    def hash(self) -> bytes:
        """The package id, 32 bytes."""
        return content_hash(self.raw)

    @cached_property
    def contract_files(self) -> dict[str, str]:
        """Source text of every contract module by its path."""
        return {
            path: data.decode("utf-8")
            for path, data in self.files.items()
            if is_contract_path(path)
        }

    def __repr__(self) -> str:
        """Name it by its id."""
        return f"<Package {self.hash.hex()[:16]} {len(self.files)} files>"


def is_contract_path(path: str) -> bool:
    """Whether a path names code that the sandbox loads."""
    return path.startswith(CONTRACT_FOLDER) and path.endswith(".js")


def read_package(raw: bytes, expected_hash: bytes | None = None) -> Package:
    """Read an archive strictly.

    Raises:
        PackageMismatch: the bytes are not those with `expected_hash`.
        InvalidPackage: a rule is broken; `reason` says which.
    """
    if len(raw) > limits.PACKAGE_BYTES_MAX:
        raise InvalidPackage(reason="package too large", limit=limits.PACKAGE_BYTES_MAX)
    if expected_hash is not None and content_hash(raw) != expected_hash:
        raise PackageMismatch(expected=expected_hash, got=content_hash(raw))
    try:
        archive = decode(raw, Archive)
    except (Malformed, NonCanonical) as e:
        raise InvalidPackage(reason=e.detail) from None
    if archive.version != PACKAGE_VERSION:
        raise InvalidPackage(reason="unknown version", version=archive.version)
    _verify_files(archive.files)
    return Package(raw, {file.path: file.data for file in archive.files})


def pack_files(files: Mapping[str, bytes]) -> Package:
    """Pack files given by path; the same files always give the same bytes.

    Raises:
        InvalidPackage: a rule is broken.
    """
    ordered = tuple(PackageFile(path, files[path]) for path in sorted(files))
    return read_package(encode(Archive(PACKAGE_VERSION, ordered)))


def pack_directory(folder: Path) -> Package:
    """Pack a DApp's folder: manifest, genesis, contract, pages and tests, nothing else.

    Raises:
        InvalidPackage: a link or special file lies in it, or a rule is broken.
    """
    files: dict[str, bytes] = {}
    roots = [folder / MANIFEST_PATH, folder / GENESIS_PATH]
    for name in PACKED_FOLDERS:
        roots += sorted((folder / name).rglob("*"))
    for file in roots:
        relative = file.relative_to(folder).as_posix()
        if file.is_symlink():
            raise InvalidPackage(reason="a link cannot be packed", path=relative)
        if file.is_dir() or not file.exists():
            continue
        if not file.is_file():
            raise InvalidPackage(reason="only plain files can be packed", path=relative)
        if file.stat().st_size > limits.PACKAGE_FILE_BYTES_MAX:
            raise InvalidPackage(reason="file too large", path=relative)
        files[relative] = file.read_bytes()
    return pack_files(files)


def _verify_files(files: tuple[PackageFile, ...]) -> None:
    paths = [file.path for file in files]
    if len(paths) > limits.PACKAGE_FILES_MAX:
        raise InvalidPackage(reason="too many files", limit=limits.PACKAGE_FILES_MAX)
    for path in paths:
        _verify_path(path)
    for before, after in itertools.pairwise(paths):
        if before >= after:
            raise InvalidPackage(reason="paths must be distinct and ascending", path=after)
    _verify_no_clash(paths)
    for required in (MANIFEST_PATH, GENESIS_PATH):
        if required not in paths:
            raise InvalidPackage(reason="file missing", path=required)
    for file in files:
        _verify_content(file)
    contract_bytes = sum(len(file.data) for file in files if is_contract_path(file.path))
    if contract_bytes > limits.CONTRACT_BYTES_MAX:
        raise InvalidPackage(reason="contract too large", limit=limits.CONTRACT_BYTES_MAX)


def _verify_path(path: str) -> None:
    segments = path.split("/")
    if len(path) > limits.PATH_BYTES_MAX or len(segments) > limits.PATH_DEPTH_MAX:
        raise InvalidPackage(reason="path too long or too deep", path=path[:200])
    if not all(_SEGMENT.fullmatch(segment) for segment in segments):
        raise InvalidPackage(reason="a path has only A-Z a-z 0-9 . _ - and no hidden names",
                             path=path[:200])  # fmt: skip
    if segments[0] not in (*PACKED_FOLDERS, MANIFEST_PATH, GENESIS_PATH):
        raise InvalidPackage(reason="file outside the package's folders", path=path[:200])
    if (segments[0] in PACKED_FOLDERS) == (len(segments) == 1):
        raise InvalidPackage(reason="file outside the package's folders", path=path[:200])


def _verify_no_clash(paths: list[str]) -> None:
    """No two paths may meet on a file system that ignores case, and no file may be a folder."""
    lowered = [path.lower() for path in paths]
    seen = set(lowered)
    if len(seen) != len(lowered):
        raise InvalidPackage(reason="two paths differ in case only")
    for path in lowered:
        segments = path.split("/")
        for depth in range(1, len(segments)):
            if "/".join(segments[:depth]) in seen:
                raise InvalidPackage(reason="a path is both file and folder", path=path)


def _verify_content(file: PackageFile) -> None:
    if len(file.data) > limits.PACKAGE_FILE_BYTES_MAX:
        raise InvalidPackage(reason="file too large", path=file.path)
    if file.path.startswith(CONTRACT_FOLDER):
        if not is_contract_path(file.path):
            raise InvalidPackage(reason="contract/ holds .js files only", path=file.path)
        try:
            file.data.decode("utf-8")
        except UnicodeDecodeError:
            raise InvalidPackage(reason="code must be UTF-8", path=file.path) from None
