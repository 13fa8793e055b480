"""How every command is made: `--json`, help as written, and coroutines run to their end."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

import typer
from typer.core import TyperCommand, TyperOption

from acc.cli.output import get_output


def _set_json(context: typer.Context, _option: object, value: bool) -> bool:  # noqa: FBT001
    if value:
        get_output(context).as_json = True
    return value


class Command(TyperCommand):
    """A command with `--json`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Add the option that every command has."""
        super().__init__(*args, **kwargs)
        self.params.append(
            TyperOption(
                param_decls=["--json"],
                is_flag=True,
                is_eager=True,
                expose_value=False,
                callback=_set_json,
                help="Print one JSON object, also for an error.",
            )
        )


class Group:
    """A group of commands; a command may be a coroutine."""

    def __init__(self, description: str) -> None:
        """Make an empty group."""
        self.app = typer.Typer(help=description, no_args_is_help=True, rich_markup_mode=None)

    def command(self, name: str | None = None) -> Callable[[Callable[..., Any]], None]:
        """Add the decorated function as a command."""

        def add(function: Callable[..., Any]) -> None:
            run = _awaited(function) if asyncio.iscoroutinefunction(function) else function
            self.app.command(name, cls=Command, no_args_is_help=False)(run)

        return add


def _awaited(function: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> None:
        asyncio.run(function(*args, **kwargs))

    return run
