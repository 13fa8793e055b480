"""Takes transactions in: decode, check, verify signatures in one batch, keep, announce."""

from collections.abc import Callable, Sequence

from chain_engine.blocks.transaction import SignedTransaction, decode_transaction
from chain_engine.crypto.keys import InvalidSignature
from chain_engine.http.chains import SubmitResult
from chain_engine.ledger.errors import WrongNonce
from chain_engine.ledger.machine import BlockContext, StateMachine
from chain_engine.mempool.pool import Mempool, NonceOutsideWindow, NonceReader
from chain_engine.node.verification import SignatureVerifier
from chain_engine.primitives.errors import ChainError
from chain_engine.storage.chain_store import ChainStore

Announce = Callable[[Sequence[bytes]], None]
"""Tells peers the witness hashes of new transactions."""

FundsOf = Callable[[bytes], int]
"""Free fee asset of an account in committed state."""


class Admission:
    """The way into the mempool, the same for people and peers."""

    def __init__(
        self,
        store: ChainStore,
        machine: StateMachine,
        pool: Mempool,
        verifier: SignatureVerifier,
        *,
        nonce_of: NonceReader,
        funds_of: FundsOf,
        context: Callable[[], BlockContext],
        announce: Announce,
        wake: Callable[[], None],
    ) -> None:
        """`context` is that of the next block; `wake` tells consensus that transactions wait."""
        self._store = store
        self._machine = machine
        self._pool = pool
        self._verifier = verifier
        self._nonce_of = nonce_of
        self._funds_of = funds_of
        self._context = context
        self._announce = announce
        self._wake = wake

    async def submit(self, raws: Sequence[bytes], *, announce: bool = True) -> list[SubmitResult]:
        """Admit a batch; each item is answered by itself, in order."""
        results: list[SubmitResult | None] = [None] * len(raws)
        fresh: list[tuple[int, SignedTransaction]] = []
        for place, raw in enumerate(raws):
            try:
                signed = decode_transaction(raw, self._store.chain_id)
            except ChainError as error:
                results[place] = SubmitResult(id=None, error=error)
                continue
            if signed.witness_hash in self._pool:
                results[place] = SubmitResult(id=signed.id, error=None)
                continue
            fresh.append((place, signed))
        kept = await self._admit(fresh, results)
        if kept:
            if announce:
                self._announce(kept)
            self._wake()
        return [result for result in results if result is not None]

    async def _admit(
        self, fresh: list[tuple[int, SignedTransaction]], results: list[SubmitResult | None]
    ) -> list[bytes]:
        plausible: list[tuple[int, SignedTransaction]] = []
        context = self._context()
        for place, signed in fresh:
            error = self._refusal(signed, context)
            if error is None:
                plausible.append((place, signed))
            else:
                results[place] = self._answer(signed, error)
        valid = await self._verifier.verify([signed for _, signed in plausible])
        kept: list[bytes] = []
        for (place, signed), is_valid in zip(plausible, valid, strict=True):
            error = self._keep(signed) if is_valid else InvalidSignature(transaction=signed.id)
            results[place] = self._answer(signed, error)
            if error is None:
                kept.append(signed.witness_hash)
        return kept

    def _answer(self, signed: SignedTransaction, error: ChainError | None) -> SubmitResult:
        """What the sender hears: posting a committed transaction again is answered as at first."""
        if isinstance(error, WrongNonce | NonceOutsideWindow) and (
            self._store.find_receipt(signed.id) is not None
        ):
            error = None
        return SubmitResult(id=signed.id, error=error)

    def _refusal(self, signed: SignedTransaction, context: BlockContext) -> ChainError | None:
        try:
            self._machine.verify_stateless(signed)
            self._machine.check(signed, self._store.view(), context)
        except ChainError as error:
            return error
        return None

    def _keep(self, signed: SignedTransaction) -> ChainError | None:
        sender = signed.tx.sender
        try:
            self._pool.add(signed, next_nonce=self._nonce_of(sender), funds=self._funds_of(sender))
        except ChainError as error:
            return error
        return None
