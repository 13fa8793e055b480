"""Decimal amounts for people; units inside."""

import re

from chain_engine.primitives.errors import ChainError
from chain_engine.primitives.limits import AMOUNT_MAX

DECIMALS = 6
"""ACC and ECC have six decimals."""

UNITS = 1_000_000
"""Units in one ACC or ECC."""

_AMOUNT = re.compile(r"(?P<whole>[0-9]{1,13})(?:\.(?P<part>[0-9]{1,6}))?")


class InvalidAmount(ChainError):
    """A text is no amount."""

    code = "INVALID_AMOUNT"
    title = "This is not an amount."
    fix = "Write it as 12 or 12.5, with at most six decimals, more than nothing."


def parse_amount(text: str) -> int:
    """Units of a decimal amount such as `12.5`.

    Raises:
        InvalidAmount: not a decimal number, zero, or above 2^63-1 units.
    """
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise InvalidAmount(amount=text[:40])
    units = int(match["whole"]) * UNITS + int((match["part"] or "").ljust(DECIMALS, "0"))
    if not 1 <= units <= AMOUNT_MAX:
        raise InvalidAmount(amount=text)
    return units


def format_amount(units: int, asset: str = "ACC") -> str:
    """A decimal amount with its asset's symbol."""
    whole, part = divmod(units, UNITS)
    decimals = f".{part:0{DECIMALS}}".rstrip("0").rstrip(".")
    return f"{whole:,}{decimals} {asset.rpartition(':')[2]}"
