"""`acc demo`: a fresh network, and the tour through it with real transactions."""

import asyncio
import json
import shutil
import tempfile
import traceback
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from acc.cli.devnet import (
    DEFAULT_HOME,
    HomeOption,
    NodesOption,
    PortOption,
    UnsafeOption,
    open_or_create,
    stay,
    watch_signals,
)
from acc.cli.group import Group
from acc.cli.output import ExitCode, Output, end
from acc.devnet import Devnet, remove_devnet
from chain_engine.primitives.errors import ChainError

group = Group("Show the chain at work.")


OnceOption = Annotated[
    bool, typer.Option("--once", help="End after the tour; the last line is one JSON object.")
]


class Interrupted(Exception):
    """The user has asked to stop."""


@group.command()
async def demo(
    output: Output,
    *,
    once: OnceOption = False,
    nodes: NodesOption = 4,
    port: PortOption = 8080,
    home: HomeOption = DEFAULT_HOME,
    unsafe_dev: UnsafeOption = False,
) -> None:
    r"""Start a fresh network with the ECC DApp, walk the tour, and leave it running.

    Each step of the tour is a committed transaction, printed with its height and id. With --once
    the network lives in a temporary folder and ends after the tour.

    \b
    Examples:
      acc demo
      acc demo --once --port 9000
    """
    # the tour needs all of the engine: `acc --help` does not
    from acc.tour import run_tour  # noqa: PLC0415

    stopped = watch_signals()
    options = {"nodes": nodes, "port": port, "unsafe_dev": unsafe_dev}
    try:
        async with _network(output, home, options, once=once) as net:
            await _until(stopped, net.start())
            output.note(f"{nodes} nodes are running. Status page: {net.url}")
            result = await _until(stopped, _while_all_run(net, run_tour(net, typer.echo)))
            typer.echo(json.dumps(result))
            if not once:
                output.note(f"The network stays up at {net.url}; its keys are in {home}.")
                output.note("Ctrl-C stops all.")
                await stay(net, stopped, output)
    except Interrupted:
        end(ExitCode.INTERRUPTED)
    except ChainError as error:
        step = error.values.get("step", "nodes")
        _fail(step, error.code, error.fix, error)
    except Exception as error:  # noqa: BLE001 - whatever happens, the last line says so
        _fail("tour", "INTERNAL", "This is a bug: report it with the lines above.", error)


@asynccontextmanager
async def _network(
    output: Output, home: Path, options: dict[str, Any], *, once: bool
) -> AsyncIterator[Devnet]:
    """A fresh network that is stopped at the end; with `once` nothing of it remains."""
    if not once:
        remove_devnet(home)
    folder = Path(tempfile.mkdtemp(prefix="acc-")) if once else home
    net = open_or_create(output, folder, **options)
    is_kept = not once
    try:
        yield net
    except Interrupted:
        raise
    except Exception:
        is_kept = True
        output.note(f"The nodes' logs are in {folder}/node-*/node.log.")
        raise
    finally:
        await net.stop()
        if not is_kept:
            shutil.rmtree(folder)


async def _while_all_run(net: Devnet, work: Coroutine[Any, Any, Any]) -> Any:
    """Await `work`; a node that ends meanwhile ends it too.

    Raises:
        NodeDied: a node ended; its last log lines are given.
    """
    task = asyncio.ensure_future(work)
    watch = asyncio.ensure_future(net.wait_for_end())
    try:
        await asyncio.wait({task, watch}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise watch.result().died()
        return task.result()
    finally:
        task.cancel()
        watch.cancel()
        await asyncio.gather(task, watch, return_exceptions=True)


async def _until(stopped: asyncio.Event, work: Any) -> Any:
    """Await `work`, or raise `Interrupted` when the user stops first."""
    task = asyncio.ensure_future(work)
    stop = asyncio.ensure_future(stopped.wait())
    try:
        await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise Interrupted
        return task.result()
    finally:
        task.cancel()
        stop.cancel()
        await asyncio.gather(task, stop, return_exceptions=True)


def _fail(step: object, code: str, fix: str, error: BaseException) -> None:
    for line in traceback.format_exception(error):
        typer.echo(line, err=True, nl=False)
    typer.echo(json.dumps({"ok": False, "step": str(step), "code": code, "fix": fix}))
    end(ExitCode.REFUSED)
