"""Canonical bytes."""

import pytest

from chain_engine.blocks.block import Header
from chain_engine.codec.canonical import (
    Malformed,
    NonCanonical,
    Struct,
    decode,
    decode_unchecked,
    encode,
)
from chain_engine.crypto.accounts import Script


class Pair(Struct, frozen=True):
    number: int
    data: bytes


def test_a_struct_is_an_array_of_its_fields():
    assert encode(Pair(5, b"ab")) == bytes.fromhex("9205c4026162")


def test_a_struct_decodes_to_itself():
    assert decode(encode(Pair(2**64 - 1, b"")), Pair) == Pair(2**64 - 1, b"")


def test_longer_forms_of_the_same_value_are_not_canonical():
    longer = bytes.fromhex("92cc05c4026162")
    assert decode_unchecked(longer, Pair) == Pair(5, b"ab")
    with pytest.raises(NonCanonical) as caught:
        decode(longer, Pair)
    assert caught.value.values == {"type": "Pair"}


@pytest.mark.parametrize(
    "data", ["", "91", "9205", "9305c40000", "8105c400", "9205a161", "92c4006161", "9205c400ff"]
)
def test_other_shapes_are_malformed(data):
    with pytest.raises(Malformed):
        decode(bytes.fromhex(data), Pair)


@pytest.mark.parametrize("kind", [tuple[bytes, ...], tuple[tuple[int, ...], ...]])
def test_a_length_beyond_the_end_is_malformed_and_costs_no_memory(kind):
    for data in (b"\xdd\xff\xff\xff\xff", b"\xdc\xff\xff", b"\xc6\xff\xff\xff\xff"):
        with pytest.raises(Malformed):
            decode(data, kind)


def test_nesting_without_end_is_malformed():
    with pytest.raises(Malformed):
        decode(b"\x91" * 60_000, Script)


def test_every_cut_of_an_encoding_is_malformed():
    raw = encode(Script(1, (b"k" * 33,)))
    for end in range(len(raw)):
        with pytest.raises(Malformed):
            decode(raw[:end], Script)


def test_structs_are_frozen_and_hashable():
    pair = Pair(1, b"")
    with pytest.raises(AttributeError):
        pair.number = 2  # type: ignore[misc]
    assert len({pair, Pair(1, b"")}) == 1


def test_a_header_has_eighteen_fields_in_the_order_of_the_specification():
    assert Header.__struct_fields__ == (
        "version", "chain_id", "height", "round", "time_ms", "parent_id", "transactions_root",
        "receipts_root", "state_root", "bridge_root", "delegates_hash", "next_delegates_hash",
        "parameters_hash", "evidence_root", "parent_certificate_hash", "seed", "consensus_root",
        "forger",
    )  # fmt: skip
