"""Transfers per second, signed bytes in over HTTP to committed on every node.

    python -m tools.bench.throughput --nodes 1 --transfers 30000 --body 100

Prints one JSON object with R1 and R2 of the same run beside the result.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from acc.devnet import Devnet
from chain_engine.http.client import ChainClient
from tools.bench.rates import verify_rates
from tools.bench.workload import NONCE_WINDOW, fund, make_senders, sign_transfers


async def submit_all(
    urls: Sequence[str],
    raws: list[bytes],
    body: int,
    connections: int,
    *,
    chain: str | None = None,
) -> int:
    """Post everything over several connections; returns how many were accepted."""
    bodies = [raws[i : i + body] for i in range(0, len(raws), body)]
    queue = iter(bodies)
    accepted = 0

    async def poster(url: str) -> None:
        nonlocal accepted
        async with ChainClient(url, chain=chain, timeout_s=120) as client:
            for part in queue:
                outcomes = await client.submit_many(part)
                accepted += sum(outcome.error is None for outcome in outcomes)

    await asyncio.gather(*(poster(urls[n % len(urls)]) for n in range(connections)))
    return accepted


async def wait_included(client: ChainClient, above: int, count: int) -> dict[str, Any]:
    """Follow blocks above a height until they hold `count` transactions."""
    seen, height, sizes = 0, above, []
    while seen < count:
        status = await client.status()
        while height < status["height"]:
            height += 1
            size = (await client.block(height))["transaction_count"]
            seen += size
            sizes.append(size)
        await asyncio.sleep(0.05)
    return {"height": height, "block_sizes": sizes}


async def measure(nodes: int, transfers: int, body: int, connections: int, interval_ms: int) -> Any:
    """Run one measurement on a fresh devnet."""
    senders = make_senders(-(-transfers // NONCE_WINDOW))
    with tempfile.TemporaryDirectory() as folder:
        net = Devnet.create(
            Path(folder) / "net", nodes=nodes, interval_ms=interval_ms, idle_interval_ms=5_000,
            log_level="warning",
        )  # fmt: skip
        async with net, ChainClient(net.url, timeout_s=120) as client:
            status = await client.status()
            chain_id = bytes.fromhex(status["chain_id"])
            await fund(net, client, chain_id, senders)
            raws = sign_transfers(chain_id, senders, 0, NONCE_WINDOW)
            before = (await client.status())["height"]
            start = time.perf_counter()
            following = asyncio.create_task(wait_included(client, before, len(raws)))
            accepted = await submit_all(net.urls[:1], raws, body, connections)
            submitted_s = time.perf_counter() - start
            assert accepted == len(raws), f"accepted {accepted} of {len(raws)}"
            result = await following
            took_s = time.perf_counter() - start
    return {
        "nodes": nodes,
        "transfers": len(raws),
        "body": body,
        "connections": connections,
        "submitted_per_s": round(len(raws) / submitted_s),
        "committed_per_s": round(len(raws) / took_s),
        "block_sizes": result["block_sizes"],
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=1)
    parser.add_argument("--transfers", type=int, default=30_000)
    parser.add_argument("--body", type=int, default=100)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--interval-ms", type=int, default=500)
    options = parser.parse_args()
    rates = verify_rates()
    result = asyncio.run(
        measure(
            options.nodes, options.transfers, options.body, options.connections,
            options.interval_ms,
        )
    )  # fmt: skip
    rate = result["committed_per_s"]
    result |= {name: round(value) for name, value in rates.items()}
    result["share_of_R1"] = round(rate / rates["R1"], 3)
    result["share_of_R2_per_node"] = round(rate / (rates["R2"] / options.nodes), 3)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
