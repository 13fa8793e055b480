"""Ranges of state keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_engine.ledger.keys import balance_key, end_of


@given(prefix=st.binary(min_size=1, max_size=4), rest=st.binary(max_size=4), other=st.binary())
def test_a_range_holds_exactly_the_keys_with_its_prefix(prefix, rest, other):
    if prefix == b"\xff" * len(prefix):
        return
    end = end_of(prefix)
    assert prefix <= prefix + rest < end
    assert (prefix <= other < end) == other.startswith(prefix)


def test_an_account_that_ends_in_ff_has_a_range_of_balances():
    account = bytes(19) + b"\xff"
    assert balance_key(account, "ACC") < end_of(balance_key(account, ""))


def test_nothing_lies_above_all_ones():
    with pytest.raises(AssertionError):
        end_of(b"\xff\xff")
