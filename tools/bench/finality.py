"""Time from sending a transfer to its committed receipt, under light load: one at a time.

python -m tools.bench.finality --nodes 4 --count 30
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from acc.devnet import Devnet
from acc.transactions import Order, prepare_transaction
from chain_engine.http.client import ChainClient
from chain_engine.ledger.kinds.account_transfer import TransferPayload


async def measure(nodes: int, count: int, interval_ms: int) -> dict[str, Any]:
    """Send transfers one after another and time each."""
    times: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        net = Devnet.create(
            Path(folder) / "net", nodes=nodes, interval_ms=interval_ms, idle_interval_ms=5_000,
            log_level="warning",
        )  # fmt: skip
        alice, bob = net.accounts["alice"], net.accounts["bob"]
        async with net, ChainClient(net.url) as client:
            for n in range(count + 3):
                payload = TransferPayload("ACC", bob.account, n + 1, "")
                order = Order("account.transfer", payload)
                signed = await prepare_transaction(client, alice.key, order)
                start = time.perf_counter()
                outcome = await client.submit_and_wait(signed.raw)
                assert outcome.height is not None, "committed"
                times.append((time.perf_counter() - start) * 1000)
    kept = sorted(times[3:])
    return {
        "nodes": nodes,
        "interval_ms": interval_ms,
        "count": count,
        "min_ms": round(kept[0]),
        "median_ms": round(statistics.median(kept)),
        "p95_ms": round(kept[int(0.95 * (len(kept) - 1))]),
        "max_ms": round(kept[-1]),
        "max_above_interval_ms": round(kept[-1] - interval_ms),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=4)
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--interval-ms", type=int, default=500)
    options = parser.parse_args()
    print(json.dumps(asyncio.run(measure(options.nodes, options.count, options.interval_ms))))


if __name__ == "__main__":
    main()
