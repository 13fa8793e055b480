"""Payloads of the kinds that wallets build (docs/spec/04-transactions.md section 6)."""

from collections.abc import Iterator

from tools.vectors.form import value_to_json
from tools.vectors.vector import Case

DAPP_CALL = ("place_order", '{"amount":"300","asset":"ECC","price":"1250000"}')
"""Method and arguments; the arguments are canonical JSON text."""


def cases() -> Iterator[Case]:
    """Yield every case of the file."""
    yield Case(
        "dapp.call: the method, then its arguments as canonical JSON",
        "encode_value",
        {"value": value_to_json(DAPP_CALL)},
    )
