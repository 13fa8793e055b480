"""Laws of canonical bytes."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chain_engine.codec.canonical import Malformed, NonCanonical, Struct, decode, encode

integers = st.integers(-(2**63), 2**64 - 1)
plain = st.recursive(
    st.none() | st.booleans() | integers | st.binary(max_size=300) | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=20).map(tuple),
    max_leaves=20,
)


class Row(Struct, frozen=True):
    number: int
    data: bytes
    text: str
    items: tuple[int, ...]


rows = st.builds(Row, integers, st.binary(), st.text(), st.lists(integers, max_size=20).map(tuple))


@given(rows)
def test_whatever_is_encoded_decodes_to_the_same_value(row):
    assert decode(encode(row), Row) == row


@given(rows, rows)
def test_different_values_have_different_bytes(a, b):
    assert (encode(a) == encode(b)) == (a == b)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_refused_or_are_the_one_encoding_of_their_value(data):
    try:
        value: Any = decode(data, Row)
    except (Malformed, NonCanonical):
        return
    assert encode(value) == data


@given(rows, st.data())
def test_one_changed_bit_is_refused_or_is_another_value(row, data):
    raw = bytearray(encode(row))
    bit = data.draw(st.integers(0, 8 * len(raw) - 1))
    raw[bit // 8] ^= 1 << (bit % 8)
    try:
        other = decode(bytes(raw), Row)
    except (Malformed, NonCanonical):
        return
    assert other != row
    assert encode(other) == bytes(raw)


@given(plain)
def test_equal_values_have_equal_bytes_however_they_are_built(value):
    as_lists = [value, list(value)] if isinstance(value, tuple) else [value]
    assert len({encode(one) for one in as_lists}) == 1
