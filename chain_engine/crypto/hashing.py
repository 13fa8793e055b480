"""Tagged SHA-256 (BIP-340 style) and the account hash.

`tagged_hash(tag, data) = sha256(sha256(tag) || sha256(tag) || data)`; the state after the two
prefix blocks is kept for every tag, so a tag costs nothing at run time.
"""

from functools import lru_cache
from hashlib import sha256
from typing import Any

from Crypto.Hash import RIPEMD160


@lru_cache(maxsize=128)
def _prefix(tag: str) -> Any:
    digest = sha256(tag.encode("ascii")).digest()
    return sha256(digest + digest)


def tagged_hash(tag: str, *parts: bytes) -> bytes:
    """Return the 32-byte tagged hash of the concatenated parts. Source: BIP-340."""
    state = _prefix(tag).copy()
    for part in parts:
        state.update(part)
    return state.digest()  # type: ignore[no-any-return]


def tagged_hasher(tag: str) -> Any:
    """Return the SHA-256 state after a tag's prefix: loops copy it, update the copy, digest.

    `tagged_hasher(t).copy()` fed with data gives `tagged_hash(t, data)`; never update it itself.
    """
    return _prefix(tag)


def hash160(data: bytes) -> bytes:
    """Return RIPEMD-160(SHA-256(data)), 20 bytes.

    Taken from pycryptodome: the machine's OpenSSL may lack RIPEMD-160.
    """
    return RIPEMD160.new(sha256(data).digest()).digest()
