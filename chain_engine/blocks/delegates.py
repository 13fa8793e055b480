"""Delegate sets, weights and the one quorum rule (docs/spec/03-blocks.md section 3)."""

import itertools
from collections.abc import Iterable
from functools import lru_cache

from chain_engine.codec.canonical import Struct, encode
from chain_engine.crypto.hashing import tagged_hash
from chain_engine.crypto.keys import verify_key
from chain_engine.primitives.errors import ChainError
from chain_engine.primitives.limits import DELEGATES_MAX, WEIGHT_MAX


class InvalidDelegates(ChainError):
    """A delegate set breaks a rule."""

    code = "INVALID_DELEGATES"
    title = "The delegate set is not valid."
    fix = "1 to 128 distinct keys in ascending order, each with a weight from 1 to 2^53."


class Delegate(Struct, frozen=True):
    """One member of a delegate set."""

    key: bytes
    """Tagged public key (33 bytes) that signs proposals and votes."""

    weight: int
    """Voting weight, 1 to 2^53."""


class DelegateSet(Struct, frozen=True):
    """Everybody who votes at one height, in ascending key order: an index names a member."""

    members: tuple[Delegate, ...]
    """Ascending by key, distinct."""

    @property
    def total_weight(self) -> int:
        """Sum of all weights."""
        return sum(member.weight for member in self.members)

    def weight_of(self, indexes: Iterable[int]) -> int:
        """Sum of the weights of *distinct* members: an index given twice counts once."""
        return sum(self.members[index].weight for index in set(indexes))

    def find_index(self, key: bytes) -> int | None:
        """Position of a key in the set, or None when it is no member."""
        return _positions(self).get(key)


@lru_cache(maxsize=64)
def _positions(delegates: DelegateSet) -> dict[bytes, int]:
    return {member.key: index for index, member in enumerate(delegates.members)}


def has_quorum(weight: int, total: int) -> bool:
    """Whether `weight` of `total` decides: more than two thirds. The only place that says so."""
    return 3 * weight > 2 * total


def has_honest_member(weight: int, total: int) -> bool:
    """Whether `weight` of `total` must hold an honest delegate: more than one third."""
    return 3 * weight > total


def verify_delegates(delegates: DelegateSet) -> None:
    """Check number, order, keys and weights.

    Raises:
        InvalidDelegates: a rule is broken.
        InvalidKey: a key is not on its curve.
    """
    members = delegates.members
    if not 1 <= len(members) <= DELEGATES_MAX:
        raise InvalidDelegates(members=len(members))
    if any(a.key >= b.key for a, b in itertools.pairwise(members)):
        raise InvalidDelegates(reason="keys must be distinct and ascending")
    for member in members:
        verify_key(member.key)
        if not 1 <= member.weight <= WEIGHT_MAX:
            raise InvalidDelegates(weight=member.weight)


@lru_cache(maxsize=64)
def delegates_hash(delegates: DelegateSet) -> bytes:
    """Return the 32-byte hash that headers carry."""
    return tagged_hash("acc/delegates", encode(delegates))


def forging_order(delegates: DelegateSet, epoch_seed: bytes) -> tuple[int, ...]:
    """Return the epoch's order of forgers: member indexes shuffled by the seed.

    Each member is placed by the hash of the seed and its key, so the order needs no random
    source and is the same everywhere.
    """
    return _order(delegates, epoch_seed)


@lru_cache(maxsize=64)
def _order(delegates: DelegateSet, epoch_seed: bytes) -> tuple[int, ...]:
    draws = [
        (tagged_hash("acc/order", epoch_seed, member.key), index)
        for index, member in enumerate(delegates.members)
    ]
    return tuple(index for _, index in sorted(draws))
