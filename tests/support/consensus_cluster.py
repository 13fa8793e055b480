"""Delegates in one process: real drivers, journals and keys over a network of method calls."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from chain_engine.blocks.block import NO_HASH, Header, block_id, next_seed, transactions_root
from chain_engine.blocks.certificate import Certificate, certificate_hash, verify_certificate
from chain_engine.blocks.delegates import Delegate, DelegateSet
from chain_engine.blocks.parameters import ChainParameters, FeeSchedule, Timeouts
from chain_engine.consensus.events import Verdict
from chain_engine.consensus.messages import (
    FirstVote,
    Proposal,
    ProposedBlock,
    SecondVote,
    decode_message,
    signed_hash,
    step_of,
)
from chain_engine.crypto.keys import SecretKey
from chain_engine.crypto.merkle import EMPTY_ROOT
from chain_engine.node.consensus_driver import ConsensusDriver
from chain_engine.storage.journal import ConsensusJournal
from chain_engine.storage.sign_state import SignState

PARAMETERS = ChainParameters(
    version=1,
    machine="test/1",
    machine_hash=NO_HASH,
    consensus="abft",
    block_interval_ms=50,
    idle_interval_ms=600_000,
    clock_bound_ms=60_000,
    timeouts=Timeouts(propose_ms=1500, propose_step_ms=500, vote_ms=500, vote_step_ms=250),
    epoch_blocks=3,
    checkpoint_blocks=3,
    trusting_period_ms=10_000_000,
    block_transactions_max=100,
    block_bytes_max=100_000,
    block_gas_max=1,
    transaction_gas_max=1,
    refusals="charged",
    fees=FeeSchedule(asset="ACC", byte_fee=0, gas_price=0, relay_fee=0),
)


def clock_ms() -> int:
    return time.time_ns() // 1_000_000


def make_keys(count: int) -> list[SecretKey]:
    keys = [SecretKey(bytes([7]) * 31 + bytes([index + 1])) for index in range(count)]
    return sorted(keys, key=lambda key: key.public)


def genesis() -> Header:
    return Header(
        version=1, chain_id=NO_HASH, height=0, round=0, time_ms=clock_ms() - 1000,
        parent_id=NO_HASH, transactions_root=EMPTY_ROOT, receipts_root=EMPTY_ROOT,
        state_root=NO_HASH, bridge_root=EMPTY_ROOT, delegates_hash=NO_HASH,
        next_delegates_hash=NO_HASH, parameters_hash=NO_HASH, evidence_root=EMPTY_ROOT,
        parent_certificate_hash=NO_HASH, seed=NO_HASH, consensus_root=NO_HASH, forger=b"",
    )  # fmt: skip


class Chain:
    """Committed blocks, and a block maker that puts waiting bodies into blocks."""

    def __init__(self, first: Header, delegates: DelegateSet, key: SecretKey) -> None:
        self.headers = [first]
        self.certificates: list[Certificate | None] = [None]
        self.blocks: list[list[bytes]] = [[]]
        self.delegates = delegates
        self.parameters = PARAMETERS
        self.chain_id = block_id(first)
        self.waiting: list[bytes] = []
        self.known: dict[bytes, tuple[ProposedBlock, tuple[bytes, ...]]] = {}
        self.fetch: Callable[[Sequence[bytes]], list[bytes]] = lambda _: []
        self._key = key

    @property
    def tip(self) -> Header:
        return self.headers[-1]

    @property
    def tip_certificate(self) -> Certificate | None:
        return self.certificates[-1]

    def find_header(self, height: int) -> Header | None:
        return self.headers[height] if height < len(self.headers) else None

    def has(self, body: bytes) -> bool:
        return any(body in bodies for bodies in self.blocks)

    @property
    def transactions_wait(self) -> bool:
        return bool(self.waiting)

    async def build(self, height: int, round_: int, time_ms: int) -> ProposedBlock:
        assert height == self.tip.height + 1
        bodies = tuple(self.waiting[:10])
        certificate = self.tip_certificate
        header = Header(
            version=1, chain_id=self.chain_id, height=height, round=round_, time_ms=time_ms,
            parent_id=block_id(self.tip), transactions_root=transactions_root(bodies),
            receipts_root=EMPTY_ROOT, state_root=NO_HASH, bridge_root=EMPTY_ROOT,
            delegates_hash=NO_HASH, next_delegates_hash=NO_HASH, parameters_hash=NO_HASH,
            evidence_root=EMPTY_ROOT,
            parent_certificate_hash=certificate_hash(certificate) if certificate else NO_HASH,
            seed=next_seed(self.tip.seed, b""), consensus_root=NO_HASH, forger=self._key.public,
        )  # fmt: skip
        block = ProposedBlock(header, bodies, (), b"", certificate)
        self.known[block_id(header)] = (block, bodies)
        return block

    async def validate(self, block: ProposedBlock, bodies: Sequence[bytes]) -> Verdict:
        if block.header.state_root != NO_HASH:
            return Verdict.INVALID
        found = tuple(bodies) or tuple(self.fetch(block.witness_hashes))
        if found != block.witness_hashes:
            return Verdict.UNAVAILABLE
        self.known[block_id(block.header)] = (block, found)
        return Verdict.VALID

    def bodies_of(self, identity: bytes) -> Sequence[bytes]:
        return self.known[identity][1]

    async def commit(self, identity: bytes, certificate: Certificate) -> None:
        if certificate.height <= self.tip.height:
            return
        block, bodies = self.known[identity]
        self.append(block.header, certificate, list(bodies))

    def append(self, header: Header, certificate: Certificate, bodies: list[bytes]) -> None:
        verify_certificate(certificate, self.delegates, self.chain_id)
        assert header.parent_id == block_id(self.tip)
        self.headers.append(header)
        self.certificates.append(certificate)
        self.blocks.append(bodies)
        self.waiting = [body for body in self.waiting if body not in bodies]
        self.known.clear()


class Member:
    """One delegate with its files; can be killed and started again."""

    def __init__(self, cluster: "Cluster", index: int, key: SecretKey, folder: Path) -> None:
        self.cluster, self.index, self.key, self.folder = cluster, index, key, folder
        self.chain = Chain(cluster.first, cluster.delegates, key)
        self.chain.fetch = cluster.fetch
        self.driver: ConsensusDriver | None = None
        self.task: asyncio.Task[None] | None = None
        self.behind: list[tuple[bytes, int]] = []
        self.evidence: list[object] = []

    def start(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.driver = ConsensusDriver(
            chain_id=self.chain.chain_id,
            key=self.key,
            chain=self.chain,
            blocks=self.chain,
            network=self,
            journal=ConsensusJournal.open(self.folder / "journal"),
            sign_state=SignState.open(self.folder / "sign_state"),
            listener=self,
            clock_ms=clock_ms,
        )
        self.task = asyncio.get_running_loop().create_task(self.driver.run())
        for other in self.cluster.members:
            if other is not self and other.driver is not None:
                self.driver.greet(other.key.public)
                other.driver.greet(self.key.public)

    async def kill(self) -> None:
        assert self.task is not None
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task
        self.driver = self.task = None
        self.chain.known.clear()
        self.chain.waiting.clear()

    def on_behind(self, peer: bytes, height: int) -> None:
        self.behind.append((peer, height))
        asyncio.get_running_loop().call_soon(self._sync, peer)

    def _sync(self, peer: bytes) -> None:
        server = self.cluster.member(peer).chain
        for height in range(self.chain.tip.height + 1, server.tip.height + 1):
            certificate = server.certificates[height]
            assert certificate is not None
            self.chain.append(server.headers[height], certificate, server.blocks[height])
        if self.driver is not None:
            self.driver.advance_to(self.chain.tip.height)

    def on_evidence(self, evidence: object) -> None:
        self.evidence.append(evidence)

    def on_height(self, _height: int) -> None:
        self.cluster.note_height()

    def broadcast(self, message: bytes) -> None:
        for other in self.cluster.members:
            if other is not self:
                self.send(other.key.public, message)

    def send(self, peer: bytes, message: bytes) -> None:
        self.cluster.carry(self, self.cluster.member(peer), message)

    def connected_peers(self) -> Sequence[bytes]:
        return [m.key.public for m in self.cluster.members if m is not self and m.driver]


class Cluster:
    """All members, every message they sent, and what they signed."""

    def __init__(self, folder: Path, count: int) -> None:
        keys = make_keys(count)
        self.first = genesis()
        self.delegates = DelegateSet(tuple(Delegate(key.public, 1) for key in keys))
        self.members = [Member(self, i, key, folder / str(i)) for i, key in enumerate(keys)]
        self.signed: dict[tuple[bytes, int, int, int], bytes] = {}
        self.sent = 0
        self.drop: Callable[[Member, Member, object], bool] = lambda *_: False
        self._changed = asyncio.Event()

    def member(self, key: bytes) -> Member:
        return next(member for member in self.members if member.key.public == key)

    def fetch(self, hashes: Sequence[bytes]) -> list[bytes]:
        held = {body for m in self.members if m.driver for body in m.chain.waiting}
        return [wanted for wanted in hashes if wanted in held]

    def carry(self, sender: Member, receiver: Member, data: bytes) -> None:
        message = decode_message(data)
        self.sent += 1
        if isinstance(message, Proposal | FirstVote | SecondVote):
            self._note_signed(sender, message)
        if receiver.driver is not None and not self.drop(sender, receiver, message):
            receiver.driver.receive(sender.key.public, data)

    def _note_signed(self, sender: Member, message: Proposal | FirstVote | SecondVote) -> None:
        """A sender hands on others' messages too: only its own count here."""
        if isinstance(message, Proposal):
            signer = None
            digest = signed_hash(message, sender.chain.chain_id)
            where = (b"", message.height, message.round, int(step_of(message)))
        else:
            signer = message.signer
            digest = signed_hash(message, sender.chain.chain_id)
            key = self.delegates.members[signer].key
            where = (key, message.height, message.round, int(step_of(message)))
        assert self.signed.setdefault(where, digest) == digest, f"signed twice at {where}"

    def note_height(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def start(self) -> None:
        for member in self.members:
            member.start()

    def submit(self, body: bytes) -> None:
        for member in self.members:
            if member.driver is not None:
                member.chain.waiting.append(body)
                member.driver.transactions_waiting()

    async def until_committed(self, body: bytes) -> None:
        """Wait until every running member has the body in a block."""
        running = [member for member in self.members if member.driver is not None]
        await self.until(lambda: all(member.chain.has(body) for member in running))

    async def until_height(self, height: int) -> None:
        """Wait until every member has committed a height."""
        await self.until(lambda: all(m.chain.tip.height >= height for m in self.members))

    async def until(self, is_reached: Callable[[], bool]) -> None:
        """Wait for a condition that changes with heights; a failed driver ends the wait."""
        while not is_reached():
            for member in self.members:
                if member.task is not None and member.task.done():
                    member.task.result()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), 0.2)

    async def stop(self) -> None:
        for member in self.members:
            if member.task is not None:
                await member.kill()

    def verify_agreement(self) -> None:
        shortest = min(len(member.chain.headers) for member in self.members)
        chains = {tuple(map(block_id, m.chain.headers[:shortest])) for m in self.members}
        assert len(chains) == 1
