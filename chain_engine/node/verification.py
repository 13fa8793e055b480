"""Signature checks outside the event loop, in batches, each transaction once.

Small batches go to a thread: that is quick, and coincurve releases the interpreter lock while it
verifies. Under load the hand-overs of that lock between threads cost more than the checks, so large
batches go to worker processes, which are started when the first one comes (ADR 3). A transaction
whose signatures were valid is remembered by its witness hash: it is not checked again when it comes
back inside a proposal or a block.
"""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import structlog

from chain_engine.blocks.transaction import SignatureCheck, SignedTransaction, signature_checks
from chain_engine.crypto.keys import is_signature_valid
from chain_engine.node.parent import end_with_parent

log = structlog.get_logger(__name__)

SMALL_BATCH = 16
"""Transactions up to which a thread does it."""

CHUNK_TRANSACTIONS = 50
"""Transactions per unit of work: large enough to make the hand-over cheap."""

GENERATION_MAX = 100_000
"""Witness hashes in one of the two generations kept; a full one becomes the old one."""

Checks = list[SignatureCheck]
"""Every signature of one transaction."""


class SignatureVerifier:
    """Checks signatures outside the event loop and remembers what was valid."""

    def __init__(self, workers: int | None = None) -> None:
        """`workers` processes at most (one per core unless told); none is started yet."""
        self._workers = workers or os.cpu_count() or 1
        self._thread = ThreadPoolExecutor(1, "verify")
        self._processes: ProcessPoolExecutor | None = None
        self._valid: set[bytes] = set()
        self._valid_before: set[bytes] = set()

    def is_known(self, witness_hash: bytes) -> bool:
        """Whether this transaction's signatures were found valid before."""
        return witness_hash in self._valid or witness_hash in self._valid_before

    async def verify(self, batch: Sequence[SignedTransaction]) -> list[bool]:
        """Whether all signatures of each transaction are valid, in order."""
        known = [self.is_known(s.witness_hash) for s in batch]
        unknown = [s for s, is_known in zip(batch, known, strict=True) if not is_known]
        answers = iter(await self._check([signature_checks(signed) for signed in unknown]))
        results = [is_known or next(answers) for is_known in known]
        for signed, is_known, is_valid in zip(batch, known, results, strict=True):
            if is_valid and not is_known:
                self._remember(signed.witness_hash)
        return results

    def close(self) -> None:
        """Stop the thread and the processes."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        if self._processes is not None:
            self._processes.shutdown(wait=True, cancel_futures=True)

    async def _check(self, work: list[Checks]) -> list[bool]:
        if len(work) <= SMALL_BATCH:
            return await self._run(self._thread, work)
        try:
            return await self._run(self._start_processes(), work)
        except BrokenProcessPool:
            log.warning("verification_workers_lost", transactions=len(work))
            self._processes = None  # the next large batch starts new ones
            return await self._run(self._thread, work)

    async def _run(self, executor: Executor, work: list[Checks]) -> list[bool]:
        if not work:
            return []
        loop = asyncio.get_running_loop()
        chunks = [work[i : i + CHUNK_TRANSACTIONS] for i in range(0, len(work), CHUNK_TRANSACTIONS)]
        jobs = [loop.run_in_executor(executor, check_signatures, chunk) for chunk in chunks]
        return [is_valid for part in await asyncio.gather(*jobs) for is_valid in part]

    def _start_processes(self) -> ProcessPoolExecutor:
        if self._processes is None:
            self._processes = ProcessPoolExecutor(
                self._workers,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_begin_worker,
                initargs=(os.getpid(),),
            )
        return self._processes

    def _remember(self, witness_hash: bytes) -> None:
        if len(self._valid) >= GENERATION_MAX:
            self._valid_before, self._valid = self._valid, set()
        self._valid.add(witness_hash)


def check_signatures(chunk: list[Checks]) -> list[bool]:
    """Whether all signatures of each transaction are valid."""
    return [all(is_signature_valid(*check) for check in checks) for checks in chunk]


def _begin_worker(parent: int) -> None:
    """Make a worker leave the terminal's Ctrl-C to the node, and die with it in any case."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent(parent)
