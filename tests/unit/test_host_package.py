"""The package format: one encoding, nothing but what belongs in, one wrong byte refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_engine.codec.canonical import encode
from sidechain_host import limits
from sidechain_host.package import (
    InvalidPackage,
    PackageMismatch,
    pack_directory,
    pack_files,
    read_package,
)

FILES = {"dapp.json": b"{}", "genesis.json": b"{}", "contract/index.js": b"exports.methods = {};"}


def test_the_same_files_give_the_same_bytes_in_any_order():
    package = pack_files(FILES)
    again = pack_files(dict(reversed(FILES.items())))
    assert (package.raw, package.hash) == (again.raw, again.hash)
    assert read_package(package.raw, package.hash).files == FILES
    assert package.contract_files == {"contract/index.js": "exports.methods = {};"}


@given(st.data())
def test_one_changed_byte_is_refused(data):
    package = pack_files(FILES)
    place = data.draw(st.integers(0, len(package.raw) - 1))
    damaged = bytearray(package.raw)
    damaged[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(PackageMismatch):
        read_package(bytes(damaged), package.hash)


@given(st.binary(max_size=200))
def test_random_bytes_are_refused_with_a_reason(raw):
    with pytest.raises(InvalidPackage):
        read_package(raw)


@pytest.mark.parametrize(
    "path",
    [
        "../x",
        "/etc/passwd",
        "contract/../x.js",
        "contract//x.js",
        "contract/.hidden.js",
        "x.js",
        "contract/",
        "contract",
        "contract\\x.js",
        "contract/é.js",
        "node_modules/a.js",
        "contract/" + "a/" * 8 + "x.js",
        "contract/" + "a" * 200 + ".js",
        "contract/x.wasm",
        "contract/INDEX.js",
        "contract/index.js/x.js",
        "dapp.json/x",
    ],
)
def test_a_path_outside_the_rules_is_refused(path):
    with pytest.raises(InvalidPackage):
        pack_files(FILES | {path: b""})


def raw_of(files, version=1):
    return encode((version, files))


@pytest.mark.parametrize(
    "files",
    [
        [("dapp.json", b""), ("genesis.json", b""), ("dapp.json", b"")],
        [("genesis.json", b""), ("dapp.json", b"")],
        [("dapp.json", b""), ("dapp.json", b""), ("genesis.json", b"")],
        [("dapp.json", b"")],
        [],
    ],
)
def test_disorder_doubles_and_missing_files_are_refused(files):
    with pytest.raises(InvalidPackage):
        read_package(raw_of(files))


def test_other_versions_and_trailing_bytes_are_refused():
    good = [(path, FILES[path]) for path in sorted(FILES)]
    assert read_package(raw_of(good)).files == FILES
    for raw in (raw_of(good, 2), raw_of(good) + b"\0", raw_of(good)[:-1]):
        with pytest.raises(InvalidPackage):
            read_package(raw)


def test_every_size_limit_holds():
    big = {f"public/{i}.bin": bytes(limits.PACKAGE_FILE_BYTES_MAX) for i in range(4)}
    for extra in (
        {"public/x": bytes(limits.PACKAGE_FILE_BYTES_MAX + 1)},
        {f"public/{i}": b"" for i in range(limits.PACKAGE_FILES_MAX)},
        {"contract/big.js": b" " * limits.CONTRACT_BYTES_MAX},
        {"contract/bad.js": b"\xff"},
        big,
    ):
        with pytest.raises(InvalidPackage):
            pack_files(FILES | extra)


def test_a_folder_packs_what_belongs_in_and_refuses_links(tmp_path):
    for path, data in (FILES | {"README.md": b"not packed", "node_modules/x.js": b""}).items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(data)
    assert pack_directory(tmp_path).files == FILES
    (tmp_path / "contract" / "link.js").symlink_to(tmp_path / "README.md")
    with pytest.raises(InvalidPackage, match="link"):
        pack_directory(tmp_path)
