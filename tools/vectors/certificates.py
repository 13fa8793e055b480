"""Delegate sets, votes and certificates (docs/spec/03-blocks.md sections 3 and 4)."""

from collections.abc import Iterable, Iterator
from typing import Any

from chain_engine.blocks.certificate import Certificate, bitmap_of, second_vote_hash
from chain_engine.blocks.delegates import Delegate, DelegateSet
from chain_engine.crypto.keys import SecretKey
from chain_engine.primitives.limits import WEIGHT_MAX
from tools.vectors.cast import CHAIN_ID, OTHER_CHAIN_ID, flip, key_of
from tools.vectors.form import to_json
from tools.vectors.vector import Case

BLOCK_ID = bytes(range(32))
REFUSED = "INVALID_CERTIFICATE"


def keys_of(*names: str) -> list[SecretKey]:
    """Return the keys of several delegates in the order of their set."""
    return sorted((key_of(name) for name in names), key=lambda key: key.public)


def set_of(keys: Iterable[SecretKey], weights: Iterable[int]) -> DelegateSet:
    """Return the set of these keys with these weights."""
    pairs = zip(keys, weights, strict=True)
    return DelegateSet(tuple(Delegate(key.public, weight) for key, weight in pairs))


def certify(
    keys: list[SecretKey],
    signers: Iterable[int],
    *,
    chain_id: bytes = CHAIN_ID,
    height: int = 42,
    round_: int = 1,
    block_id: bytes = BLOCK_ID,
) -> Certificate:
    """Return the certificate that the members at `signers` make."""
    indexes = sorted(set(signers))
    vote = second_vote_hash(chain_id, height, round_, block_id)
    signatures = tuple(keys[index].sign(vote) for index in indexes)
    return Certificate(height, round_, block_id, bitmap_of(set(indexes), len(keys)), signatures)


FOUR = keys_of("dawn", "edge", "fern", "gate")
NINE = keys_of(*(f"delegate {number}" for number in range(9)))
EQUAL = set_of(FOUR, [1] * 4)
UNEQUAL = set_of(FOUR, [50, 30, 15, 5])


def cases() -> Iterator[Case]:
    """Yield every case of the file."""
    yield from _sets()
    yield from _hashes()
    yield from _accepted()
    yield from _refused()


def _sets() -> Iterator[Case]:
    keys = [key.public for key in FOUR]
    wrong = "INVALID_DELEGATES"
    for description, members, error in (
        ("four members", EQUAL.members, None),
        ("one member with the greatest weight", (Delegate(keys[0], WEIGHT_MAX),), None),
        ("nobody", (), wrong),
        ("out of order", (Delegate(keys[1], 1), Delegate(keys[0], 1)), wrong),
        ("a member twice", (Delegate(keys[0], 1), Delegate(keys[0], 1)), wrong),
        ("a weight of 0", (Delegate(keys[0], 0),), wrong),
        ("a weight above 2^53", (Delegate(keys[0], WEIGHT_MAX + 1),), wrong),
        ("a key that is none", (Delegate(b"\1" + b"\xff" * 32, 1),), "INVALID_KEY"),
        ("129 members", tuple(Delegate(b"\1" + bytes([i]) * 32, 1) for i in range(129)), wrong),
    ):
        form = {"delegates": to_json(DelegateSet(members))}
        yield Case(description, "delegates_hash", form, error)


def _hashes() -> Iterator[Case]:
    for description, block_id in (("a vote for a block", BLOCK_ID), ("a vote for nil", b"")):
        form = {
            "chain_id": CHAIN_ID.hex(), "height": "42", "round": "1", "block_id": block_id.hex(),
        }  # fmt: skip
        yield Case(description, "second_vote_hash", form)
    form = {"certificate": to_json(certify(FOUR, [0, 2, 3]))}
    yield Case("the hash that the child's header carries", "certificate_hash", form)


def _accepted() -> Iterator[Case]:
    yield _check("three of four equal members", certify(FOUR, [0, 2, 3]), EQUAL)
    yield _check("all members", certify(FOUR, range(4)), EQUAL)
    yield _check("80 of 100 in weight, two of four in heads", certify(FOUR, [0, 1]), UNEQUAL)
    nine = set_of(NINE, [1] * 9)
    yield _check("a bitmap of two bytes", certify(NINE, [0, 1, 2, 3, 4, 5, 8]), nine)
    alone = set_of(FOUR[:1], [1])
    yield _check("a set of one", certify(FOUR[:1], [0]), alone)


def _refused() -> Iterator[Case]:
    good = certify(FOUR, [0, 2, 3])
    nine = set_of(NINE, [1] * 9)
    for description, certificate, delegates in (
        ("two of four", certify(FOUR, [0, 2]), EQUAL),
        ("exactly two thirds", certify(NINE, range(6)), nine),
        ("three of four heads with too little weight", certify(FOUR, [1, 2, 3]), UNEQUAL),
        ("nobody", certify(FOUR, []), EQUAL),
        ("votes for nil", certify(FOUR, range(4), block_id=b""), EQUAL),
        ("one signer's signature under two bits",
         _with(good, signers=b"\x0f", signatures=(good.signatures[0], *good.signatures)), EQUAL),
        ("the same signature three times", _with(good, signatures=good.signatures[:1] * 3), EQUAL),
        ("a signature missing", _with(good, signatures=good.signatures[:2]), EQUAL),
        ("a signature too many", _with(good, signatures=(*good.signatures, bytes(64))), EQUAL),
        ("signatures out of order", _with(good, signatures=good.signatures[::-1]), EQUAL),
        ("a bit of a signature changed",
         _with(good, signatures=(flip(good.signatures[0], 5), *good.signatures[1:])), EQUAL),
        ("other bits than the signers'", _with(good, signers=b"\x07"), EQUAL),
        ("a bit beyond the set", _with(good, signers=b"\x1c"), EQUAL),
        ("a bitmap that is too long", _with(good, signers=good.signers + b"\0"), EQUAL),
        ("an empty bitmap", _with(good, signers=b"", signatures=()), EQUAL),
        ("another height", _with(good, height=43), EQUAL),
        ("another round", _with(good, round=2), EQUAL),
        ("another block", _with(good, block_id=flip(BLOCK_ID, 0)), EQUAL),
        ("another chain", certify(FOUR, [0, 2, 3], chain_id=OTHER_CHAIN_ID), EQUAL),
        ("another set", good, set_of(keys_of("hall", "iris", "jade", "kiln"), [1] * 4)),
    ):  # fmt: skip
        yield _check(description, certificate, delegates, REFUSED)


def _check(
    description: str, certificate: Certificate, delegates: DelegateSet, error: str | None = None
) -> Case:
    form = {
        "chain_id": CHAIN_ID.hex(),
        "certificate": to_json(certificate),
        "delegates": to_json(delegates),
    }
    return Case(description, "verify_certificate", form, error)


def _with(certificate: Certificate, **fields: Any) -> Certificate:
    return Certificate(**{name: fields.get(name, getattr(certificate, name))
                          for name in certificate.__struct_fields__})  # fmt: skip
