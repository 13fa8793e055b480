"""How every command is made: it gets an `Output`, has `--json`, and may be a coroutine.

A command that talks to a node also gets an `Access`; the options it is made of are added here.
"""

import asyncio
import inspect
from collections.abc import Callable, Coroutine, Mapping
from typing import Annotated, Any

import typer

from acc.cli.access import resolve_access
from acc.cli.options import (
    DevnetOption,
    NodeOption,
    PasswordEnvOption,
    PasswordFileOption,
    WalletOption,
)
from acc.cli.output import Output

JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON object, also for an error.")
]

READS = {"node": NodeOption, "devnet": DevnetOption, "wallet": WalletOption}
"""Options of a command that reads; names of keys stand for their addresses."""

SIGNS = READS | {"password_file": PasswordFileOption, "password_variable": PasswordEnvOption}
"""Options of a command that signs."""


class Group:
    """A group of commands."""

    def __init__(self, description: str, *, epilog: str | None = None) -> None:
        """Make an empty group."""
        self.app = typer.Typer(
            help=description,
            epilog=epilog,
            no_args_is_help=True,
            rich_markup_mode=None,
            pretty_exceptions_enable=False,
            add_completion=False,
        )

    def add(self, name: str | None, group: "Group") -> None:
        """Add another group under a name; without one, its commands stand beside ours."""
        self.app.add_typer(group.app, name=name)

    def run(self, words: list[str], output: Output) -> None:
        """Run one command line; ends the process, or raises what a command raises."""
        self.app(words, obj=output, prog_name="acc")

    def command(
        self, name: str | None = None, *, access: Mapping[str, Any] | None = None
    ) -> Callable[[Callable[..., Any]], None]:
        """Add the decorated function as a command.

        Its first parameter is the `Output`; with `access` (`READS` or `SIGNS`) the second is the
        `Access`. The others are the command's own options.
        """

        def add(function: Callable[..., Any]) -> None:
            self.app.command(name or function.__name__)(_complete(function, access))

        return add


def _complete(
    function: Callable[..., Any], access: Mapping[str, Any] | None
) -> Callable[..., None]:
    given = 1 if access is None else 2
    own = list(inspect.signature(function).parameters.values())[given:]

    def run(context: typer.Context, *, as_json: bool, **options: Any) -> None:
        output: Output = context.find_root().obj
        output.as_json = as_json
        leading: list[Any] = [output]
        if access is not None:
            leading.append(resolve_access(**{name: options.pop(name) for name in access}))
        result = function(*leading, **options)
        if inspect.iscoroutine(result):
            asyncio.run(_finish(result))

    # typer reads a command's options from its signature: ours is the function's own, then those
    # of the access, then `--json`
    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [
        inspect.Parameter("context", keyword, annotation=typer.Context),
        *(parameter.replace(kind=keyword) for parameter in own),
        *(
            inspect.Parameter(name, keyword, default=None, annotation=option)
            for name, option in (access or {}).items()
        ),
        inspect.Parameter("as_json", keyword, default=False, annotation=JsonOption),
    ]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    # the mark in a docstring keeps the lines of the examples as they are
    run.__doc__ = (function.__doc__ or "").replace("\\b\n", "\b\n")
    return run


async def _finish(work: Coroutine[Any, Any, None]) -> None:
    await work
