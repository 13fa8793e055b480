"""Addresses at the border of the sandbox: a contract sees texts, the state holds 20 bytes."""

from functools import lru_cache

from chain_engine.crypto.accounts import (
    ACCOUNT_VERSION,
    InvalidAddress,
    decode_address,
    encode_address,
)


@lru_cache(maxsize=65536)
def address_of(account: bytes) -> str:
    """Return the address of a 20-byte account; cached, since accounts recur."""
    return encode_address(account, ACCOUNT_VERSION)


@lru_cache(maxsize=65536)
def account_of(address: str) -> bytes:
    """Return the 20 bytes of an address.

    Raises:
        InvalidAddress: it is none.
    """
    return decode_address(address, ACCOUNT_VERSION)


def is_address(text: str) -> bool:
    """Whether a text is an account address of this kind of chain."""
    try:
        account_of(text)
    except InvalidAddress:
        return False
    return True
