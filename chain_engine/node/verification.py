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

GENERATION_MAX = 100_000
"""Witness hashes in one of the two generations kept; a full one becomes the old one."""


class SignatureVerifier:
    """Checks signatures outside the event loop and remembers what was valid."""

    def __init__(self, threads: int | None = None) -> None:
        """Start the worker threads (one per core unless told)."""
        self._executor = ThreadPoolExecutor(threads or os.cpu_count() or 1, "verify")
        self._valid: set[bytes] = set()
        self._valid_before: set[bytes] = set()

    def is_known(self, witness_hash: bytes) -> bool:
        """Whether this transaction's signatures were found valid before."""
        return witness_hash in self._valid or witness_hash in self._valid_before

    async def verify(self, batch: Sequence[SignedTransaction]) -> list[bool]:
        """Whether all signatures of each transaction are valid, in order."""
        known = [self.is_known(s.witness_hash) for s in batch]
        unknown = [s for s, is_known in zip(batch, known, strict=True) if not is_known]
        chunks = [
            unknown[i : i + CHUNK_TRANSACTIONS] for i in range(0, len(unknown), CHUNK_TRANSACTIONS)
        ]
        loop = asyncio.get_running_loop()
        jobs = [loop.run_in_executor(self._executor, _check, chunk) for chunk in chunks]
        answers = iter([valid for part in await asyncio.gather(*jobs) for valid in part])
        results = [is_known or next(answers) for is_known in known]
        for signed, is_known, is_valid in zip(batch, known, results, strict=True):
            if is_valid and not is_known:
                self._remember(signed.witness_hash)
        return results

    def close(self) -> None:
        """Stop the threads."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _remember(self, witness_hash: bytes) -> None:
        if len(self._valid) >= GENERATION_MAX:
            self._valid_before, self._valid = self._valid, set()
        self._valid.add(witness_hash)


def _check(chunk: Sequence[SignedTransaction]) -> list[bool]:
    return [are_signatures_valid(signed) for signed in chunk]
