"""A process killed at any instant of a commit leaves the old height or the new one, complete.

Run as a program, this file forks children that commit blocks until they are killed, and looks at
what is left after each: `python test_storage_crash.py FOLDER SEED RANDOM_KILLS`.
"""

import contextlib
import json
import os
import random
import select
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

from chain_engine.blocks.block import block_id
from chain_engine.state.tree import root_of_entries
from chain_engine.storage import ChainStore
from tools.bench.store_chain import StoreChain

ACCOUNTS, TRANSFERS = 150, 60


def test_a_killed_process_leaves_one_height_complete(tmp_path):
    program = [sys.executable, __file__, str(tmp_path), "7", "80"]
    done = subprocess.run(program, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    result = json.loads(done.stdout)
    assert result["random_kills"] == 80
    assert result["statements"] >= 15, "every statement of a commit was a place to die"
    assert result["kept_old"] == result["statements"] - 1, "all but the last leave the old height"
    assert result["kept_new"] == 1, "dying after COMMIT leaves the new one"


class DyingConnection:
    """A connection whose process is killed right after statement number `last`."""

    def __init__(self, real: sqlite3.Connection, last: int) -> None:
        self.real, self.left = real, last

    def __getattr__(self, name: str):
        return getattr(self.real, name)

    def execute(self, *arguments):
        return self.counted(self.real.execute(*arguments))

    def executemany(self, *arguments):
        return self.counted(self.real.executemany(*arguments))

    def counted(self, cursor: sqlite3.Cursor) -> sqlite3.Cursor:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return cursor


def commit_block(store: ChainStore) -> None:
    chain = StoreChain(store, ACCOUNTS)
    made = chain.transfers(random.Random(store.tip.height), TRANSFERS)
    made.changes.writes[b"deleted later" + bytes([store.tip.height % 3])] = b"1"
    made.changes.writes[b"deleted later" + bytes([(store.tip.height + 1) % 3])] = None
    tree = store.update_tree(made.changes.writes)
    store.commit(chain.certify(made, tree), made.transactions, made.changes, tree)


def check(path: Path) -> int:
    """Everything of the tip is there and nothing of a later height; returns the tip."""
    with ChainStore.open(path) as store:
        tip = store.tip
        entries = dict(store.view().scan(b"", b"\xff" * 40, limit=10**6))
        assert root_of_entries(entries) == tip.state_root == store.state_root()
        certified = store.get_block(tip.height)
        assert certified.block.header == tip
        assert block_id(tip) == store.tip_id
        read = store._database.read
        heights = {
            table: read(f"SELECT max(height), count(*) FROM {table}")[0]
            for table in ("blocks", "bodies", "receipts")
        }
        assert set(heights.values()) == {(tip.height, tip.height + 1)}
        for table in ("transaction_index", "account_index"):
            assert read(f"SELECT count(*) FROM {table}") == [(TRANSFERS * tip.height,)]
        assert store.last_event_cursor() == TRANSFERS * tip.height
        if tip.height:
            assert certified.certificate.block_id == store.tip_id
            last = store.receipts_of(tip.height)[-1]
            assert store.find_receipt(last.id).height == tip.height
            assert read("SELECT max(height) FROM undo") == [(tip.height,)]
            assert store.view_at(tip.height - 1).get(b"b") is None
        assert read("PRAGMA integrity_check") == [("ok",)]
        return tip.height


def in_child(action) -> int:
    pid = os.fork()
    if pid == 0:
        with contextlib.suppress(BaseException):
            action()
        os._exit(1)
    return pid


def die_at_statement(path: Path, number: int) -> bool:
    """Whether the child was killed; false when a commit has fewer statements."""

    def action() -> None:
        store = ChainStore.open(path)
        store._database.writer = DyingConnection(store._database.writer, number)
        commit_block(store)

    return os.WIFSIGNALED(os.waitpid(in_child(action), 0)[1])


def die_at_random(path: Path, source: random.Random) -> int:
    """Kill a committing child some moment after some commit; returns the last height it told."""
    reading, writing = os.pipe()

    def action() -> None:
        store = ChainStore.open(path)
        os.write(writing, b"%d\n" % store.tip.height)
        while True:
            commit_block(store)
            os.write(writing, b"%d\n" % store.tip.height)

    pid = in_child(action)
    os.close(writing)
    told = b""
    while told.count(b"\n") < source.randint(1, 4):
        told += os.read(reading, 64)
    select.select([], [], [], source.uniform(0, 0.02))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    while more := os.read(reading, 4096):
        told += more
    os.close(reading)
    return int(told.split()[-1])


def main() -> None:
    path = Path(sys.argv[1]) / "chain.db"
    source, kills = random.Random(int(sys.argv[2])), int(sys.argv[3])
    with ChainStore.open(path) as store:
        StoreChain(store, ACCOUNTS)
    kept = {"kept_old": 0, "kept_new": 0}
    number, before = 0, check(path)
    while die_at_statement(path, number + 1):
        number += 1
        after = check(path)
        assert after in (before, before + 1)
        kept["kept_new" if after > before else "kept_old"] += 1
        before = after
    for _ in range(kills):
        told = die_at_random(path, source)
        assert check(path) in (told, told + 1), "a height that was told is never lost"
    json.dump({"statements": number, "random_kills": kills, **kept}, sys.stdout)


if __name__ == "__main__":
    main()
