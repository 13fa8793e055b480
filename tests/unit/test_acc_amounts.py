"""Decimal amounts on the command line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acc.amounts import InvalidAmount, format_amount, parse_amount
from acc.transactions import least_fee
from chain_engine.primitives.limits import AMOUNT_MAX


@pytest.mark.parametrize(
    ("text", "units"),
    [("1", 1_000_000), ("0.000001", 1), ("12.5", 12_500_000), ("9223372036854.775807", AMOUNT_MAX)],
)
def test_an_amount_is_read(text: str, units: int):
    assert parse_amount(text) == units


@pytest.mark.parametrize(
    "text",
    ["", "0", "0.0", "-1", "+1", "1e3", "1.", ".5", "1.0000001", "1,5", "٣", " 1", "1\n",
     "9223372036854.775808", "nan"],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text: str):
    with pytest.raises(InvalidAmount):
        parse_amount(text)


@given(st.integers(1, AMOUNT_MAX))
def test_a_written_amount_is_read_back(units: int):
    assert parse_amount(format_amount(units).removesuffix(" ACC").replace(",", "")) == units


def test_a_voucher_is_shown_by_its_symbol():
    assert format_amount(1_500_000, "ab" * 32 + ":ECC") == "1.5 ECC"


def test_the_least_fee_rounds_gas_up():
    fees = {"asset": "ACC", "byte_fee": "10", "gas_price": "3", "relay_fee": "0"}
    assert least_fee(fees, size=200, gas_limit=1001) == 2000 + 4
