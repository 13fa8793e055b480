"""Encrypted keystore files: argon2id turns the password into a ChaCha20-Poly1305 key.

One JSON file holds one key. Everything beside the secret is authenticated with it, and a checksum
tells a damaged file from a wrong password. Sources: RFC 9106 (argon2id), RFC 8439 (the cipher).
"""

import json
import re
import secrets
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from acc.files import create_private_file
from chain_engine.crypto.accounts import account_of_key, encode_address
from chain_engine.crypto.keys import SECRET_BYTES, SecretKey
from chain_engine.primitives.errors import ChainError

NAME_RULE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
"""A keystore's name is also its file's name."""

KEYSTORE_BYTES_MAX = 16 * 1024
"""Largest keystore file that is read."""

MEMORY_KIB_MIN = 19 * 1024
"""Weakest memory cost of a key that is not a devnet's."""

KEY_BYTES = 32
SALT_BYTES = 16
NONCE_BYTES = 12

Purpose = Literal["account", "devnet"]


class KeystoreExists(ChainError):
    """A keystore of this name is already there."""

    code = "KEYSTORE_EXISTS"
    title = "There is a key of this name already; it was not touched."
    fix = "Choose another name, or move the old file away yourself."
    status = 409


class KeystoreNotFound(ChainError):
    """No keystore of this name."""

    code = "KEYSTORE_NOT_FOUND"
    title = "There is no key of this name."
    fix = "See `acc wallet list`, or make one with `acc wallet new NAME`."
    status = 404


class KeystoreDamaged(ChainError):
    """The file is not a keystore, or was altered."""

    code = "KEYSTORE_DAMAGED"
    title = "The keystore file is damaged or was altered."
    fix = "Restore it from a backup; `problems` says what is wrong with it."


class KeystoreTooWeak(ChainError):
    """A fast key derivation on a key that is no devnet's."""

    code = "KEYSTORE_TOO_WEAK"
    title = "The key is protected too weakly for one that holds value."
    fix = "Only devnet keys may use fast parameters; make a new key and move the funds to it."


class WrongPassword(ChainError):
    """The password does not open the keystore."""

    code = "WRONG_PASSWORD"
    title = "The password does not open this key."
    fix = "Check the password; nothing can open the key without it."
    status = 403


class PasswordMissing(ChainError):
    """No way was given to learn the password."""

    code = "PASSWORD_MISSING"
    title = "The password of the key is not known."
    fix = "Give --password-file, --password-env NAME, or run it at a terminal to be asked."


class InvalidKeyName(ChainError):
    """A name that no key can have."""

    code = "INVALID_KEY_NAME"
    title = "This cannot be the name of a key."
    fix = "1 to 40 of a-z, 0-9, - and _, beginning with a letter or digit."


class Kdf(BaseModel):
    """How the password becomes the encryption key."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: Literal["argon2id"] = "argon2id"
    """The function, of RFC 9106."""

    memory_kib: int = Field(ge=8, le=1024 * 1024)
    """Memory, KiB."""

    passes: int = Field(ge=1, le=32)
    """Passes over it."""

    lanes: int = Field(ge=1, le=16)
    """Parallel lanes."""

    salt: str = Field(pattern=r"^[0-9a-f]{32}$")
    """16 random bytes, hex."""


class Cipher(BaseModel):
    """The encrypted secret."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: Literal["chacha20-poly1305"] = "chacha20-poly1305"
    """The cipher, of RFC 8439."""

    nonce: str = Field(pattern=r"^[0-9a-f]{24}$")
    """12 random bytes, hex."""

    ciphertext: str = Field(pattern=r"^[0-9a-f]{96}$")
    """32 secret bytes and the 16-byte tag, hex."""


class Keystore(BaseModel):
    """A keystore file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    version: Literal[1] = 1
    """Format."""

    name: str = Field(pattern=rf"^{NAME_RULE.pattern}$")
    """The owner's name for the key."""

    purpose: Purpose
    """`devnet` keys may be weakly protected: they never hold value."""

    public_key: str = Field(pattern=r"^01[0-9a-f]{64}$")
    """Tagged public key, hex."""

    address: str
    """Address of the single-key account."""

    kdf: Kdf
    """How the password becomes a key."""

    cipher: Cipher
    """The encrypted secret."""

    checksum: str
    """SHA-256 over the other fields, hex: finds damage, proves nothing."""


def account_kdf() -> Kdf:
    """Parameters for keys that hold value (RFC 9106 section 4, second recommended option)."""
    return Kdf(memory_kib=64 * 1024, passes=3, lanes=4, salt=secrets.token_hex(SALT_BYTES))


def devnet_kdf() -> Kdf:
    """Fast parameters for keys of a test network on this machine."""
    return Kdf(memory_kib=64, passes=1, lanes=1, salt=secrets.token_hex(SALT_BYTES))


def generate_secret_key() -> SecretKey:
    """Draw a new secret from the operating system."""
    return SecretKey(secrets.token_bytes(SECRET_BYTES))


def keystore_path(folder: Path, name: str) -> Path:
    """File of the key called `name`.

    Raises:
        InvalidKeyName: not a name, so it could not leave the folder either.
    """
    if not NAME_RULE.fullmatch(name):
        raise InvalidKeyName(name=name[:60])
    return folder / f"{name}.json"


def encrypt_key(key: SecretKey, name: str, password: str, purpose: Purpose) -> Keystore:
    """Encrypt a key under a password."""
    kdf = devnet_kdf() if purpose == "devnet" else account_kdf()
    public: dict[str, Any] = {
        "version": 1,
        "name": name,
        "purpose": purpose,
        "public_key": key.public.hex(),
        "address": encode_address(account_of_key(key.public)),
        "kdf": kdf.model_dump(),
    }
    nonce = secrets.token_bytes(NONCE_BYTES)
    cipher = ChaCha20Poly1305(_derive(password, kdf))
    ciphertext = cipher.encrypt(nonce, key.secret, _canonical(public))
    fields = public | {"cipher": Cipher(nonce=nonce.hex(), ciphertext=ciphertext.hex())}
    unsummed = Keystore(**{**fields, "kdf": kdf}, checksum="")
    return unsummed.model_copy(update={"checksum": _checksum(unsummed)})


def decrypt_key(keystore: Keystore, password: str) -> SecretKey:
    """Open a keystore.

    Raises:
        WrongPassword: the password (or, on purpose and consistently, the file) is another.
        KeystoreTooWeak: fast parameters on a key that is no devnet's.
        KeystoreDamaged: what it holds is not the key it names.
    """
    if keystore.purpose != "devnet" and keystore.kdf.memory_kib < MEMORY_KIB_MIN:
        raise KeystoreTooWeak(name=keystore.name, memory_kib=keystore.kdf.memory_kib)
    public = keystore.model_dump(exclude={"cipher", "checksum"})
    cipher = ChaCha20Poly1305(_derive(password, keystore.kdf))
    nonce = bytes.fromhex(keystore.cipher.nonce)
    ciphertext = bytes.fromhex(keystore.cipher.ciphertext)
    try:
        secret = cipher.decrypt(nonce, ciphertext, _canonical(public))
    except InvalidTag:
        raise WrongPassword(name=keystore.name) from None
    key = SecretKey(secret)
    address = encode_address(account_of_key(key.public))
    if (key.public.hex(), address) != (keystore.public_key, keystore.address):
        raise KeystoreDamaged(name=keystore.name, problems=["the secret is of another key"])
    return key


def create_keystore(
    folder: Path, name: str, password: str, *, purpose: Purpose = "account",
    key: SecretKey | None = None,
) -> Keystore:  # fmt: skip
    """Make a key (or take `key`), encrypt it and write it to a new file of mode 0600.

    Raises:
        InvalidKeyName: not a name.
        KeystoreExists: there is one; it is left untouched.
    """
    path = keystore_path(folder, name)
    if path.exists():
        raise KeystoreExists(name=name, file=str(path))
    keystore = encrypt_key(key or generate_secret_key(), name, password, purpose)
    text = json.dumps(keystore.model_dump(), indent=2) + "\n"
    try:
        create_private_file(path, text.encode())
    except FileExistsError:
        raise KeystoreExists(name=name, file=str(path)) from None
    return keystore


def load_keystore(path: Path) -> Keystore:
    """Read a keystore file without opening it.

    Raises:
        KeystoreNotFound: no such file.
        KeystoreDamaged: not a keystore, or its checksum differs.
    """
    try:
        with path.open("rb") as file:
            data = file.read(KEYSTORE_BYTES_MAX + 1)
    except FileNotFoundError:
        raise KeystoreNotFound(name=path.stem, file=str(path)) from None
    if len(data) > KEYSTORE_BYTES_MAX:
        raise KeystoreDamaged(file=str(path), problems=["too large for a keystore"])
    try:
        keystore = Keystore.model_validate_json(data)
    except ValidationError as error:
        problems = [
            f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}"
            for e in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise KeystoreDamaged(file=str(path), problems=problems) from None
    if _checksum(keystore) != keystore.checksum:
        raise KeystoreDamaged(file=str(path), problems=["checksum"])
    return keystore


def read_password_file(path: Path) -> str:
    """Return the first line of a password file.

    Raises:
        PasswordMissing: it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8").split("\n", 1)[0]
    except (OSError, UnicodeDecodeError) as error:
        raise PasswordMissing(file=str(path), reason=str(error)) from None


def list_keystores(folder: Path) -> list[Keystore]:
    """Every keystore of a folder, by name.

    Raises:
        KeystoreDamaged: a file claims to be one and is damaged.
    """
    paths = sorted(folder.glob("*.json")) if folder.is_dir() else []
    return [load_keystore(path) for path in paths if NAME_RULE.fullmatch(path.stem)]


def _derive(password: str, kdf: Kdf) -> bytes:
    return hash_secret_raw(
        secret=password.encode("utf-8"),
        salt=bytes.fromhex(kdf.salt),
        time_cost=kdf.passes,
        memory_cost=kdf.memory_kib,
        parallelism=kdf.lanes,
        hash_len=KEY_BYTES,
        type=Type.ID,
    )


def _canonical(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()


def _checksum(keystore: Keystore) -> str:
    return sha256(_canonical(keystore.model_dump(exclude={"checksum"}))).hexdigest()
