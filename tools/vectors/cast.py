"""The fixed keys, scripts and chain that the vectors speak of."""

from chain_engine.crypto.accounts import Script, single_key_script
from chain_engine.crypto.hashing import tagged_hash
from chain_engine.crypto.keys import SecretKey

CHAIN_ID = tagged_hash("acc/vector", b"chain")
OTHER_CHAIN_ID = tagged_hash("acc/vector", b"another chain")


def secret_of(name: str) -> bytes:
    """Return the 32 secret bytes of a named person of the vectors."""
    return tagged_hash("acc/vector-key", name.encode("ascii"))


def key_of(name: str) -> SecretKey:
    """Return the key of a named person."""
    return SecretKey(secret_of(name))


def script_of(name: str) -> Script:
    """Return the single-key script of a named person."""
    return single_key_script(key_of(name).public)


def board_of(threshold: int, *names: str) -> Script:
    """Return the m-of-n script of several people."""
    return Script(threshold, tuple(sorted(key_of(name).public for name in names)))


def flip(data: bytes, bit: int) -> bytes:
    """Return `data` with one bit changed."""
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << (bit % 8)
    return bytes(changed)
