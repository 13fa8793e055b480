"""Broken variants of the core that the checks must catch: one rule replaced, here only."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from chain_engine.consensus import locking

NO_FSYNC = "no_fsync"
"""The one mutant of the shell: writes are not forced to the disk."""


def _always(*_: Any) -> bool:
    return True


def _never(*_: Any) -> bool:
    return False


def _nothing(*_: Any) -> None:
    return None


MUTANTS: dict[str, dict[str, Callable[..., Any]]] = {
    "no_lock": {"may_first_vote": _always},
    "unlock_on_nil": {"lock_after_nil_quorum": _nothing},
    "duplicate_signers": {"is_repeated": _never, "is_counted": _never},
    NO_FSYNC: {},
}
"""Name -> functions of `chain_engine.consensus.locking` that it replaces."""


@contextmanager
def mutate(name: str | None) -> Iterator[None]:
    """Run with a mutant in place of the real rules."""
    replaced = MUTANTS[name] if name else {}
    originals = {function: getattr(locking, function) for function in replaced}
    try:
        for function, mutant in replaced.items():
            setattr(locking, function, mutant)
        yield
    finally:
        for function, original in originals.items():
            setattr(locking, function, original)
