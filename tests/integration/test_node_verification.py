"""Signature checks: the same answers whoever computes them, and no worker left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from chain_engine.blocks.build import build_transaction, sign_transaction
from chain_engine.blocks.transaction import SignedTransaction, Transaction
from chain_engine.codec.canonical import encode
from chain_engine.crypto.accounts import account_of_key
from chain_engine.crypto.keys import SecretKey
from chain_engine.node.verification import SMALL_BATCH, SignatureVerifier

CHAIN = bytes(32)
KEY = SecretKey(b"\x05" * 32)
LARGE = SMALL_BATCH + 120


def transfer(nonce: int, *, forged: bool = False) -> SignedTransaction:
    tx = build_transaction(
        chain_id=CHAIN,
        kind="account.transfer",
        sender=account_of_key(KEY.public),
        nonce=nonce,
        valid_until_height=9,
        fee=1,
        payload=["x"],
    )
    signed = sign_transaction(tx, CHAIN, [KEY])
    if not forged:
        return signed
    fields = {name: getattr(signed.tx, name) for name in Transaction.__struct_fields__}
    other = Transaction(**fields | {"nonce": nonce + 1000})
    return SignedTransaction(encode(other), other, CHAIN)


def children() -> list[int]:
    lists = Path("/proc/self/task").glob("*/children")
    return [int(pid) for path in lists for pid in path.read_text().split()]


async def test_small_and_large_batches_find_the_same_forgeries():
    verifier = SignatureVerifier(workers=2)
    try:
        for count in (1, SMALL_BATCH, LARGE):
            batch = [transfer(n, forged=n % 7 == 3) for n in range(count)]
            verdicts = await verifier.verify(batch)
            assert verdicts == [n % 7 != 3 for n in range(count)]
    finally:
        verifier.close()


async def test_a_valid_transaction_is_checked_once_and_a_forged_one_every_time():
    verifier = SignatureVerifier(workers=1)
    try:
        good, bad = transfer(0), transfer(1, forged=True)
        await verifier.verify([good, bad])
        assert verifier.is_known(good.witness_hash)
        assert not verifier.is_known(bad.witness_hash)
    finally:
        verifier.close()


async def test_killed_workers_lose_nothing():
    verifier = SignatureVerifier(workers=2)
    try:
        assert all(await verifier.verify([transfer(n) for n in range(LARGE)]))
        for pid in verifier._processes._processes:
            os.kill(pid, signal.SIGKILL)
        batch = [transfer(n + LARGE, forged=n == 5) for n in range(LARGE)]
        assert await verifier.verify(batch) == [n != 5 for n in range(LARGE)]
        assert all(await verifier.verify([transfer(n + 5000) for n in range(LARGE)]))
    finally:
        verifier.close()


CHILD = """
import asyncio, os, sys
sys.path[:0] = {path!r}
import test_node_verification as t
async def main():
    verifier = t.SignatureVerifier(workers=2)
    await verifier.verify([t.transfer(n) for n in range(t.LARGE)])
    print(*t.children(), flush=True)
    await asyncio.sleep(60)
if __name__ == "__main__":
    asyncio.run(main())
"""


def test_no_worker_outlives_a_killed_node(tmp_path):
    script = tmp_path / "node.py"
    here = Path(__file__)
    script.write_text(CHILD.format(path=[str(here.parent), str(here.parents[2])]))
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        workers = [int(pid) for pid in process.stdout.readline().split()]
        process.kill()
    assert workers
    deadline = time.monotonic() + 20
    while any(is_alive(pid) for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(is_alive(pid) for pid in workers)


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
