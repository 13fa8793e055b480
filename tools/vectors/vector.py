"""One vector: an input, and what it must give."""

from typing import Any, NamedTuple

from chain_engine.primitives.errors import ChainError
from tools.vectors.operations import OPERATIONS, Outcome


class Case(NamedTuple):
    """A question to the implementation, with the error it must answer, if any."""

    description: str
    """The sentence that the vector proves."""

    operation: str
    """A name of `OPERATIONS`."""

    input: dict[str, Any]
    """Arguments in JSON form."""

    error: str | None = None
    """Code that it must be refused with; None when it must be accepted."""


def run(operation: str, form: dict[str, Any]) -> tuple[Outcome, str | None]:
    """Return the outcome of an operation and the code it was refused with."""
    try:
        return OPERATIONS[operation](form), None
    except ChainError as e:
        return Outcome(), e.code


def vector_of(case: Case) -> dict[str, Any]:
    """Return the vector of a case; an unexpected refusal or acceptance is a bug."""
    outcome, error = run(case.operation, case.input)
    assert error == case.error, f"{case.description}: {error} instead of {case.error}"
    return {
        "description": case.description,
        "operation": case.operation,
        "input": case.input,
        "encoded": outcome.encoded,
        "hash": outcome.hash,
        "error": error,
    }
