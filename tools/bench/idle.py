"""Processor time and memory of an idle network with the ECC DApp installed.

    python -m tools.bench.idle --seconds 30

Memory is PSS: what a process keeps for itself plus its share of what it shares.
"""

import argparse
import asyncio
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from acc.deploy import deploy_dapp
from acc.devnet import Devnet
from acc.tour import DAPP
from chain_engine.http.client import ChainClient

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
MIB = 1024


def children_of(pid: int) -> list[int]:
    """Processes below a process, at any depth."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += [int(child), *children_of(int(child))]
    return found


def cpu_seconds(pid: int) -> float:
    """Processor time of one process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def pss_mib(pid: int) -> float:
    """Proportional set size of one process, MiB."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / MIB
    msg = f"no PSS for {pid}"
    raise LookupError(msg)


async def measure(nodes: int, seconds: float) -> dict[str, Any]:
    """Deploy ECC, let the network rest, and watch it."""
    with tempfile.TemporaryDirectory() as folder:
        net = Devnet.create(Path(folder) / "net", nodes=nodes, log_level="info")
        async with net, ChainClient(net.url) as main, ChainClient(net.url, chain="ecc") as ecc:
            await deploy_dapp(net, main, DAPP, net.accounts["issuer"])
            await ecc.query("escrows")
            await asyncio.sleep(5)
            pids = [node.pid for node in net.nodes if node.pid is not None]
            sandboxes = [child for pid in pids for child in children_of(pid)]
            before = sum(map(cpu_seconds, [*pids, *sandboxes]))
            heights = ((await main.status())["height"], (await ecc.status())["height"])
            start = time.monotonic()
            await asyncio.sleep(seconds)
            used = sum(map(cpu_seconds, [*pids, *sandboxes])) - before
            took = time.monotonic() - start
            after = ((await main.status())["height"], (await ecc.status())["height"])
            return {
                "nodes": nodes,
                "seconds": round(took, 1),
                "share_of_one_core": round(used / took, 4),
                "blocks": {"main": after[0] - heights[0], "ecc": after[1] - heights[1]},
                "node_pss_mib": [round(pss_mib(pid)) for pid in pids],
                "sandbox_pss_mib": [round(pss_mib(pid)) for pid in sandboxes],
            }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=30)
    options = parser.parse_args()
    print(json.dumps(asyncio.run(measure(options.nodes, options.seconds))))


if __name__ == "__main__":
    main()
