"""Speed of the state tree: leaf updates per second at growing sizes, nodes in memory.

python -m tools.bench.state_tree --leaves 1000000 --batch 1000 10000
"""

import argparse
import random
import statistics
import time
import tracemalloc

from chain_engine.state.tree import DictTreeStore, build_state_proof, tree_root, update_tree

SEED = 20_260_101
LOAD_BATCH = 50_000


def key_of(index: int) -> bytes:
    """Key of one benchmark entry: as long as an account's balance key."""
    return b"b" + index.to_bytes(20, "big") + b"ACC"


def load(leaves: int) -> DictTreeStore:
    """Tree with this many leaves."""
    store = DictTreeStore()
    for start in range(0, leaves, LOAD_BATCH):
        stop = min(leaves, start + LOAD_BATCH)
        store.apply(update_tree(store, {key_of(i): b"\0" * 9 for i in range(start, stop)}))
    return store


def rate(store: DictTreeStore, leaves: int, batch: int, runs: int) -> list[float]:
    """Leaf updates per second of every run: random existing leaves get new values."""
    source = random.Random(SEED)
    rates = []
    for run in range(runs):
        writes = {
            key_of(i): (run + 1).to_bytes(9, "big") for i in source.sample(range(leaves), batch)
        }
        started = time.perf_counter()
        update = update_tree(store, writes)
        rates.append(batch / (time.perf_counter() - started))
        store.apply(update)
    return rates


def main() -> None:
    """Load, then measure every batch size."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--leaves", type=int, default=100_000)
    arguments.add_argument("--batch", type=int, nargs="+", default=[1_000, 10_000])
    arguments.add_argument("--runs", type=int, default=7)
    arguments.add_argument("--memory", action="store_true", help="measure memory too (slow)")
    options = arguments.parse_args()
    if options.memory:
        tracemalloc.start()
    started = time.perf_counter()
    store = load(options.leaves)
    took = time.perf_counter() - started
    print(f"loaded {options.leaves} leaves in {took:.1f} s ({options.leaves / took:,.0f}/s)")
    if options.memory:
        print(f"nodes {len(store.nodes):,}, {tracemalloc.get_traced_memory()[0] / 2**20:.0f} MiB")
    node_bytes = sum(len(node) for node in store.nodes.values())
    print(f"nodes {len(store.nodes):,}, {node_bytes / options.leaves:.0f} bytes per leaf")
    for batch in options.batch:
        rates = rate(store, options.leaves, batch, options.runs)
        print(
            f"batch {batch:>6}: median {statistics.median(rates):>10,.0f} updates/s,"
            f" {min(rates):,.0f} to {max(rates):,.0f}"
        )
    proof = build_state_proof(store, key_of(0))
    hashes = sum(len(level.siblings) for level in proof.levels)
    print(f"proof: {len(proof.levels)} levels, {hashes} hashes; root {tree_root(store).hex()[:16]}")


if __name__ == "__main__":
    main()
