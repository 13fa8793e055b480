"""A dict-backed chain that keeps the promise of `ChainService`: real blocks, keys and proofs."""

import asyncio
import json
from dataclasses import dataclass, field

from chain_engine.blocks.block import Block, CertifiedBlock, Event, Header, Receipt, block_id
from chain_engine.blocks.bridge import (
    Ack,
    AssetId,
    BridgeMessage,
    CommitmentProof,
    PeerCommitment,
    ProvenAck,
    ProvenMessage,
    bridge_root,
)
from chain_engine.blocks.build import build_transaction, sign_transaction
from chain_engine.blocks.certificate import Certificate, bitmap_of, second_vote_hash
from chain_engine.blocks.delegates import Delegate, DelegateSet, delegates_hash
from chain_engine.blocks.parameters import ChainParameters, FeeSchedule, Timeouts
from chain_engine.blocks.transaction import are_signatures_valid, decode_transaction
from chain_engine.codec.canonical import Struct, encode
from chain_engine.crypto.accounts import account_of_key
from chain_engine.crypto.hashing import tagged_hash
from chain_engine.crypto.keys import InvalidSignature, SecretKey
from chain_engine.crypto.merkle import EMPTY_ROOT, build_proof, hash_leaf, merkle_root
from chain_engine.http.chains import AccountSummary, CommitSignal, SubmitResult
from chain_engine.primitives.errors import ChainError, NotFound

NO_HASH = bytes(32)
PEER = bytes([7]) * 32
ALICE = SecretKey(bytes([1]) * 32)
BOB = account_of_key(SecretKey(bytes([2]) * 32).public)
SIGNERS = sorted((SecretKey(bytes([n]) * 32) for n in range(11, 15)), key=lambda k: k.public)
DELEGATES = DelegateSet(tuple(Delegate(key.public, 10) for key in SIGNERS))

PARAMETERS = ChainParameters(
    version=1, machine="fake/1", machine_hash=NO_HASH, consensus="abft", block_interval_ms=50,
    idle_interval_ms=1000, clock_bound_ms=1000, timeouts=Timeouts(100, 10, 100, 10),
    epoch_blocks=10, checkpoint_blocks=5, trusting_period_ms=10**9, block_transactions_max=100,
    block_bytes_max=10**6, block_gas_max=10**9, transaction_gas_max=10**7, refusals="left_out",
    fees=FeeSchedule("ACC", 1, 1, 1),
)  # fmt: skip


class FakeProof(Struct, frozen=True):
    """Stands for the state tree's proof."""

    root: bytes


class Payload(Struct, frozen=True):
    """Payload of the one kind."""

    recipient: bytes
    amount: int


@dataclass(frozen=True)
class Place:
    height: int
    index: int
    receipt: Receipt


@dataclass(frozen=True)
class Summary:
    block_id: bytes
    header: Header
    transactions: int
    body_bytes: int


@dataclass(frozen=True)
class StoredEvent:
    cursor: int
    height: int
    index: int
    transaction_id: bytes
    name: str
    data: str


@dataclass(frozen=True)
class HistoryRow:
    cursor: int
    transaction_id: bytes
    height: int
    index: int


@dataclass
class FakeStore:
    """Committed data in dicts."""

    name: str
    blocks: list[CertifiedBlock] = field(default_factory=list)
    receipts: dict[bytes, Place] = field(default_factory=dict)
    raws: dict[bytes, tuple[bytes, int, int]] = field(default_factory=dict)
    events: list[StoredEvent] = field(default_factory=list)
    history: dict[bytes, list[HistoryRow]] = field(default_factory=dict)
    outbox: list[BridgeMessage] = field(default_factory=list)
    acks: list[Ack] = field(default_factory=list)
    commitments: dict[int, PeerCommitment] = field(default_factory=dict)
    parameters: ChainParameters = PARAMETERS
    delegates: DelegateSet = DELEGATES

    @property
    def chain_id(self) -> bytes:
        return block_id(self.blocks[0].block.header)

    @property
    def tip(self) -> Header:
        return self.blocks[-1].block.header

    @property
    def tip_id(self) -> bytes:
        return block_id(self.tip)

    def last_event_cursor(self) -> int:
        return self.events[-1].cursor if self.events else 0

    def get_block(self, height):
        if not 0 <= height < len(self.blocks):
            raise NotFound(height=height)
        return self.blocks[height]

    def find_block_by_id(self, identity):
        return next((b for b in self.blocks if block_id(b.block.header) == identity), None)

    def block_summaries(self, before, limit):
        chosen = self.blocks[max(0, before - limit) : before]
        return [
            Summary(block_id(b.block.header), b.block.header, len(b.block.transactions), 0)
            for b in reversed(chosen)
        ]

    def find_header(self, height):
        return self.blocks[height].block.header if 0 <= height < len(self.blocks) else None

    def find_certificate(self, height):
        return self.blocks[height].certificate if 0 <= height < len(self.blocks) else None

    def find_delegates(self, hash_):
        return DELEGATES if hash_ == delegates_hash(DELEGATES) else None

    def find_receipt(self, identity):
        return self.receipts.get(identity)

    def receipts_of(self, height):
        places = sorted(self.receipts.values(), key=lambda p: p.index)
        return [place.receipt for place in places if place.height == height]

    def find_transaction(self, identity):
        return self.raws.get(identity)

    def account_transactions(self, account, before_cursor, limit):
        rows = self.history.get(account, [])
        kept = [r for r in rows if before_cursor is None or r.cursor < before_cursor]
        return kept[::-1][:limit]

    def events_after(self, cursor, limit, name=None):
        return [e for e in self.events if e.cursor > cursor and name in (None, e.name)][:limit]

    def prove_state(self, key, height):
        return (b"value" if key == b"known" else None), FakeProof(
            self.blocks[height].block.header.state_root
        )

    def commitments_at(self, height):
        return (self.commitments[height],) if height in self.commitments else ()

    def prove_commitment(self, height, peer):
        for commitment in self.commitments_at(height):
            if commitment.peer == peer:
                leaf = hash_leaf(encode(commitment))
                return CommitmentProof(commitment, build_proof([leaf], 0))
        raise NotFound(peer=peer)

    def prove_message(self, peer, seq, size):
        assert peer == PEER
        hashes = [hash_leaf(encode(m)) for m in self.outbox[:size]]
        return ProvenMessage(self.outbox[seq], build_proof(hashes, seq))

    def prove_ack(self, peer, seq, size):
        assert peer == PEER
        hashes = [hash_leaf(encode(a)) for a in self.acks[:size]]
        return ProvenAck(self.acks[seq], build_proof(hashes, seq))

    def messages(self, peer, from_seq, limit):
        return self.outbox[from_seq : from_seq + limit] if peer == PEER else []

    def commitment(self) -> PeerCommitment:
        return PeerCommitment(
            version=1,
            peer=PEER,
            outbox_root=merkle_root([encode(m) for m in self.outbox]),
            outbox_size=len(self.outbox),
            ack_root=merkle_root([encode(a) for a in self.acks]),
            ack_size=len(self.acks),
            settle_next=0,
            vouchers_root=EMPTY_ROOT,
            status=1,
        )

    def send_message(self, amount):
        self.outbox.append(
            BridgeMessage(
                version=1,
                source=self.chain_id,
                destination=PEER,
                seq=len(self.outbox),
                kind="TRANSFER",
                asset=AssetId(self.chain_id, "ACC"),
                amount=amount,
                sender=BOB,
                recipient=BOB,
                expires_at_ms=10**13,
                fee=1,
                memo="",
                body=b"",
            )
        )
        self.acks.append(Ack(1, len(self.acks), 1, ""))

    def append(self, raws=(), events_each=1, event_data=None):
        """Make, certify and keep the next block."""
        height = len(self.blocks)
        if height:
            self.commitments[height] = self.commitment()
        ids = []
        receipts = []
        for index, raw in enumerate(raws):
            signed = decode_transaction(raw, self.chain_id)
            events = tuple(
                Event("Transferred", event_data or json.dumps({"n": str(n), "text": "a\nb"}))
                for n in range(events_each)
            )
            receipt = Receipt(signed.id, "", 0, signed.tx.fee, events)
            ids.append((signed, receipt, index))
            receipts.append(encode(receipt))
        header = Header(
            version=1,
            chain_id=self.chain_id if height else NO_HASH,
            height=height, round=0, time_ms=1_700_000_000_000 + 1000 * height,
            parent_id=self.tip_id if height else NO_HASH,
            transactions_root=merkle_root([s.witness_hash for s, _, _ in ids]),
            receipts_root=merkle_root(receipts),
            state_root=tagged_hash("test/state", self.name.encode(), bytes([height % 256])),
            bridge_root=bridge_root(self.commitments_at(height)),
            delegates_hash=delegates_hash(DELEGATES), next_delegates_hash=delegates_hash(DELEGATES),
            parameters_hash=NO_HASH, evidence_root=EMPTY_ROOT, parent_certificate_hash=NO_HASH,
            seed=NO_HASH, consensus_root=NO_HASH,
            forger=SIGNERS[0].public if height else b"",
        )  # fmt: skip
        certificate = self.certify(header) if height else None
        body = Block(header, tuple(raws), (), b"", None)
        self.blocks.append(CertifiedBlock(body, certificate))
        for signed, receipt, index in ids:
            self.receipts[signed.id] = Place(height, index, receipt)
            self.raws[signed.id] = (signed.raw, height, index)
            rows = self.history.setdefault(signed.tx.sender, [])
            rows.append(HistoryRow(height * 10_000 + index, signed.id, height, index))
            for event in receipt.events:
                cursor = len(self.events) + 1
                self.events.append(
                    StoredEvent(cursor, height, index, signed.id, event.name, event.data)
                )

    def certify(self, header):
        identity = block_id(header)
        message = second_vote_hash(self.chain_id, header.height, 0, identity)
        signatures = tuple(key.sign(message) for key in SIGNERS[:3])
        return Certificate(header.height, 0, identity, bitmap_of({0, 1, 2}, 4), signatures)


class FakeChain:
    """A chain with a pool; `commit` makes a block of what waits."""

    def __init__(self, name="main"):
        self.name = name
        self.store = FakeStore(name)
        self.store.append()
        self.signal = CommitSignal(0)
        self.pool = {}
        self.submitted = []
        self.submissions = CommitSignal(0)
        self.details = {}

    @property
    def chain_id(self):
        return self.store.chain_id

    def transfer(self, nonce, amount=5):
        tx = build_transaction(
            chain_id=self.chain_id, kind="account.transfer", sender=account_of_key(ALICE.public),
            nonce=nonce, valid_until_height=1000, fee=2**60, payload=Payload(BOB, amount),
        )  # fmt: skip
        return sign_transaction(tx, self.chain_id, [ALICE]).raw

    def transaction_id(self, raw):
        return decode_transaction(raw, self.chain_id).id

    def commit(self, events_each=1, event_data=None):
        raws, self.pool = list(self.pool.values()), {}
        self.store.append(raws, events_each, event_data)
        self.signal.publish(self.store.tip.height)

    async def submit(self, raws):
        self.submitted.append(len(raws))
        self.submissions.publish(len(self.submitted))
        return [self._offer(raw) for raw in raws]

    async def wait_submitted(self, count):
        await self.submissions.wait_above(count - 1)

    def _offer(self, raw):
        try:
            signed = decode_transaction(raw, self.chain_id)
        except ChainError as e:
            return SubmitResult(None, e)
        if not are_signatures_valid(signed):
            return SubmitResult(signed.id, InvalidSignature())
        if signed.id not in self.store.raws:
            self.pool[signed.id] = raw
        return SubmitResult(signed.id, None)

    async def wait_committed(self, transaction_id, timeout_ms):
        try:
            async with asyncio.timeout(timeout_ms / 1000):
                while transaction_id not in self.store.receipts:
                    await self.signal.wait_above(self.store.tip.height)
        except TimeoutError:
            return None
        return self.store.receipts[transaction_id]

    async def wait_above(self, height):
        return await self.signal.wait_above(height)

    async def simulate(self, raw):
        signed = decode_transaction(raw, self.chain_id)
        return Receipt(signed.id, "", 7, signed.tx.fee, ())

    def account(self, account):
        if account == account_of_key(ALICE.public):
            return AccountSummary(3, {"ACC": 2**62}, self.details)
        return AccountSummary(0, {})

    def status(self):
        return {"peers": 3, "waiting": len(self.pool)}


class FakeDApp(FakeChain):
    """A chain with queries."""

    async def query(self, name, arguments):
        if name != "balance":
            raise NotFound(query=name)
        return json.dumps({"asked": dict(arguments)})

    def describe(self):
        account = {"type": "object", "properties": {"account": {"type": "string"}},
                   "required": ["account"]}  # fmt: skip
        queries = [{"name": "balance", "summary": "A balance", "parameters": account}]
        return {"methods": [], "queries": queries}


async def until(is_true):
    """Wait for something that nobody announces; the test's own limit ends it."""
    while not is_true():  # noqa: ASYNC110 - there is no event to wait for
        await asyncio.sleep(0.005)


class RecordingService:
    """One chain of one node: remembers what it is given, answers from dicts."""

    def __init__(self):
        self.messages = []
        self.batches = []
        self.announced = []
        self.pool = {}
        self.blocks = {}
        self.heights = []
        self.error = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.received = CommitSignal(0)

    async def on_messages(self, peer, messages):
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        self.batches.append(len(messages))
        self.messages += [(peer, message) for message in messages]
        self.received.publish(len(self.messages))

    async def on_announce(self, _peer, hashes):
        self.announced += hashes
        self.received.publish(len(self.announced))

    async def bodies(self, hashes):
        return [self.pool.get(h, b"") for h in hashes]

    async def certified_block(self, block_id):
        return self.blocks.get(block_id)

    async def certified_blocks(self, from_height, count):
        return self.heights[from_height : from_height + count]
