"""One chain on this node: storage, pool, consensus, gossip and catching up, wired together.

The same for the main chain and for every sidechain; only the state machine differs. Implements the
`ChainService` that the API needs and the `PeerService` that the transport needs.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from chain_engine.blocks.block import Block, Receipt
from chain_engine.blocks.certificate import Certificate
from chain_engine.blocks.genesis import Genesis, build_genesis_block, chain_id_of
from chain_engine.blocks.rules import InvalidBlock
from chain_engine.blocks.transaction import decode_transaction
from chain_engine.codec.canonical import decode_unchecked, encode
from chain_engine.consensus.events import Verdict
from chain_engine.consensus.evidence import Evidence
from chain_engine.consensus.messages import ProposedBlock
from chain_engine.crypto.keys import SecretKey
from chain_engine.http.chains import AccountSummary, CommitSignal, SubmitResult
from chain_engine.http.peer.network import PeerNetwork
from chain_engine.ledger.keys import account_key, balance_key, end_of
from chain_engine.ledger.machine import BlockContext, MachineFault, StateMachine
from chain_engine.ledger.records import NEW_ACCOUNT, AccountRecord
from chain_engine.mempool.pool import Mempool, PoolLimits
from chain_engine.node.admission import Admission
from chain_engine.node.block_executor import BlockExecutor, BodiesMissing, Candidate, proposed
from chain_engine.node.catch_up import CatchUp
from chain_engine.node.consensus_driver import ConsensusDriver
from chain_engine.node.context import next_context
from chain_engine.node.gossip import Gossip
from chain_engine.node.simulation import simulate
from chain_engine.node.verification import SignatureVerifier
from chain_engine.primitives.errors import ChainError
from chain_engine.state.tree import root_of_entries
from chain_engine.storage.chain_store import ChainStore
from chain_engine.storage.journal import ConsensusJournal
from chain_engine.storage.records import ReceiptLocation
from chain_engine.storage.sign_state import SignState
from chain_engine.sync.planner import BlockRequest

log = structlog.get_logger(__name__)

BALANCES_SHOWN_MAX = 100
"""Assets of one account in an API answer."""

COMMIT_TIMES_KEPT = 50
"""Latest times from header to commit, for the median in the status."""


class WrongGenesis(ChainError):
    """The stored chain does not begin with this genesis."""

    code = "WRONG_GENESIS"
    title = "The stored chain began with another genesis."
    fix = "Use the data folder of this network, or an empty one."
    status = 409


def clock_ms() -> int:
    """This machine's clock, milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


def open_chain(path: Path, genesis: Genesis) -> ChainStore:
    """Open a chain's store; an empty one gets the genesis block.

    Raises:
        WrongGenesis: the store holds another chain.
    """
    block = build_genesis_block(genesis, root_of_entries(genesis.entries))
    path.parent.mkdir(parents=True, exist_ok=True)
    store = ChainStore.open(path)
    if store.is_empty:
        store.initialize(
            block, genesis.entries, genesis.parameters, genesis.delegates, genesis.commitments
        )
    elif store.chain_id != chain_id_of(block):
        found = store.chain_id
        store.close()
        raise WrongGenesis(path=str(path), found=found, expected=chain_id_of(block))
    return store


@dataclass(frozen=True, slots=True)
class ChainFiles:
    """Where one chain keeps its files."""

    folder: Path
    """Folder of this chain alone."""

    @property
    def store(self) -> Path:
        """Blocks, state, receipts."""
        return self.folder / "chain.sqlite"

    @property
    def journal(self) -> Path:
        """Consensus records of the height being decided."""
        return self.folder / "consensus.journal"

    @property
    def sign_state(self) -> Path:
        """The last signature of this node."""
        return self.folder / "sign-state"


class ChainNode:
    """One chain, running. `run` is its task; everything else may be called while it runs."""

    def __init__(
        self,
        *,
        name: str,
        store: ChainStore,
        machine: StateMachine,
        files: ChainFiles,
        key: SecretKey,
        network: PeerNetwork,
        verifier: SignatureVerifier,
        pool_limits: PoolLimits,
    ) -> None:
        """`key` signs votes where it is a delegate's, else this node only watches."""
        self.name = name
        self.store = store
        self.machine = machine
        self._network = network
        self._key = key
        self._signal = CommitSignal(store.tip.height)
        self._commit_times_ms: list[int] = []
        self.pool = Mempool(pool_limits, store.parameters.fees.byte_fee)
        self._executor = BlockExecutor(
            store,
            machine,
            self.pool,
            verifier,
            fetch_bodies=lambda hashes: network.fetch_bodies(
                store.chain_id, hashes, is_body=self._is_body
            ),
            nonce_of=self.nonce_of,
            forger=key.public,
        )
        self._admission = Admission(
            store,
            machine,
            self.pool,
            verifier,
            nonce_of=self.nonce_of,
            funds_of=self._funds_of,
            context=self.next_context,
            announce=lambda hashes: network.announce(store.chain_id, hashes),
            wake=self._wake_consensus,
        )
        self._gossip = Gossip(
            store,
            self.pool,
            self._admission,
            lambda hashes, peer: network.fetch_bodies(store.chain_id, hashes, peer=peer),
        )
        self._journal = ConsensusJournal.open(files.journal)
        self._driver = ConsensusDriver(
            chain_id=store.chain_id,
            key=key,
            chain=store,
            blocks=self,
            network=self,
            journal=self._journal,
            sign_state=SignState.open(files.sign_state),
            listener=self,
            clock_ms=clock_ms,
        )
        self._catch_up = CatchUp(
            store,
            self._executor,
            fetch=self._fetch_blocks,
            applied=self._after_sync,
            signing_allowed=lambda allowed: self._driver.set_catching_up(
                is_catching_up=not allowed
            ),
        )
        self._greeted: set[bytes] = set()

    async def run(self) -> None:
        """Decide blocks and catch up until cancelled.

        Raises:
            ChainError: the disk or consensus failed; the node must stop.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._driver.run(), name=f"consensus of {self.name}")
                tasks.create_task(self._catch_up.run(), name=f"catching up of {self.name}")
                tasks.create_task(self._greet_peers(), name=f"greetings of {self.name}")
        finally:
            await self._gossip.close()
            await self._executor.close()
            self._journal.close()

    # ------------------------------------------------------------------ ChainService

    @property
    def chain_id(self) -> bytes:
        """Id of the genesis block."""
        return self.store.chain_id

    async def submit(self, raws: Sequence[bytes]) -> list[SubmitResult]:
        """Offer encoded transactions to the pool."""
        return await self._admission.submit(raws)

    async def wait_committed(
        self, transaction_id: bytes, timeout_ms: int
    ) -> ReceiptLocation | None:
        """Wait until a transaction is committed; None when it is not in time."""
        try:
            async with asyncio.timeout(timeout_ms / 1000):
                while True:
                    height = self._signal.height
                    found = self.store.find_receipt(transaction_id)
                    if found is not None:
                        return found
                    await self._signal.wait_above(height)
        except TimeoutError:
            return None

    async def wait_above(self, height: int) -> int:
        """Wait until the chain is higher than `height`."""
        return await self._signal.wait_above(height)

    async def simulate(self, raw: bytes) -> Receipt:
        """Receipt that a transaction would get on top of the committed state."""
        return await simulate(raw, self.store, self.machine, self.next_context())

    def account(self, account: bytes) -> AccountSummary:
        """An account in the committed state."""
        prefix = balance_key(account, "")
        rows = self.store.view().scan(prefix, end_of(prefix), limit=BALANCES_SHOWN_MAX)
        balances = {
            key[len(prefix) :].decode(): decode_unchecked(value, int) for key, value in rows
        }
        record = self._record_of(account)
        return AccountSummary(
            nonce=record.nonce,
            balances=balances,
            details={"has_second_key": record.second is not None},
        )

    def status(self) -> Mapping[str, Any]:
        """Peers, pool, progress and pace."""
        tip, target = self.store.tip, self._catch_up.target
        times = sorted(self._commit_times_ms)
        return {
            "state": "catching_up" if target > tip.height else "in_sync",
            "target_height": target,
            "round": self._driver.state.round if self._driver.state else 0,
            "mempool": {
                "transactions": len(self.pool),
                "bytes": self.pool.bytes,
                "minimum_byte_fee": str(self.pool.minimum_byte_fee),
            },
            "finality_ms_median": times[len(times) // 2] if times else None,
            "peers": [
                {"key": peer.key.hex(), "url": peer.url, "is_connected": peer.is_connected}
                for peer in self._network.peers()
            ],
            "ignored_messages": dict(self._driver.counts),
        }

    def why_not_ready(self) -> str | None:
        """Why this chain should not be asked now; None when it is in sync."""
        tip, target = self.store.tip.height, self._catch_up.target
        return f"catching up: block {tip} of {target}" if target > tip else None

    # ------------------------------------------------------------------ PeerService

    async def on_messages(self, peer: bytes, messages: list[bytes]) -> None:
        """Hand consensus messages on; strangers are not heard."""
        if not self._is_known(peer):
            self._driver.counts["stranger"] += len(messages)
            return
        for message in messages:
            self._driver.receive(peer, message)

    async def on_announce(self, peer: bytes, hashes: list[bytes]) -> None:
        """Ask for transactions we do not have; a stranger could not be asked for them."""
        if self._is_known(peer):
            await self._gossip.on_announce(peer, hashes)

    async def bodies(self, hashes: list[bytes]) -> list[bytes]:
        """Transactions by witness hash: waiting ones, or those of an undecided block."""
        found = self._gossip.bodies(hashes)
        if all(found):
            return found
        undecided = self._executor.undecided_bodies()
        return [raw or undecided.get(key, b"") for key, raw in zip(hashes, found, strict=True)]

    async def certified_block(self, block_id: bytes) -> bytes | None:
        """A block by its id."""
        found = self.store.find_block_by_id(block_id)
        return None if found is None else encode(found)

    async def certified_blocks(self, from_height: int, count: int) -> list[bytes]:
        """Blocks from a height upwards."""
        return self.store.block_bytes_from(from_height, count)

    # ------------------------------------------------------------------ BlockMaker

    @property
    def transactions_wait(self) -> bool:
        """Whether a transaction waits that the next block could hold."""
        return self.pool.has_candidates()

    async def build(self, height: int, round_: int, time_ms: int) -> ProposedBlock:
        """Forge and execute the block of `height`."""
        try:
            return proposed(await self._executor.build(height, round_, time_ms))
        except InvalidBlock:
            if height > self.store.tip.height:
                raise
        return await _never()  # its height was committed while it waited for its turn

    async def validate(self, block: ProposedBlock, bodies: Sequence[bytes]) -> Verdict:
        """Check and execute a proposal."""
        whole = Block(
            header=block.header,
            transactions=tuple(bodies),
            evidence=block.evidence,
            preimage=block.preimage,
            parent_certificate=block.parent_certificate,
        )
        try:
            await self._executor.check(whole, block.witness_hashes)
        except BodiesMissing:
            return Verdict.UNAVAILABLE
        except MachineFault:
            raise  # no verdict: this chain stops here and its host starts it again
        except ChainError as error:
            if self.store.tip.height >= block.header.height:
                return Verdict.UNAVAILABLE  # its height was committed meanwhile: no judgement
            log.warning("proposal_refused", chain=self.name, error=error.detail)
            return Verdict.INVALID
        return Verdict.VALID

    def bodies_of(self, block_id: bytes) -> Sequence[bytes]:
        """Encoded transactions of a built or valid block."""
        candidate = self._executor.find(block_id)
        return () if candidate is None else candidate.block.transactions

    async def commit(self, block_id: bytes, certificate: Certificate) -> None:
        """Make a decided block durable."""
        candidate = await self._executor.commit(block_id, certificate)
        if candidate is not None:
            took_ms = clock_ms() - candidate.block.header.time_ms
            if candidate.transactions:
                self._commit_times_ms = [*self._commit_times_ms[1 - COMMIT_TIMES_KEPT :], took_ms]
            self._publish(candidate, took_ms)

    # ------------------------------------------------------------------ MessageNetwork

    def broadcast(self, message: bytes) -> None:
        """Push a consensus message to every peer."""
        self._network.broadcast(self.chain_id, message)

    def send(self, peer: bytes, message: bytes) -> None:
        """Push a consensus message to one peer."""
        self._network.send(peer, self.chain_id, message)

    def connected_peers(self) -> Sequence[bytes]:
        """Peers that can be reached now."""
        return [peer.key for peer in self._network.peers() if peer.is_connected]

    # ------------------------------------------------------------------ ConsensusListener

    def on_behind(self, peer: bytes, height: int) -> None:
        """A peer is ahead: fetch its blocks."""
        self._catch_up.hear(peer, height)

    def on_evidence(self, evidence: Evidence) -> None:
        """Keep the proof of double signing in the log; blocks carry none in version 1."""
        log.error("double_signing_proof", chain=self.name, proof=encode(evidence).hex())

    def on_height(self, height: int) -> None:
        """Consensus decides this height now."""
        log.debug("deciding", chain=self.name, height=height)

    # ------------------------------------------------------------------ state

    def nonce_of(self, account: bytes) -> int:
        """Next nonce of an account in committed state."""
        return self._record_of(account).nonce

    def next_context(self) -> BlockContext:
        """Context of a block that would be forged here and now."""
        return next_context(self.store, time_ms=clock_ms(), forger=self._key.public)

    def _record_of(self, account: bytes) -> AccountRecord:
        raw = self.store.view().get(account_key(account))
        return NEW_ACCOUNT if raw is None else decode_unchecked(raw, AccountRecord)

    def _funds_of(self, account: bytes) -> int:
        asset = self.store.parameters.fees.asset
        raw = self.store.view().get(balance_key(account, asset))
        return 0 if raw is None else decode_unchecked(raw, int)

    # ------------------------------------------------------------------ inside

    def _is_known(self, peer: bytes) -> bool:
        """Whether this is a configured peer or a delegate.

        Anybody can prove some key. What a stranger sends would only cost time: nothing is answered
        to him, and every vote also comes from its signer.
        """
        return self._network.is_peer(peer) or self.store.delegates.find_index(peer) is not None

    def _is_body(self, witness_hash: bytes, raw: bytes) -> bool:
        """Whether bytes of a peer are the transaction that was asked for."""
        try:
            return decode_transaction(raw, self.store.chain_id).witness_hash == witness_hash
        except ChainError:
            return False

    def _wake_consensus(self) -> None:
        if self.transactions_wait:
            self._driver.transactions_waiting()

    async def _fetch_blocks(self, request: BlockRequest) -> list[bytes]:
        return await self._network.fetch_blocks(
            self.chain_id, request.from_height, request.count, peer=request.peer
        )

    def _after_sync(self, candidate: Candidate) -> None:
        self._publish(candidate, clock_ms() - candidate.block.header.time_ms)
        self._driver.advance_to(candidate.block.header.height)

    def _publish(self, candidate: Candidate, took_ms: int) -> None:
        header = candidate.block.header
        self._signal.publish(header.height)
        log.info(
            "block_committed",
            chain=self.name,
            height=header.height,
            round=header.round,
            transactions=len(candidate.transactions),
            took_ms=took_ms,
        )

    async def _greet_peers(self) -> None:
        """Tell every peer that (re)connects how far we are, so that whoever is behind learns it."""
        while True:
            connected = {peer.key for peer in self._network.peers() if peer.is_connected}
            for peer in connected - self._greeted:
                self._driver.greet(peer)
            self._greeted = connected
            await self._network.wait_changed()


async def _never() -> ProposedBlock:
    """Wait until cancelled: the height ended, and consensus is about to learn it."""
    ended: asyncio.Future[ProposedBlock] = asyncio.get_running_loop().create_future()
    return await ended
