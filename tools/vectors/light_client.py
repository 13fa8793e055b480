"""Steps of the light client, accepted and refused (docs/spec/06-light-client.md)."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from chain_engine.blocks.block import Header, block_id
from chain_engine.blocks.certificate import Certificate
from chain_engine.blocks.delegates import DelegateSet, delegates_hash
from chain_engine.blocks.light_client import TrustedHeader, trust_header
from chain_engine.crypto.keys import SecretKey
from tools.vectors.blocks import header_of
from tools.vectors.cast import OTHER_CHAIN_ID
from tools.vectors.certificates import EQUAL, FOUR, UNEQUAL, certify, keys_of, set_of
from tools.vectors.form import to_json
from tools.vectors.vector import Case

PERIOD_MS = 600_000
START = header_of()
NOW_MS = START.time_ms + 30_000
SHIFTED = keys_of("dawn", "edge", "fern", "hall")
"""Three of the four stay."""
RENEWED = keys_of("dawn", "hall", "iris", "jade")
"""One of the four stays."""


class Step(NamedTuple):
    """What a light client is offered."""

    header: Header
    """Header."""

    certificate: Certificate
    """Certificate."""

    delegates: DelegateSet
    """The set that signed."""


def step(
    keys: list[SecretKey], signers: Iterable[int], delegates: DelegateSet, **fields: Any
) -> Step:
    """Return a certified header whose set is `delegates`."""
    times = {"height": 43, "time_ms": START.time_ms + 1_000}
    hashes = {"delegates_hash": delegates_hash(delegates)}
    header = header_of(**{**times, **hashes, **fields})
    identity = block_id(header)
    chain_id = header.chain_id
    certificate = certify(keys, signers, chain_id=chain_id, height=header.height, round_=0,
                          block_id=identity)  # fmt: skip
    return Step(header, certificate, delegates)


def trusted_at(header: Header = START, delegates: DelegateSet = EQUAL) -> TrustedHeader:
    """Return a client that trusts a header."""
    return trust_header(header.chain_id, header, delegates, PERIOD_MS)


def cases() -> Iterator[Case]:
    """Yield every case of the file."""
    yield from _accepted()
    yield from _untrusted()
    yield from _successions()
    yield from _conflicts()


def _accepted() -> Iterator[Case]:
    yield _check("the next header", step(FOUR, [0, 1, 2], EQUAL))
    yield _check("a header far ahead by the same set", step(FOUR, [1, 2, 3], EQUAL, height=900))
    last_ms = START.time_ms + PERIOD_MS
    yield _check("the last moment of the trusting period", step(FOUR, [0, 1, 2], EQUAL),
                 now_ms=last_ms)  # fmt: skip
    announced = set_of(SHIFTED, [1] * 4)
    announcing = header_of(next_delegates_hash=delegates_hash(announced))
    yield _check("the set that the trusted header names", step(SHIFTED, [0, 1, 2], announced),
                 trusted=trusted_at(announcing))  # fmt: skip


def _untrusted() -> Iterator[Case]:
    good = step(FOUR, [0, 1, 2], EQUAL)
    other = step(FOUR, [0, 1, 2], EQUAL, height=44)
    refused = "UNTRUSTED_HEADER"
    for description, offered in (
        ("another chain", step(FOUR, [0, 1, 2], EQUAL, chain_id=OTHER_CHAIN_ID)),
        ("a certificate of another block", Step(good.header, other.certificate, EQUAL)),
        ("a set that is not the header's", Step(good.header, good.certificate, UNEQUAL)),
        ("an older height", step(FOUR, [0, 1, 2], EQUAL, height=41)),
        ("a time that stands still", step(FOUR, [0, 1, 2], EQUAL, time_ms=START.time_ms)),
    ):
        yield _check(description, offered, refused)
    late_ms = START.time_ms + PERIOD_MS + 1
    yield _check("a millisecond after the trusting period", good, refused, now_ms=late_ms)
    yield _check("too few signers", step(FOUR, [0, 1], EQUAL), "INVALID_CERTIFICATE")


def _successions() -> Iterator[Case]:
    """Skipping over set changes needs more than a third of the trusted weight."""
    shifted, renewed = set_of(SHIFTED, [1] * 4), set_of(RENEWED, [1] * 4)
    yield _check("skipping: two thirds of the trusted weight stayed and signed",
                 step(SHIFTED, range(4), shifted, height=60))  # fmt: skip
    yield _check("skipping: a quarter stayed", step(RENEWED, range(4), renewed, height=60),
                 "UNTRUSTED_HEADER")  # fmt: skip
    yield _check("the next height needs the very set that the trusted header names",
                 step(SHIFTED, range(4), shifted), "UNTRUSTED_HEADER")  # fmt: skip
    own = SHIFTED.index(_stranger())
    yield _check("skipping: the stayed signed, but no quorum of the new set",
                 step(SHIFTED, {0, 1, 2, 3} - {own, (own + 1) % 4}, shifted, height=60),
                 "INVALID_CERTIFICATE")  # fmt: skip
    three = set_of(FOUR[:3], [1] * 3)
    third = [FOUR[0], *keys_of("hall", "iris")]
    third.sort(key=lambda key: key.public)
    exactly = set_of(third, [1] * 3)
    trusting = trusted_at(header_of(delegates_hash=delegates_hash(three)), three)
    yield _check("skipping: exactly one third stayed", step(third, range(3), exactly, height=60),
                 "UNTRUSTED_HEADER", trusted=trusting)  # fmt: skip


def _stranger() -> SecretKey:
    trusted = {key.public for key in FOUR}
    (stranger,) = (key for key in SHIFTED if key.public not in trusted)
    return stranger


def _conflicts() -> Iterator[Case]:
    same = step(FOUR, [0, 1, 2], EQUAL, height=42, time_ms=START.time_ms)
    yield _check("the trusted header again", same, "UNTRUSTED_HEADER")
    fork = step(FOUR, [0, 1, 2], EQUAL, height=42, time_ms=START.time_ms, round=3)
    yield _check("another block of the trusted height", fork, "CONFLICTING_HEADER")
    weak = step(FOUR, [0, 1], EQUAL, height=42, time_ms=START.time_ms, round=3)
    yield _check("another block of the trusted height without a quorum", weak,
                 "INVALID_CERTIFICATE")  # fmt: skip
    late_ms = START.time_ms + PERIOD_MS + 1
    yield _check("old keys cannot conflict after the trusting period", fork, "UNTRUSTED_HEADER",
                 now_ms=late_ms)  # fmt: skip


def _check(
    description: str,
    offered: Step,
    error: str | None = None,
    *,
    trusted: TrustedHeader | None = None,
    now_ms: int = NOW_MS,
) -> Case:
    form = {
        "trusted": to_json(trusted or trusted_at()),
        "header": to_json(offered.header),
        "certificate": to_json(offered.certificate),
        "delegates": to_json(offered.delegates),
        "now_ms": str(now_ms),
    }
    return Case(description, "advance", form, error)
