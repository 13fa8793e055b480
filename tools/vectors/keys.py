"""Keys and signatures (docs/spec/01-values.md section 4). Source of some cases: BIP-340."""

from collections.abc import Iterator

from chain_engine.crypto.hashing import tagged_hash
from tools.vectors.cast import flip, key_of, secret_of
from tools.vectors.vector import Case

ORDER = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"
"""Order of secp256k1: no secret and no `s` reaches it."""

FIELD = "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f"
"""Field size of secp256k1: no coordinate reaches it."""

NOT_ON_CURVE = "eefdea4cdb677750a420fee807eacf21eb9898ae79b9768766e4faa04a2d4a34"
"""An x without a point (BIP-340, test vector 5)."""

NO_R = "4a298dacae57395a15d0795ddbfd1dcb564da82b0f269bc70a74f8220429ba1d"
"""An r that is no x coordinate (BIP-340, test vector 11)."""


def cases() -> Iterator[Case]:
    """Yield every case of the file."""
    yield from _public_keys()
    message = tagged_hash("acc/vector", b"message")
    for name in ("alice", "bob"):
        form = {"secret": secret_of(name).hex(), "message": message.hex()}
        yield Case(f"{name} signs, always with the same bytes", "sign", form)
    three = {"secret": "00" * 31 + "03", "message": "00" * 32}
    yield Case("BIP-340 test vector 0", "sign", three)
    yield from _signatures(message)


def _public_keys() -> Iterator[Case]:
    for description, secret, error in (
        ("the least secret", "00" * 31 + "01", None),
        ("the greatest secret", ORDER[:-1] + "0", None),
        ("a secret of zero", "00" * 32, "INVALID_KEY"),
        ("a secret that is the curve order", ORDER, "INVALID_KEY"),
        ("a secret of 31 bytes", "01" * 31, "INVALID_KEY"),
        ("a secret of 33 bytes", "01" * 33, "INVALID_KEY"),
    ):
        yield Case(description, "public_key", {"secret": secret}, error)
    alice = key_of("alice").public.hex()
    for description, public, error in (
        ("a key of scheme 1", alice, None),
        ("an unknown scheme", "02" + alice[2:], "INVALID_KEY"),
        ("a key without its scheme byte", alice[2:], "INVALID_KEY"),
        ("an x that is not on the curve", "01" + NOT_ON_CURVE, "INVALID_KEY"),
        ("an x that is the field size", "01" + FIELD, "INVALID_KEY"),
        ("no key", "", "INVALID_KEY"),
    ):
        yield Case(description, "verify_key", {"public": public}, error)


def _signatures(message: bytes) -> Iterator[Case]:
    alice = key_of("alice")
    good = alice.sign(message)
    no_s = good[:32] + bytes.fromhex(ORDER)
    field_r = bytes.fromhex(FIELD) + good[32:]
    refused = "INVALID_SIGNATURE"
    for description, public, what, signature, error in (
        ("a good signature", alice.public, message, good, None),
        ("made with other auxiliary bytes, still good", alice.public, message,
         alice.sign(message, aux=b"\x01" * 32), None),
        ("by another key", key_of("bob").public, message, good, refused),
        ("of another message", alice.public, flip(message, 0), good, refused),
        ("r with one bit changed", alice.public, message, flip(good, 7), refused),
        ("s with one bit changed", alice.public, message, flip(good, 511), refused),
        ("s equal to the curve order", alice.public, message, no_s, refused),
        ("r equal to the field size", alice.public, message, field_r, refused),
        ("r that is no x coordinate", alice.public, message, bytes.fromhex(NO_R) + good[32:],
         refused),
        ("a signature of 63 bytes", alice.public, message, good[:63], refused),
        ("a signature of 65 bytes", alice.public, message, good + b"\0", refused),
        ("a key that is not on the curve", b"\1" + bytes.fromhex(NOT_ON_CURVE), message, good,
         refused),
        ("an unknown scheme", b"\2" + alice.public[1:], message, good, refused),
    ):  # fmt: skip
        form = {"public": public.hex(), "message": what.hex(), "signature": signature.hex()}
        yield Case(description, "verify_signature", form, error)
