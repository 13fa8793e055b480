"""The `acc` command: its groups, and one way out for every error."""

import sys
from importlib import import_module

from acc.cli.group import Group
from acc.cli.output import EXIT_CODES, ExitCode, Output, end
from chain_engine.primitives.errors import ChainError

GROUPS = ("dapp", "node", "query", "tx", "wallet")
"""Each is a module of this package with a `group`."""

COMMANDS = ("demo", "devnet")
"""Each is a module of this package with a `group` of one command of that name."""


def build_root(first: str | None = None) -> Group:
    """Build the whole command, or only the part that `first` names: the rest costs start-up."""
    root = Group("The ACC chain: nodes, networks, keys, transactions.", epilog=EXIT_CODES)
    known = (*COMMANDS, *GROUPS)
    for name in (first,) if first in known else known:
        group: Group = import_module(f"acc.cli.{name}").group
        root.add(None if name in COMMANDS else name, group)
    return root


def main(arguments: list[str] | None = None) -> None:
    """Run one command line and end the process with its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    output = Output()
    try:
        build_root(words[0] if words else None).run(words, output)
    except ChainError as error:
        end(output.fail(error))
    except ExceptionGroup as errors:
        known, others = errors.split(ChainError)
        if known is None or others is not None:
            raise
        end(output.fail(_first(known)))
    except KeyboardInterrupt:
        end(ExitCode.INTERRUPTED)


def _first(errors: ExceptionGroup[ChainError]) -> ChainError:
    first: Exception = errors
    while isinstance(first, ExceptionGroup):
        first = first.exceptions[0]
    assert isinstance(first, ChainError)
    return first
