"""`acc devnet`: a network of node processes on this machine."""

import asyncio
import signal
from pathlib import Path
from typing import Annotated, Any

import typer

from acc.cli.group import Group
from acc.cli.output import Output
from acc.devnet import Devnet, remove_devnet
from acc.devnet.process import NodeProcess
from acc.devnet_file import DEVNET_FILE

group = Group("Run a network on this machine.")

DEFAULT_HOME = Path("devnet")

HomeOption = Annotated[Path, typer.Option(help="Folder of the network.")]
NodesOption = Annotated[int, typer.Option(min=1, max=16, help="Delegates, one process each.")]
PortOption = Annotated[
    int, typer.Option(min=1, max=65535, help="First port; if taken, the next free one is used.")
]
IntervalOption = Annotated[
    int, typer.Option("--interval-ms", min=50, max=60_000, help="Least time between two blocks.")
]
FreshOption = Annotated[
    bool, typer.Option("--fresh", help="Delete what the folder holds and begin anew.")
]
UnsafeOption = Annotated[
    bool,
    typer.Option("--unsafe-dev", help="Run DApps even where the kernel cannot isolate them."),
]


@group.command()
async def devnet(
    output: Output,
    *,
    nodes: NodesOption = 4,
    port: PortOption = 8080,
    home: HomeOption = DEFAULT_HOME,
    interval_ms: IntervalOption = 500,
    fresh: FreshOption = False,
    unsafe_dev: UnsafeOption = False,
) -> None:
    r"""Start a network on this machine: fresh keys, funded accounts, one process per node.

    A folder that holds a network already is continued from its last block, with its own number
    of nodes and interval. Ctrl-C stops all nodes. A node that ends is not started again.

    \b
    Examples:
      acc devnet
      acc devnet --nodes 7 --home /tmp/seven --fresh
      acc tx transfer --from alice --to bob --amount 12.5 --wait
    """
    if fresh:
        remove_devnet(home)
    net = open_or_create(
        output, home, nodes=nodes, port=port, interval_ms=interval_ms, unsafe_dev=unsafe_dev
    )
    await run_until_stopped(net, output)


def open_or_create(output: Output, home: Path, **options: Any) -> Devnet:
    """Continue the network of a folder, or make one; say which.

    Raises:
        ChainError: as `Devnet.open` and `Devnet.create`.
    """
    if (home / DEVNET_FILE).exists():
        output.note(f"Continuing the network in {home}; --fresh begins anew.")
        return Devnet.open(home)
    net = Devnet.create(home, **options)
    wanted = f"http://127.0.0.1:{options['port']}"
    if net.url != wanted:
        output.note(f"Port {options['port']} is taken; the first node is at {net.url}.")
    return net


async def run_until_stopped(net: Devnet, output: Output) -> None:
    """Run a network until Ctrl-C or SIGTERM; tell when a node ends by itself."""
    stopped = watch_signals()
    starting = asyncio.ensure_future(net.start())
    waiting = asyncio.ensure_future(stopped.wait())
    try:
        await asyncio.wait({starting, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            output.result(describe(net), describe_text(net))
            await stay(net, stopped, output)
    finally:
        starting.cancel()
        waiting.cancel()
        await asyncio.gather(starting, waiting, return_exceptions=True)
        await net.stop()
    output.note("All nodes have stopped.")


def watch_signals() -> asyncio.Event:
    """An event that SIGINT and SIGTERM set from now on."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(sig, stopped.set)
    return stopped


async def stay(net: Devnet, stopped: asyncio.Event, output: Output) -> None:
    """Wait for `stopped`, or until no node is left; tell each node's end."""
    async with asyncio.TaskGroup() as group:
        stop = group.create_task(stopped.wait())
        ends = {group.create_task(_wait(node, output)) for node in net.nodes}
        while ends and not stop.done():
            done, _ = await asyncio.wait({stop, *ends}, return_when=asyncio.FIRST_COMPLETED)
            ends -= done
        for task in (stop, *ends):
            task.cancel()


async def _wait(node: NodeProcess, output: Output) -> None:
    code = await node.wait()
    output.note(f"{node.name} ended with code {code}; its log is {node.log}.")


def describe(net: Devnet) -> dict[str, Any]:
    """What `--json` prints when all nodes are ready."""
    return {
        "ok": True,
        "home": str(net.home),
        "nodes": [{"name": n.name, "url": n.url, "pid": n.pid} for n in net.nodes],
        "accounts": {name: account.address for name, account in net.accounts.items()},
    }


def describe_text(net: Devnet) -> str:
    """What people read when all nodes are ready."""
    accounts = [f"  {a.name:<10} {a.address}" for a in net.accounts.values()]
    nodes = [f"  {node.name:<10} {node.url}" for node in net.nodes]
    return "\n".join(
        [
            f"{len(net.nodes)} nodes are running. Status page: {net.url}",
            *nodes,
            f"Funded accounts (keys in {net.home / net.file.wallet}):",
            *accounts,
            "Ctrl-C stops all.",
        ]
    )
