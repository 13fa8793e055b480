"""`acc node`: one node process."""

from pathlib import Path
from typing import Annotated

import typer
import uvloop

from acc.cli.group import Group
from acc.cli.output import ExitCode, Output, end
from acc.logs import configure_logs
from acc.settings import load_settings
from chain_engine.node.parent import end_with_parent

group = Group("Run a node.")


@group.command()
def run(
    output: Output,
    home: Annotated[Path, typer.Option(help="Folder with node.toml; everything is kept there.")],
    parent: Annotated[
        int | None, typer.Option("--end-with-parent", metavar="PID", hidden=True)
    ] = None,
) -> None:
    r"""Run a node until it is stopped (Ctrl-C or SIGTERM).

    Settings are read from HOME/node.toml, then from ACC_ environment variables.

    \b
    Examples:
      acc node run --home /var/lib/acc
      ACC_LOG_LEVEL=debug acc node run --home ./devnet/node-1
    """
    if parent is not None:
        end_with_parent(parent)
    settings = load_settings(home)
    configure_logs(settings.log_level, settings.log_format)
    # only a node needs all of the engine: other commands start faster without
    from acc.node import run_node  # noqa: PLC0415

    output.note(f"Node {settings.name or settings.key_file} starts; stop it with Ctrl-C.")
    code = uvloop.run(run_node(settings))
    end(ExitCode.DONE if code == 0 else ExitCode.REFUSED)
