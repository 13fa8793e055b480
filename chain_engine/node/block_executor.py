"""Makes, checks, executes and commits blocks of one chain.

The one place where a block meets state: a forger builds here, a voter checks here before its first
vote, and a committed block is made durable here. Every execution is kept until its height is
decided, so a block is executed once per node, whoever proposed it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from chain_engine.blocks.block import (
    HEADER_VERSION,
    NO_HASH,
    Block,
    CertifiedBlock,
    Header,
    block_id,
    receipts_root,
    transactions_root,
)
from chain_engine.blocks.bridge import bridge_root
from chain_engine.blocks.certificate import Certificate, certificate_hash, verify_certificate
from chain_engine.blocks.delegates import delegates_hash
from chain_engine.blocks.parameters import parameters_hash
from chain_engine.blocks.rules import ChainPosition, InvalidBlock, verify_links
from chain_engine.blocks.transaction import SignedTransaction, decode_transaction
from chain_engine.consensus.messages import ProposedBlock
from chain_engine.crypto.keys import InvalidSignature
from chain_engine.crypto.merkle import EMPTY_ROOT
from chain_engine.ledger.machine import BlockContext, Changes, StateMachine
from chain_engine.mempool.pool import Mempool
from chain_engine.node.context import context_of, next_context
from chain_engine.node.verification import SignatureVerifier
from chain_engine.primitives.errors import ChainError
from chain_engine.primitives.limits import BLOCK_TRANSACTIONS_MAX
from chain_engine.state.tree import TreeUpdate
from chain_engine.storage.chain_store import ChainStore

FetchBodies = Callable[[Sequence[bytes]], Awaitable[Mapping[bytes, bytes]]]
"""Asks peers for bodies by witness hash; what comes back is not trusted."""

RECHECKED_MAX = 500
"""Left-out transactions checked again after each forged block."""

T = TypeVar("T")


class BodiesMissing(ChainError):
    """Transactions of a proposal that no peer could supply yet."""

    code = "BODIES_MISSING"
    title = "Transactions of a proposed block could not be had from any peer yet."
    fix = "Nothing to do: they are asked for again."
    status = 503
    retryable = True


NonceOf = Callable[[bytes], int]
"""Next nonce of an account in committed state."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A block that was executed on the committed tip, not yet committed."""

    block: Block
    """The block."""

    id: bytes
    """Its id."""

    transactions: Sequence[SignedTransaction]
    """Its transactions, decoded."""

    changes: Changes
    """What executing it changes."""

    tree: TreeUpdate
    """The state tree's new nodes."""


class BlockExecutor:
    """Builds, checks and commits the blocks of one chain, one height at a time."""

    def __init__(
        self,
        store: ChainStore,
        machine: StateMachine,
        pool: Mempool,
        verifier: SignatureVerifier,
        *,
        fetch_bodies: FetchBodies,
        nonce_of: NonceOf,
        forger: bytes,
    ) -> None:
        """`forger` is this node's tagged delegate key."""
        self._store = store
        self._machine = machine
        self._pool = pool
        self._verifier = verifier
        self._fetch_bodies = fetch_bodies
        self._nonce_of = nonce_of
        self._forger = forger
        self._candidates: dict[bytes, Candidate] = {}
        self._turn = asyncio.Lock()
        self._running: set[asyncio.Task[Any]] = set()

    @property
    def position(self) -> ChainPosition:
        """Where the chain stands now."""
        store = self._store
        tip_delegates = store.find_delegates(store.tip.delegates_hash)
        assert tip_delegates is not None, "the store knows who signed its tip"
        return ChainPosition(
            chain_id=store.chain_id,
            tip=store.tip,
            tip_delegates=tip_delegates,
            delegates=store.delegates,
            parameters=store.parameters,
        )

    def find(self, identity: bytes) -> Candidate | None:
        """An executed, undecided block."""
        return self._candidates.get(identity)

    async def close(self) -> None:
        """Wait until nothing runs any more: the store may be closed then."""
        await asyncio.gather(*self._running, return_exceptions=True)

    def undecided_bodies(self) -> dict[bytes, bytes]:
        """Bodies by witness hash of every executed, undecided block."""
        return {
            signed.witness_hash: signed.raw
            for candidate in self._candidates.values()
            for signed in candidate.transactions
        }

    async def build(self, height: int, round_: int, time_ms: int) -> Candidate:
        """Forge the block of `height` out of what waits in the pool.

        Raises:
            InvalidBlock: the chain is at another height by now.
        """
        return await self._whole(self._build(height, round_, time_ms))

    async def check(self, block: Block, witness_hashes: Sequence[bytes]) -> Candidate:
        """Check and execute a proposal; `block.transactions` may be empty: bodies are found.

        Raises:
            BodiesMissing: nobody has all transactions yet.
            ChainError: why this block gets no first vote from us.
        """
        known = self._candidates.get(block_id(block.header))
        if known is not None:
            return known
        self._verify_proposal(self.position, block, witness_hashes)
        # Outside the turn: a peer that answers slowly must not hold up the commit of another block.
        transactions = await self._gather(block.transactions, witness_hashes)
        return await self._whole(self._check(block, witness_hashes, transactions))

    async def commit(self, identity: bytes, certificate: Certificate) -> Candidate | None:
        """Make an executed block durable together with its certificate.

        None when the height was committed meanwhile.
        """
        return await self._whole(self._commit(identity, certificate))

    async def apply(self, certified: CertifiedBlock) -> Candidate | None:
        """Check, execute and commit a block that a peer served with its certificate.

        None when the height was committed meanwhile.

        Raises:
            ChainError: the certificate or the block does not hold.
        """
        block, certificate = certified.block, certified.certificate
        if block.header.height <= self._store.tip.height:
            return None
        if certificate is None or certificate.block_id != block_id(block.header):
            raise InvalidBlock(field="certificate")
        verify_certificate(certificate, self._store.delegates, self._store.chain_id)
        decoded = [decode_transaction(raw, self._store.chain_id) for raw in block.transactions]
        candidate = await self.check(block, [signed.witness_hash for signed in decoded])
        return await self.commit(candidate.id, certificate)

    async def _whole(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a step to its end even if who waits for it is cancelled.

        Consensus cancels work of a height that ended; a machine in another process must not be
        left in the middle of a block.
        """
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._forget)
        return await asyncio.shield(task)

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # seen: a cancelled waiter does not ask for it

    async def _build(self, height: int, round_: int, time_ms: int) -> Candidate:
        async with self._turn:
            position = self.position
            if height != position.tip.height + 1:
                raise InvalidBlock(field="height", height=height, tip=position.tip.height)
            context = next_context(self._store, time_ms=time_ms, forger=self._forger)
            waiting = self._pool.candidates(position.parameters.block_transactions_max)
            chosen, changes = await self._machine.select(context, waiting, self._store.view())
            self._discard_refused(context, waiting, chosen)
            candidate = self._seal(position, context, round_, chosen, changes)
            self._candidates[candidate.id] = candidate
            return candidate

    async def _check(
        self,
        block: Block,
        witness_hashes: Sequence[bytes],
        transactions: list[SignedTransaction],
    ) -> Candidate:
        async with self._turn:
            identity = block_id(block.header)
            known = self._candidates.get(identity)
            if known is not None:
                return known
            position = self.position
            self._verify_proposal(position, block, witness_hashes)  # the tip may have moved
            candidate = await self._execute(position, block, transactions)
            self._candidates[identity] = candidate
            return candidate

    def _verify_proposal(
        self, position: ChainPosition, block: Block, witness_hashes: Sequence[bytes]
    ) -> None:
        """Check everything about a proposal that needs no bodies."""
        limit = min(BLOCK_TRANSACTIONS_MAX, position.parameters.block_transactions_max)
        if len(witness_hashes) > limit:
            raise InvalidBlock(field="transactions", transactions=len(witness_hashes))
        is_same_certificate = block.parent_certificate == self._store.tip_certificate
        verify_links(position, block, witness_hashes, check_parent=not is_same_certificate)

    async def _commit(self, identity: bytes, certificate: Certificate) -> Candidate | None:
        async with self._turn:
            if certificate.height <= self._store.tip.height:
                return None
            candidate = self._candidates[identity]
            certified = CertifiedBlock(block=candidate.block, certificate=certificate)
            self._store.commit(certified, candidate.transactions, candidate.changes, candidate.tree)
            self._candidates.clear()
            context = context_of(candidate.block.header, self._store)
            await self._machine.committed(context, candidate.changes)
            self._pool.committed(
                candidate.transactions, candidate.block.header.height, self._nonce_of
            )
            self._discard_stale_relays()
            return candidate

    def _discard_refused(
        self,
        context: BlockContext,
        waiting: Sequence[SignedTransaction],
        chosen: Sequence[SignedTransaction],
    ) -> None:
        """Forget what the machine left out because it would be refused, not for want of room."""
        taken = {signed.witness_hash for signed in chosen}
        left_out = [signed for signed in waiting if signed.witness_hash not in taken]
        self._discard(left_out[:RECHECKED_MAX], context)

    def _discard_stale_relays(self) -> None:
        """Forget free relay transactions that another relayer has overtaken."""
        context = next_context(self._store, time_ms=0, forger=self._forger)
        self._discard(self._pool.free_transactions(), context)

    def _discard(self, doubtful: Sequence[SignedTransaction], context: BlockContext) -> None:
        refused: list[SignedTransaction] = []
        for signed in doubtful:
            try:
                self._machine.check(signed, self._store.view(), context)
            except ChainError:
                refused.append(signed)
        self._pool.discard(refused)

    async def _gather(
        self, bodies: Sequence[bytes], witness_hashes: Sequence[bytes]
    ) -> list[SignedTransaction]:
        """The transactions of a block: from the block, the pool, or a peer; signatures checked."""
        chain_id = self._store.chain_id
        found: dict[bytes, SignedTransaction] = {}
        for raw in bodies:
            signed = decode_transaction(raw, chain_id)
            found[signed.witness_hash] = signed
        for key in witness_hashes:
            waiting = self._pool.find(key)
            if waiting is not None:
                found[key] = waiting
        missing = [key for key in witness_hashes if key not in found]
        if missing:
            for raw in (await self._fetch_bodies(missing)).values():
                # What a peer answers says nothing about the block: garbage is a missing body.
                with suppress(ChainError):
                    signed = decode_transaction(raw, chain_id)
                    found[signed.witness_hash] = signed
        absent = [key for key in witness_hashes if key not in found]
        if absent:
            raise BodiesMissing(missing=len(absent), first=absent[0])
        transactions = [found[key] for key in witness_hashes]
        valid = await self._verifier.verify(transactions)
        if not all(valid):
            raise InvalidSignature(transaction=transactions[valid.index(False)].id)
        for signed in transactions:
            self._machine.verify_stateless(signed)
        return transactions

    async def _execute(
        self, position: ChainPosition, block: Block, transactions: list[SignedTransaction]
    ) -> Candidate:
        context = context_of(block.header, self._store)
        if sum(signed.size for signed in transactions) > position.parameters.block_bytes_max:
            raise InvalidBlock(field="transactions", limit=position.parameters.block_bytes_max)
        changes = await self._machine.execute(context, transactions, self._store.view())
        whole = Block(
            header=block.header,
            transactions=tuple(signed.raw for signed in transactions),
            evidence=block.evidence,
            preimage=block.preimage,
            parent_certificate=block.parent_certificate,
        )
        tree = self._store.update_tree(changes.writes)
        self._verify_roots(position, block.header, changes, tree)
        return Candidate(whole, block_id(block.header), transactions, changes, tree)

    @staticmethod
    def _verify_roots(
        position: ChainPosition, header: Header, changes: Changes, tree: TreeUpdate
    ) -> None:
        following = changes.next_delegates or position.delegates
        expected = {
            "state_root": tree.root,
            "receipts_root": receipts_root(changes.receipts),
            "bridge_root": bridge_root(changes.commitments),
            "next_delegates_hash": delegates_hash(following),
        }
        for field, value in expected.items():
            if getattr(header, field) != value:
                raise InvalidBlock(field=field, height=header.height, executed=value)

    def _seal(
        self,
        position: ChainPosition,
        context: BlockContext,
        round_: int,
        chosen: list[SignedTransaction],
        changes: Changes,
    ) -> Candidate:
        certificate = self._store.tip_certificate
        tree = self._store.update_tree(changes.writes)
        following = changes.next_delegates or position.delegates
        header = Header(
            version=HEADER_VERSION,
            chain_id=position.chain_id,
            height=context.height,
            round=round_,
            time_ms=context.time_ms,
            parent_id=block_id(position.tip),
            transactions_root=transactions_root([s.witness_hash for s in chosen]),
            receipts_root=receipts_root(changes.receipts),
            state_root=tree.root,
            bridge_root=bridge_root(changes.commitments),
            delegates_hash=position.tip.next_delegates_hash,
            next_delegates_hash=delegates_hash(following),
            parameters_hash=parameters_hash(position.parameters),
            evidence_root=EMPTY_ROOT,
            parent_certificate_hash=certificate_hash(certificate) if certificate else NO_HASH,
            seed=context.seed,
            consensus_root=NO_HASH,
            forger=self._forger,
        )
        block = Block(
            header=header,
            transactions=tuple(signed.raw for signed in chosen),
            evidence=(),
            preimage=b"",
            parent_certificate=certificate,
        )
        return Candidate(block, block_id(header), chosen, changes, tree)


def proposed(candidate: Candidate) -> ProposedBlock:
    """What consensus proposes: the block without its bodies."""
    block = candidate.block
    return ProposedBlock(
        header=block.header,
        witness_hashes=tuple(signed.witness_hash for signed in candidate.transactions),
        evidence=block.evidence,
        preimage=block.preimage,
        parent_certificate=block.parent_certificate,
    )
