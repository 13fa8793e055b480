"""R1 and R2: the signature checks per second this machine can do, on one thread and on all cores.

Every other figure is read beside these two, measured in the same run (docs/guides/benchmarks.md).
"""

import os
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

from chain_engine.crypto.keys import SecretKey, is_signature_valid

BATCH = 2_000
RUNS = 5


def _checks(count: int) -> list[tuple[bytes, bytes, bytes]]:
    key = SecretKey(sha256(b"bench").digest())
    messages = [sha256(n.to_bytes(4, "big")).digest() for n in range(count)]
    return [(key.public, message, key.sign(message)) for message in messages]


def _verify(checks: list[tuple[bytes, bytes, bytes]]) -> None:
    for check in checks:
        assert is_signature_valid(*check), "the benchmark signs correctly"


def verify_rates() -> dict[str, float]:
    """Return R1 and R2 in checks per second: medians of several runs after a warm-up."""
    checks = _checks(BATCH)
    _verify(checks)
    one = []
    for _ in range(RUNS):
        start = time.perf_counter()
        _verify(checks)
        one.append(BATCH / (time.perf_counter() - start))
    cores = os.cpu_count() or 1
    many = []
    with ThreadPoolExecutor(cores) as pool:
        for _ in range(RUNS):
            start = time.perf_counter()
            list(pool.map(_verify, [checks] * cores))
            many.append(cores * BATCH / (time.perf_counter() - start))
    return {"R1": statistics.median(one), "R2": statistics.median(many)}
