"""How every command is made: it gets an `Output`, has `--json`, and may be a coroutine."""

import asyncio
import inspect
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import typer

from acc.cli.output import Output

JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON object, also for an error.")
]


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

    def command(self, name: str | None = None) -> Callable[[Callable[..., Any]], None]:
        """Add the decorated function as a command.

        Its first parameter is the `Output`; the others are the command's options.
        """

        def add(function: Callable[..., Any]) -> None:
            self.app.command(name or function.__name__)(_with_output(function))

        return add


def _with_output(function: Callable[..., Any]) -> Callable[..., None]:
    def run(context: typer.Context, *, as_json: bool, **options: Any) -> None:
        output: Output = context.find_root().obj
        output.as_json = as_json
        result = function(output, **options)
        if inspect.iscoroutine(result):
            asyncio.run(_finish(result))

    # typer reads a command's options from the signature: ours is the function's, with the context
    # in place of the output and `--json` at the end
    _, *options = inspect.signature(function).parameters.values()
    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [
        inspect.Parameter("context", keyword, annotation=typer.Context),
        *(option.replace(kind=keyword) for option in options),
        inspect.Parameter("as_json", keyword, default=False, annotation=JsonOption),
    ]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    # the mark in a docstring keeps the lines of the examples as they are
    run.__doc__ = (function.__doc__ or "").replace("\\b\n", "\b\n")
    return run


async def _finish(work: Coroutine[Any, Any, None]) -> None:
    await work
