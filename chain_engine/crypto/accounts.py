"""Account scripts and addresses (docs/spec/01-values.md section 4).

A script is m-of-n over 1 to 16 distinct keys. An account inside hashed bytes is the 20-byte hash
of its script; the address is that in base58check with a version byte, for people to read.
"""

import itertools

import base58

from chain_engine.codec.canonical import Struct, encode
from chain_engine.crypto.hashing import hash160
from chain_engine.crypto.keys import verify_key
from chain_engine.primitives.errors import ChainError
from chain_engine.primitives.limits import ACCOUNT_BYTES, SCRIPT_KEYS_MAX

ACCOUNT_VERSION = 23
"""Version byte of account addresses: they begin with `A`."""

CHAIN_VERSION = 28
"""Version byte of a chain's own account: its address begins with `C`."""

ADDRESS_CHARACTERS_MAX = 35
"""More than any address has: 25 bytes in base58, whatever the version byte."""


class InvalidScript(ChainError):
    """An account script breaks a rule."""

    code = "INVALID_SCRIPT"
    title = "The account script is not valid."
    fix = "A script is [threshold, keys]: 1 to 16 distinct keys in ascending order, 1 <= m <= n."


class InvalidAddress(ChainError):
    """A text is not an address of this kind of chain."""

    code = "INVALID_ADDRESS"
    title = "This is not an address."
    fix = "Copy the whole address; it begins with A (account) or C (chain) and has a checksum."


class Script(Struct, frozen=True):
    """m-of-n account script. Source: AntShares white paper 2.1."""

    threshold: int
    """Signatures needed, 1 to the number of keys."""

    keys: tuple[bytes, ...]
    """Tagged public keys of 33 bytes, distinct, ascending."""


def single_key_script(public: bytes) -> Script:
    """Build the 1-of-1 script of one tagged key."""
    return Script(threshold=1, keys=(public,))


def verify_script(script: Script) -> None:
    """Check every rule of a script.

    Raises:
        InvalidScript: number of keys, order, threshold or mixed schemes.
        InvalidKey: a key is not on its curve.
    """
    keys = script.keys
    if not 1 <= len(keys) <= SCRIPT_KEYS_MAX:
        raise InvalidScript(keys=len(keys))
    if not 1 <= script.threshold <= len(keys):
        raise InvalidScript(threshold=script.threshold, keys=len(keys))
    if any(a >= b for a, b in itertools.pairwise(keys)):
        raise InvalidScript(reason="keys must be distinct and ascending")
    for key in keys:
        verify_key(key)


def account_of_script(script: Script) -> bytes:
    """Return the 20-byte account of a script."""
    return hash160(encode(script))


def account_of_key(public: bytes) -> bytes:
    """Return the 20-byte account of the 1-of-1 script of one key."""
    return account_of_script(single_key_script(public))


def encode_address(account: bytes, version: int = ACCOUNT_VERSION) -> str:
    """Return the base58check address of a 20-byte account."""
    assert len(account) == ACCOUNT_BYTES, "an account is 20 bytes"
    return base58.b58encode_check(bytes([version]) + account).decode("ascii")


def decode_address(text: str, version: int = ACCOUNT_VERSION) -> bytes:
    """Return the 20-byte account of an address.

    Raises:
        InvalidAddress: wrong characters, checksum, length or version byte, or blanks around it.
    """
    if len(text) > ADDRESS_CHARACTERS_MAX:
        raise InvalidAddress(address=text[:ADDRESS_CHARACTERS_MAX])
    try:
        raw = base58.b58decode_check(text)
    except ValueError:
        raise InvalidAddress(address=text) from None
    # base58 drops blanks at the end: only the one spelling of an address is that address
    if len(raw) != ACCOUNT_BYTES + 1 or encode_address(raw[1:], version) != text:
        raise InvalidAddress(address=text)
    return raw[1:]
