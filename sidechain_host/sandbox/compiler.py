"""Checks and instruments a package's contract source, in a sandbox process of its own."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final

from chain_engine.primitives.errors import ChainError
from sidechain_host.sandbox.settings import COMPILER_LIMITS
from sidechain_host.sandbox.supervisor import spawn
from sidechain_host.sandbox.version import sandbox_version

COMPILE_DEADLINE_MS: Final = 120_000
"""Longest time for one package; the largest allowed one takes some 20 seconds."""


@dataclass(frozen=True)
class SourceError:
    """One reason why a package is refused."""

    file: str
    """Path inside the package."""

    line: int
    """1-based line."""

    column: int
    """1-based column."""

    reason: str
    """What is wrong, in a plain sentence."""

    fix: str
    """What to write instead."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.reason} ({self.fix})"


class ContractRefused(ChainError):
    """The source holds what a contract may not. Values: errors, a list of all of them."""

    code = "CONTRACT_REFUSED"
    title = "The contract's source is not allowed."
    fix = "Correct every place in the list; each says what to write instead."
    status = 422

    def __init__(self, errors: tuple[SourceError, ...]) -> None:
        self.errors = errors
        super().__init__(errors=[asdict(error) for error in errors])

    @property
    def detail(self) -> str:
        """One line per error; made of the values alone, which is what a client has."""
        listed = self.values.get("errors")
        return "\n".join([self.title, *map(_line_of, listed if isinstance(listed, list) else ())])


def _line_of(error: object) -> str:
    try:
        return str(SourceError(**error)) if isinstance(error, dict) else str(error)
    except TypeError:  # a node of another version names other fields
        return str(error)


@dataclass(frozen=True)
class CompiledPackage:
    """A package's code as the runner loads it."""

    factory: str
    """JavaScript expression: a function from the run-time's helpers to a fresh instance."""

    files: tuple[str, ...]
    """Paths of the modules, sorted; the keys of the instance's `modules`."""

    lines: tuple[tuple[int, int] | None, ...]
    """For each line of `factory`: index into `files` and 1-based source line, None for ours."""

    sandbox_digest: str
    """`sandbox_version()["digest"]` of the installation that compiled it, hex."""

    def find_origin(self, line: int) -> tuple[str, int] | None:
        """File and line from which line `line` (1-based) of the factory was made."""
        for origin in reversed(self.lines[: max(line, 0)]):
            if origin is not None:
                return self.files[origin[0]], origin[1]
        return None


async def compile_package(files: Mapping[str, str], *, unsafe_dev: bool = False) -> CompiledPackage:
    """Check and instrument the modules of a package, path -> source.

    Same files, same sandbox version: same bytes.

    Raises:
        ContractRefused: with all errors of all files.
        SandboxError: the compiler process failed (a fault of this node, not of the package).
    """
    compiler = await spawn("compiler", limits=COMPILER_LIMITS, unsafe_dev=unsafe_dev)
    try:
        request = json.dumps({"files": dict(files)}).encode()
        answer = json.loads(await compiler.call(request, deadline_ms=COMPILE_DEADLINE_MS))
    finally:
        await compiler.close()
    if "errors" in answer:
        raise ContractRefused(tuple(SourceError(**error) for error in answer["errors"]))
    return CompiledPackage(
        factory=answer["factory"],
        files=tuple(answer["files"]),
        lines=tuple(tuple(origin) if origin else None for origin in answer["lines"]),
        sandbox_digest=str(sandbox_version()["digest"]),
    )
