"""Canonical msgpack (docs/spec/01-values.md section 1).

Structs travel as arrays, integers in their shortest form, bytes as `bin`. msgspec reads longer
forms too, so every decode of hashed data encodes again and compares.
"""

from functools import lru_cache
from typing import Any, TypeVar, cast

import msgspec

from chain_engine.primitives.errors import ChainError

T = TypeVar("T")

_encoder = msgspec.msgpack.Encoder()

encode = _encoder.encode
"""Encode a value to its canonical bytes."""


class Malformed(ChainError):
    """The bytes do not have the expected shape."""

    code = "MALFORMED"
    title = "The bytes do not have the expected shape."
    fix = "Encode the value as docs/spec/01-values.md says; `reason` names the first difference."


class NonCanonical(ChainError):
    """The bytes decode, but are not the one encoding of their value."""

    code = "NON_CANONICAL"
    title = "The bytes are not the canonical encoding of their value."
    fix = "Encode integers in the shortest form, bytes as bin and structs as arrays."


class Struct(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """Base of everything that is hashed, signed or sent: a frozen array struct.

    Kept out of the cyclic garbage collector: values are trees, and a full pool of them would make
    every collection walk hundreds of thousands of objects for nothing.
    """


@lru_cache(maxsize=256)
def _decoder(kind: Any) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(kind)


def decode(data: bytes, kind: type[T]) -> T:
    """Decode canonical bytes into `kind`.

    Raises:
        Malformed: the bytes are not a value of `kind`.
        NonCanonical: they are, but not in the one canonical encoding.
    """
    value = decode_unchecked(data, kind)
    if encode(value) != data:
        raise NonCanonical(type=getattr(kind, "__name__", str(kind)))
    return value


def decode_unchecked(data: bytes, kind: type[T]) -> T:
    """Decode bytes this node wrote itself, or whose canonical form is checked elsewhere.

    Raises:
        Malformed: the bytes are not a value of `kind`.
    """
    try:
        return _decoder(cast(Any, kind)).decode(data)  # type: ignore[no-any-return]
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError) as e:
        raise Malformed(type=getattr(kind, "__name__", str(kind)), reason=str(e)) from None
