"""Reading path parameters: heights, ids, addresses, keys."""

from chain_engine.crypto.accounts import InvalidAddress, decode_address
from chain_engine.http.errors import InvalidParameter
from chain_engine.http.routes import Call
from chain_engine.primitives.limits import (
    ACCOUNT_BYTES,
    AMOUNT_MAX,
    HASH_BYTES,
    STATE_KEY_BYTES_MAX,
)

HEIGHT_DIGITS_MAX = 19


def parse_number(name: str, text: str) -> int:
    """A height, sequence number or cursor: decimal digits, at most 2^63 - 1.

    Raises:
        InvalidParameter: it is not one.
    """
    if text.isascii() and text.isdigit() and len(text) <= HEIGHT_DIGITS_MAX:
        value = int(text)
        if value <= AMOUNT_MAX:
            return value
    raise InvalidParameter(parameter=name, reason="a number from 0 to 2^63-1")


def parse_hex(name: str, text: str, bytes_max: int) -> bytes:
    """Bytes in lower-case hex.

    Raises:
        InvalidParameter: other characters, an odd number of them, or too many.
    """
    if len(text) <= 2 * bytes_max and len(text) % 2 == 0 and set(text) <= set("0123456789abcdef"):
        return bytes.fromhex(text)
    raise InvalidParameter(parameter=name, reason=f"up to {bytes_max} bytes in lower-case hex")


def parse_hash(name: str, text: str) -> bytes:
    """Thirty-two bytes in lower-case hex.

    Raises:
        InvalidParameter: it is not that.
    """
    if len(text) != 2 * HASH_BYTES:
        raise InvalidParameter(parameter=name, reason="32 bytes in lower-case hex")
    return parse_hex(name, text, HASH_BYTES)


def number_of(call: Call, name: str) -> int:
    """A number in the path; see `parse_number`."""
    return parse_number(name, call.path(name))


def hash_of(call: Call, name: str) -> bytes:
    """A hash in the path; see `parse_hash`."""
    return parse_hash(name, call.path(name))


def account_of(call: Call, name: str = "address") -> bytes:
    """An account in the path: its address, or its 20 bytes in hex (keyless accounts).

    Raises:
        InvalidAddress: neither.
    """
    text = call.path(name)
    if len(text) == 2 * ACCOUNT_BYTES:
        try:
            return parse_hex(name, text, ACCOUNT_BYTES)
        except InvalidParameter:
            raise InvalidAddress(address=text) from None
    return decode_address(text)


def state_key_of(call: Call, name: str = "key") -> bytes:
    """A state key in the path; see `parse_hex`."""
    return parse_hex(name, call.path(name), STATE_KEY_BYTES_MAX)
