"""What a command prints: results on stdout, notes and errors on stderr, one exit code each."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import typer

from chain_engine.primitives.errors import ChainError


class ExitCode(IntEnum):
    """How a command ended; part of the interface."""

    DONE = 0
    """It did what it says."""
    REFUSED = 1
    """The chain or the command refused; code, sentence and fix are printed."""
    USAGE = 2
    """The command line is wrong."""
    LOCAL = 3
    """A file of this machine is missing or wrong: settings, key, password, folder, port."""
    UNREACHABLE = 4
    """The node does not answer."""
    TIMEOUT = 5
    """It was sent, but is not committed in the given time; it may be still."""
    INTERRUPTED = 130
    """Ctrl-C."""


EXIT_CODES = (
    "Exit codes: 0 done; 1 refused, with code and fix; 2 wrong command line; 3 wrong or missing "
    "local file; 4 node unreachable; 5 not committed in time; 130 interrupted."
)

_LOCAL_CODES = frozenset(
    {
        "INVALID_SETTINGS", "INVALID_GENESIS", "KEYSTORE_EXISTS", "KEYSTORE_NOT_FOUND",
        "KEYSTORE_DAMAGED", "KEYSTORE_TOO_WEAK", "WRONG_PASSWORD", "PASSWORD_MISSING",
        "PASSWORD_TOO_SHORT", "PASSWORDS_DIFFER", "INVALID_KEY_NAME", "NO_FREE_PORT",
        "FOLDER_IN_USE", "DEVNET_EXISTS", "DEVNET_NOT_FOUND",
    }
)  # fmt: skip

_CODES = {
    "NODE_UNREACHABLE": ExitCode.UNREACHABLE,
    "NODE_NOT_READY": ExitCode.UNREACHABLE,
    "NODE_DIED": ExitCode.UNREACHABLE,
    "DEADLINE_EXCEEDED": ExitCode.TIMEOUT,
}


def exit_code_of(error: ChainError) -> ExitCode:
    """The exit code an error ends a command with."""
    if error.code in _LOCAL_CODES:
        return ExitCode.LOCAL
    return _CODES.get(error.code, ExitCode.REFUSED)


@dataclass
class Output:
    """Where and how one run of the command prints."""

    as_json: bool = False
    """Whether results and errors are JSON, one object on stdout."""

    def result(self, data: Any, text: str) -> None:
        """Print a result: `data` for machines, `text` for people."""
        typer.echo(json.dumps(data, ensure_ascii=False) if self.as_json else text)

    def note(self, text: str) -> None:
        """Say something on the way; never part of the result."""
        typer.echo(text, err=True)

    def fail(self, error: ChainError) -> ExitCode:
        """Print an error and return the exit code to end with."""
        if self.as_json:
            typer.echo(json.dumps(error_object(error), ensure_ascii=False, default=str))
        else:
            typer.echo(error_text(error), err=True)
        return exit_code_of(error)


def error_object(error: ChainError) -> dict[str, Any]:
    """An error as JSON says it."""
    return {
        "ok": False,
        "code": error.code,
        "title": error.title,
        "values": error.values,
        "fix": error.fix,
    }


def error_text(error: ChainError) -> str:
    """An error for people: code and sentence, each value, what to do."""
    lines = [f"{error.code}: {error.title}"]
    for name, value in error.values.items():
        lines += _value_lines(name, value)
    return "\n".join([*lines, f"  fix: {error.fix}"])


def _value_lines(name: str, value: object) -> list[str]:
    if not isinstance(value, list | tuple):
        text = str(value).replace("\n", "\n    ")
        return [f"  {name}: {text}"]
    return [f"  {name}:", *(f"    - {_problem_text(item)}" for item in value)]


def _problem_text(item: object) -> str:
    if isinstance(item, dict) and item.keys() == {"path", "problem"}:
        return f"{item['path']}: {item['problem']}"
    return str(item)


def table(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """Aligned columns; nothing is cut, since an id is only good whole."""
    cells = [list(columns), *([str(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in cells
    )
    return "\n".join(line.rstrip() for line in lines)


def fields(values: Mapping[str, object]) -> str:
    """One name and value per line."""
    width = max(map(len, values), default=0) + 1
    return "\n".join(f"{name + ':':<{width}}  {value}" for name, value in values.items())


def end(code: ExitCode) -> None:
    """End the process with a code, output flushed."""
    sys.stdout.flush()
    sys.stderr.flush()
    raise SystemExit(int(code))
