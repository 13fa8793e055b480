"""Keystore files: what opens them, and what damage and wrong passwords say."""

import json
import stat
from pathlib import Path

import pytest

from acc.keystore import (
    InvalidKeyName,
    Kdf,
    Keystore,
    KeystoreDamaged,
    KeystoreExists,
    KeystoreNotFound,
    KeystoreTooWeak,
    WrongPassword,
    _checksum,
    create_keystore,
    decrypt_key,
    keystore_path,
    list_keystores,
    load_keystore,
)
from chain_engine.crypto.accounts import account_of_key, encode_address
from chain_engine.crypto.keys import SecretKey

PASSWORD = "correct horse"


def make(folder: Path, name: str = "alice") -> tuple[Path, Keystore]:
    keystore = create_keystore(folder, name, PASSWORD, purpose="devnet")
    return keystore_path(folder, name), keystore


def forge(keystore: Keystore, **changes: object) -> Keystore:
    """Alter a keystore as somebody would who also corrects the checksum."""
    altered = keystore.model_copy(update=changes)
    return altered.model_copy(update={"checksum": _checksum(altered)})


def test_a_key_is_opened_by_its_password(tmp_path: Path):
    key = SecretKey(bytes([9]) * 32)
    create_keystore(tmp_path, "shop", PASSWORD, key=key)
    keystore = load_keystore(tmp_path / "shop.json")
    assert decrypt_key(keystore, PASSWORD).secret == key.secret
    assert keystore.address == encode_address(account_of_key(key.public))


def test_only_the_owner_may_read_the_file(tmp_path: Path):
    path, _ = make(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["alice.json"]


def test_the_secret_does_not_stand_in_the_file(tmp_path: Path):
    path, keystore = make(tmp_path)
    assert decrypt_key(keystore, PASSWORD).secret.hex() not in path.read_text()


def test_two_files_of_one_key_and_password_share_no_salt_nor_nonce(tmp_path: Path):
    key = SecretKey(bytes([9]) * 32)
    a = create_keystore(tmp_path, "a", PASSWORD, purpose="devnet", key=key)
    b = create_keystore(tmp_path, "b", PASSWORD, purpose="devnet", key=key)
    assert a.kdf.salt != b.kdf.salt
    assert a.cipher.nonce != b.cipher.nonce
    assert a.cipher.ciphertext != b.cipher.ciphertext


def test_a_wrong_password_is_said_to_be_wrong(tmp_path: Path):
    _, keystore = make(tmp_path)
    with pytest.raises(WrongPassword):
        decrypt_key(keystore, PASSWORD + " ")


@pytest.mark.parametrize("field", ["name", "purpose", "public_key", "address", "checksum"])
def test_an_altered_field_is_damage(tmp_path: Path, field: str):
    path, keystore = make(tmp_path)
    other = {"name": "bob", "purpose": "account", "public_key": "01" + "1" * 64}
    data = json.loads(path.read_text()) | {field: other.get(field, "x")}
    path.write_text(json.dumps(data))
    with pytest.raises(KeystoreDamaged) as caught:
        load_keystore(path)
    assert caught.value.values["problems"] == ["checksum"]
    assert keystore.name == "alice"


def test_a_changed_ciphertext_is_damage(tmp_path: Path):
    path, keystore = make(tmp_path)
    text = keystore.cipher.ciphertext
    path.write_text(path.read_text().replace(text, text[::-1]))
    with pytest.raises(KeystoreDamaged):
        load_keystore(path)


@pytest.mark.parametrize("field", ["name", "public_key", "address"])
def test_what_stands_beside_the_secret_is_authenticated_with_it(tmp_path: Path, field: str):
    _, keystore = make(tmp_path)
    other = {"name": "bob", "public_key": "01" + "1" * 64, "address": "A"}
    with pytest.raises(WrongPassword):
        decrypt_key(forge(keystore, **{field: other[field]}), PASSWORD)


def test_fast_parameters_open_devnet_keys_only(tmp_path: Path):
    _, keystore = make(tmp_path)
    assert keystore.kdf.memory_kib == 64
    with pytest.raises(KeystoreTooWeak):
        decrypt_key(forge(keystore, purpose="account"), PASSWORD)


def test_parameters_that_would_exhaust_the_machine_are_refused(tmp_path: Path):
    path, keystore = make(tmp_path)
    costly = Kdf.model_construct(**(keystore.kdf.model_dump() | {"memory_kib": 2**31}))
    path.write_text(keystore.model_copy(update={"kdf": costly}).model_dump_json())
    with pytest.raises(KeystoreDamaged) as caught:
        load_keystore(path)
    assert "kdf.memory_kib" in str(caught.value.values["problems"])


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff\x00", b"{" * 3000, b" " * 20_000])
def test_a_file_that_is_no_keystore_is_damage_and_tells_every_problem(tmp_path: Path, data: bytes):
    (tmp_path / "x.json").write_bytes(data)
    with pytest.raises(KeystoreDamaged) as caught:
        load_keystore(tmp_path / "x.json")
    assert caught.value.values["problems"]


def test_an_existing_key_is_never_replaced(tmp_path: Path):
    path, _ = make(tmp_path)
    before = path.read_bytes()
    with pytest.raises(KeystoreExists):
        create_keystore(tmp_path, "alice", PASSWORD, purpose="devnet")
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["", "A", "../x", "a/b", ".a", "a" * 41, "ä", "a\n"])
def test_a_name_cannot_leave_the_folder(tmp_path: Path, name: str):
    with pytest.raises(InvalidKeyName):
        keystore_path(tmp_path, name)


def test_a_missing_key_is_not_found(tmp_path: Path):
    with pytest.raises(KeystoreNotFound):
        load_keystore(tmp_path / "nobody.json")


def test_keys_are_listed_by_name(tmp_path: Path):
    make(tmp_path, "bob")
    make(tmp_path, "alice")
    assert [keystore.name for keystore in list_keystores(tmp_path)] == ["alice", "bob"]
    assert list_keystores(tmp_path / "nowhere") == []
