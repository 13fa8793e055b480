"""Time of committing full blocks: state tree, SQLite, receipts, indexes; everything but execution.

python -m tools.bench.store_commit --accounts 1000000 --transfers 5000 --blocks 12
"""

import argparse
import random
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from chain_engine.storage import ChainStore
from tools.bench.store_chain import StoreChain

SEED = 20_260_101


def main() -> None:
    """Fill a store, then commit blocks of transfers between random accounts."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--accounts", type=int, default=10_000)
    arguments.add_argument("--transfers", type=int, default=5_000)
    arguments.add_argument("--blocks", type=int, default=12)
    arguments.add_argument("--folder", type=Path, default=None)
    options = arguments.parse_args()
    folder = Path(tempfile.mkdtemp(dir=options.folder))
    try:
        with ChainStore.open(folder / "chain.db") as store:
            measure(store, options.accounts, options.transfers, options.blocks)
        size = sum(file.stat().st_size for file in folder.iterdir())
        print(f"files {size / 2**20:.0f} MiB")
    finally:
        shutil.rmtree(folder)


def measure(store: ChainStore, accounts: int, transfers: int, blocks: int) -> None:
    """Print the time of every part, median and worst over the blocks."""
    started = time.perf_counter()
    chain = StoreChain(store, accounts)
    print(f"genesis with {accounts:,} accounts in {time.perf_counter() - started:.1f} s")
    source = random.Random(SEED)
    parts: dict[str, list[float]] = {"tree": [], "commit": [], "total": [], "cpu": []}
    for _ in range(blocks):
        block = chain.transfers(source, transfers)
        begun = time.perf_counter()
        cpu = time.process_time()
        tree = store.update_tree(block.changes.writes)
        hashed = time.perf_counter()
        certified = chain.certify(block, tree)
        signed = time.perf_counter()
        store.commit(certified, block.transactions, block.changes, tree)
        done = time.perf_counter()
        parts["tree"].append(hashed - begun)
        parts["commit"].append(done - signed)
        parts["total"].append(hashed - begun + done - signed)
        parts["cpu"].append(time.process_time() - cpu)
    rows = len(block.changes.writes)
    print(f"{transfers} transfers, {rows} state rows a block, {blocks} blocks")
    for name, seconds in parts.items():
        print(
            f"  {name:<7} median {1000 * statistics.median(seconds):6.0f} ms,"
            f" worst {1000 * max(seconds):6.0f} ms"
        )


if __name__ == "__main__":
    main()
