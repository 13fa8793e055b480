"""Signature checks in worker threads, in batches, each transaction once.

coincurve releases the interpreter lock while it verifies, so threads use every core. A transaction
whose signatures were valid is remembered by its witness hash: it is not checked again when it comes
back inside a proposal or a block.
"""

import asyncio
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from chain_engine.blocks.transaction import SignedTransaction, are_signatures_valid

CHUNK_TRANSACTIONS = 50
"""Transactions per unit of work: large enough to make the hand-over cheap."""

REMEMBERED_MAX = 200_000
"""Witness hashes kept; the oldest are forgotten first."""


class SignatureVerifier:
    """Checks signatures outside the event loop and remembers what was valid."""

    def __init__(self, threads: int | None = None) -> None:
        """Start the worker threads (one per core unless told)."""
        self._executor = ThreadPoolExecutor(threads or os.cpu_count() or 1, "verify")
        self._valid: dict[bytes, None] = {}

    def is_known(self, witness_hash: bytes) -> bool:
        """Whether this transaction's signatures were found valid before."""
        return witness_hash in self._valid

    async def verify(self, batch: Sequence[SignedTransaction]) -> list[bool]:
        """Whether all signatures of each transaction are valid, in order."""
        unknown = [s for s in batch if s.witness_hash not in self._valid]
        chunks = [
            unknown[i : i + CHUNK_TRANSACTIONS] for i in range(0, len(unknown), CHUNK_TRANSACTIONS)
        ]
        loop = asyncio.get_running_loop()
        jobs = [loop.run_in_executor(self._executor, _check, chunk) for chunk in chunks]
        for chunk, results in zip(chunks, await asyncio.gather(*jobs), strict=True):
            for signed, valid in zip(chunk, results, strict=True):
                if valid:
                    self._remember(signed.witness_hash)
        return [s.witness_hash in self._valid for s in batch]

    def close(self) -> None:
        """Stop the threads."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _remember(self, witness_hash: bytes) -> None:
        self._valid[witness_hash] = None
        if len(self._valid) > REMEMBERED_MAX:
            del self._valid[next(iter(self._valid))]


def _check(chunk: Sequence[SignedTransaction]) -> list[bool]:
    return [are_signatures_valid(signed) for signed in chunk]
