"""Canonical bytes and hashes (docs/spec/01-values.md sections 1 and 2)."""

from collections.abc import Iterator
from typing import Any

from tools.vectors.cast import CHAIN_ID
from tools.vectors.form import value_to_json
from tools.vectors.vector import Case

INTEGER_EDGES = (
    0, 1, 127, 128, 255, 256, 65535, 65536, 2**32 - 1, 2**32, 2**53, 2**63 - 1, 2**63, 2**64 - 1,
    -1, -32, -33, -128, -129, -(2**15), -(2**15) - 1, -(2**31), -(2**31) - 1, -(2**63),
)  # fmt: skip
"""Every integer on either side of a change of form."""

LENGTH_EDGES = (0, 1, 31, 32, 255, 256, 65535, 65536)
"""Lengths on either side of a change of header."""

WRONG = (
    ("1 in two bytes", "integer", "cc01", "NON_CANONICAL"),
    ("255 in three bytes", "integer", "cd00ff", "NON_CANONICAL"),
    ("65,535 in five bytes", "integer", "ce0000ffff", "NON_CANONICAL"),
    ("1 in nine bytes", "integer", "cf0000000000000001", "NON_CANONICAL"),
    ("1 as a signed byte", "integer", "d001", "NON_CANONICAL"),
    ("-1 in two bytes", "integer", "d0ff", "NON_CANONICAL"),
    ("bytes with a two-byte length where one byte is enough", "bytes", "c50001aa", "NON_CANONICAL"),
    ("text with a one-byte length where none is needed", "text", "d90161", "NON_CANONICAL"),
    ("an array with a two-byte length where none is needed", "integers", "dc000101",
     "NON_CANONICAL"),
    ("no bytes at all", "integer", "", "MALFORMED"),
    ("a byte behind the value", "integer", "0101", "MALFORMED"),
    ("a float where an integer belongs", "integer", "cb3ff0000000000000", "MALFORMED"),
    ("true where an integer belongs", "integer", "c3", "MALFORMED"),
    ("text where bytes belong", "bytes", "a161", "MALFORMED"),
    ("bytes where text belongs", "text", "c40161", "MALFORMED"),
    ("text that is not UTF-8", "text", "a2c328", "MALFORMED"),
    ("a surrogate inside text", "text", "a3eda080", "MALFORMED"),
    ("a length beyond the end", "bytes", "c6ffffffff", "MALFORMED"),
    ("an array length beyond the end", "integers", "ddffffffff", "MALFORMED"),
    ("a map where an array belongs", "integers", "810101", "MALFORMED"),
    ("a struct with a field too few", "script", "9101", "MALFORMED"),
    ("a struct with a field too many", "script", "93019000", "MALFORMED"),
    ("an extension", "integer", "d4ff00", "MALFORMED"),
    ("the byte that msgpack never uses", "integer", "c1", "MALFORMED"),
)  # fmt: skip


def cases() -> Iterator[Case]:
    """Yield every case of the file."""
    for number in INTEGER_EDGES:
        yield _encoding(f"the integer {number}", number)
    for length in LENGTH_EDGES[:6]:
        yield _encoding(f"{length} bytes", b"\xab" * length)
        yield _encoding(f"a text of {length} bytes", "t" * length)
    for length in (0, 1, 15, 16):
        yield _encoding(f"an array of {length}", (0,) * length)
    yield _encoding("text outside ASCII", "股权 €")
    yield _encoding("nothing, true and false", (None, True, False))
    yield _encoding("arrays inside arrays", ((1, (b"", "")), ()))
    for description, shape, data, error in WRONG:
        yield Case(description, "decode_value", {"shape": shape, "bytes": data}, error)
    yield Case("255 decodes", "decode_value", {"shape": "integer", "bytes": "ccff"})
    yield from _hashes()


def _encoding(description: str, value: Any) -> Case:
    return Case(description, "encode_value", {"value": value_to_json(value)})


def _hashes() -> Iterator[Case]:
    for description, tag, parts in (
        ("the tagged hash of nothing", "acc/tx", []),
        ("parts are joined without a separator", "acc/tx", [b"ab", b"c"]),
        ("another cut of the same parts hashes the same", "acc/tx", [b"a", b"bc"]),
        ("another tag gives another hash", "acc/block", [b"abc"]),
        ("a seed follows from the parent's seed and a preimage", "acc/seed", [CHAIN_ID, b"next"]),
    ):
        form = {"tag": tag, "parts": [part.hex() for part in parts]}
        yield Case(description, "tagged_hash", form)
    for data in (b"", b"abc"):
        form = {"data": data.hex()}
        yield Case(f"the account hash of {data!r}", "hash160", form)
