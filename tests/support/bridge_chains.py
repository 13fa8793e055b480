"""Two chains in memory with real blocks, certificates, proofs and state roots.

A `MemoryChain` forges, executes and commits like a node, without network and disk. `Pair` is a
main chain with one registered sidechain and builds the relay transactions between them.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from chain_engine.blocks.block import (
    HEADER_VERSION,
    NO_HASH,
    Header,
    Receipt,
    block_id,
    next_seed,
    receipts_root,
    transactions_root,
)
from chain_engine.blocks.bridge import CommitmentProof, PeerCommitment, ProvenAck, ProvenMessage
from chain_engine.blocks.bridge import bridge_root as root_of_commitments
from chain_engine.blocks.build import build_transaction, sign_transaction
from chain_engine.blocks.certificate import Certificate, bitmap_of, second_vote_hash
from chain_engine.blocks.delegates import Delegate, DelegateSet, delegates_hash
from chain_engine.blocks.genesis import Genesis, build_genesis_block
from chain_engine.blocks.light_client import trust_header
from chain_engine.blocks.parameters import (
    ChainParameters,
    FeeSchedule,
    Timeouts,
    parameters_hash,
)
from chain_engine.blocks.transaction import SignedTransaction
from chain_engine.codec.canonical import encode
from chain_engine.crypto.accounts import account_of_key
from chain_engine.crypto.keys import SecretKey
from chain_engine.crypto.merkle import EMPTY_ROOT, build_proof, hash_leaf
from chain_engine.ledger.bridge.certify import CertifyPayload
from chain_engine.ledger.bridge.peers import commitments, get_peer, get_trusted, open_peer
from chain_engine.ledger.bridge.receive import DeliverPayload
from chain_engine.ledger.bridge.settle import SettlePayload
from chain_engine.ledger.genesis import genesis_entries
from chain_engine.ledger.kinds.account_transfer import ACCOUNT_TRANSFER
from chain_engine.ledger.kinds.chain_certify import CHAIN_CERTIFY
from chain_engine.ledger.kinds.chain_deliver import CHAIN_DELIVER
from chain_engine.ledger.kinds.chain_send import CHAIN_SEND, SendPayload
from chain_engine.ledger.kinds.chain_settle import CHAIN_SETTLE
from chain_engine.ledger.kinds.kind import build_registry
from chain_engine.ledger.ledger import Ledger
from chain_engine.ledger.machine import BlockContext, Changes, StateMachine
from chain_engine.ledger.native import NativeLedger
from chain_engine.ledger.records import PeerRecord
from chain_engine.primitives.errors import ChainError
from chain_engine.state.tree import DictTreeStore, root_of_entries, update_tree
from chain_engine.state.view import DictView
from mainchain.ledger import MainLedger
from mainchain.ledger.kinds.chain_register import RegisterPayload

SIDE_KINDS = build_registry(
    [ACCOUNT_TRANSFER, CHAIN_SEND, CHAIN_CERTIFY, CHAIN_DELIVER, CHAIN_SETTLE]
)
GENESIS_TIME_MS = 1_700_000_000_000
FOREVER_MS = GENESIS_TIME_MS + 10**12
FEE = 200_000
RELAY_FEE = 1_001
BOND = 100_000_000
RICH = 10**12


def key_of(number: int) -> SecretKey:
    return SecretKey(number.to_bytes(32, "big"))


def account_of(key: SecretKey) -> bytes:
    return account_of_key(key.public)


ALICE, BOB, CAROL, RELAYER = (key_of(n) for n in (101, 102, 103, 104))


def parameters_of(*, checkpoint_blocks: int = 1, **changes: Any) -> ChainParameters:
    fields: dict[str, Any] = {
        "version": 1,
        "machine": "test/1",
        "machine_hash": bytes(32),
        "consensus": "abft",
        "block_interval_ms": 1000,
        "idle_interval_ms": 10_000,
        "clock_bound_ms": 5_000,
        "timeouts": Timeouts(1000, 500, 500, 500),
        "epoch_blocks": 12,
        "checkpoint_blocks": checkpoint_blocks,
        "trusting_period_ms": 10_000_000,
        "block_transactions_max": 1_000,
        "block_bytes_max": 4 * 1024 * 1024,
        "block_gas_max": 0,
        "transaction_gas_max": 0,
        "refusals": "left_out",
        "fees": FeeSchedule(asset="ACC", byte_fee=1, gas_price=0, relay_fee=RELAY_FEE),
    }
    return ChainParameters(**{**fields, **changes})


@dataclass
class MemoryChain:
    """One chain: everything a node stores, in lists and dicts."""

    chain_id: bytes
    machine: StateMachine
    parameters: ChainParameters
    keys: list[SecretKey]
    delegates: DelegateSet
    view: DictView
    tree: DictTreeStore
    headers: list[Header]
    certificates: dict[int, Certificate] = field(default_factory=dict)
    receipts: dict[bytes, Receipt] = field(default_factory=dict)
    commitments: list[tuple[PeerCommitment, ...]] = field(default_factory=list)
    sent: dict[bytes, list[Any]] = field(default_factory=dict)
    acked: dict[bytes, list[Any]] = field(default_factory=dict)

    @property
    def tip(self) -> Header:
        return self.headers[-1]

    def context(self, later_ms: int = 1000) -> BlockContext:
        return BlockContext(
            chain_id=self.chain_id,
            height=self.tip.height + 1,
            time_ms=self.tip.time_ms + later_ms,
            seed=next_seed(self.tip.seed, b""),
            forger=self.keys[0].public,
            parameters=self.parameters,
        )

    def ledger(self, main_chain: bytes) -> Ledger:
        return Ledger(self.view, self.context(), main_chain)

    def nonce_of(self, account: bytes) -> int:
        return Ledger(self.view, self.context(), self.chain_id).account(account).nonce

    def sign(
        self, key: SecretKey, kind: str, payload: Any, *, fee: int = FEE, ahead: int = 0
    ) -> SignedTransaction:
        tx = build_transaction(
            chain_id=self.chain_id,
            kind=kind,
            sender=account_of(key),
            nonce=self.nonce_of(account_of(key)) + ahead,
            valid_until_height=self.tip.height + 100,
            fee=fee,
            payload=payload,
        )
        return sign_transaction(tx, self.chain_id, [key])

    def select(
        self, candidates: Sequence[SignedTransaction], later_ms: int = 1000
    ) -> tuple[BlockContext, list[SignedTransaction], Changes]:
        """Forge a block without committing it, executing it twice like forger and validator."""
        context = self.context(later_ms)
        chosen, changes = asyncio.run(self.machine.select(context, candidates, self.view))
        again = asyncio.run(self.machine.execute(context, chosen, self.view))
        assert changes == again, "forger and validator must agree"
        return context, chosen, changes

    def forge(
        self, candidates: Sequence[SignedTransaction] = (), later_ms: int = 1000
    ) -> list[SignedTransaction]:
        """Forge, certify and commit a block; returns the transactions it took."""
        context, chosen, changes = self.select(candidates, later_ms)
        self._commit(context, chosen, changes)
        return chosen

    def submit(
        self, key: SecretKey, kind: str, payload: Any, *, fee: int = FEE
    ) -> SignedTransaction:
        """Commit a block with one transaction that must not be refused."""
        signed = self.sign(key, kind, payload, fee=fee)
        self.machine.verify_stateless(signed)
        self.machine.check(signed, self.view, self.context())
        assert self.forge([signed]) == [signed]
        return signed

    def refusal(self, key: SecretKey, kind: str, payload: Any, *, fee: int = FEE) -> str:
        """Code that a transaction is refused with; the state must stay as it is."""
        signed = self.sign(key, kind, payload, fee=fee)
        _, chosen, changes = self.select([signed])
        assert chosen == []
        assert changes.writes == {}
        try:
            self.machine.verify_stateless(signed)
            self.machine.check(signed, self.view, self.context())
        except ChainError as error:
            return error.code
        raise AssertionError("the mempool must refuse it as well")

    def certify(self, header: Header, signers: set[int] | None = None) -> Certificate:
        """Second votes of the delegates (all, or some) for a header."""
        chosen = sorted(range(len(self.keys)) if signers is None else signers)
        message = second_vote_hash(self.chain_id, header.height, header.round, block_id(header))
        return Certificate(
            height=header.height,
            round=header.round,
            block_id=block_id(header),
            signers=bitmap_of(set(chosen), len(self.keys)),
            signatures=tuple(self.keys[i].sign(message) for i in chosen),
        )

    def prove_commitment(self, height: int, peer: bytes) -> CommitmentProof:
        committed = self.commitments[height]
        index = [c.peer for c in committed].index(peer)
        hashes = [hash_leaf(encode(c)) for c in committed]
        return CommitmentProof(commitment=committed[index], path=build_proof(hashes, index))

    def prove_message(self, peer: bytes, seq: int, size: int) -> ProvenMessage:
        log = self.sent[peer]
        hashes = [hash_leaf(encode(m)) for m in log[:size]]
        return ProvenMessage(message=log[seq], path=build_proof(hashes, seq))

    def prove_ack(self, peer: bytes, seq: int, size: int) -> ProvenAck:
        log = self.acked[peer]
        hashes = [hash_leaf(encode(a)) for a in log[:size]]
        return ProvenAck(ack=log[seq], path=build_proof(hashes, seq))

    def _commit(
        self, context: BlockContext, chosen: list[SignedTransaction], changes: Changes
    ) -> None:
        update = update_tree(self.tree, changes.writes)
        signers = delegates_hash(self.delegates)
        header = Header(
            version=HEADER_VERSION,
            chain_id=self.chain_id,
            height=context.height,
            round=0,
            time_ms=context.time_ms,
            parent_id=block_id(self.tip),
            transactions_root=transactions_root([s.witness_hash for s in chosen]),
            receipts_root=receipts_root(changes.receipts),
            state_root=update.root,
            bridge_root=root_of_commitments(changes.commitments),
            delegates_hash=signers,
            next_delegates_hash=signers,
            parameters_hash=parameters_hash(self.parameters),
            evidence_root=EMPTY_ROOT,
            parent_certificate_hash=NO_HASH,
            seed=context.seed,
            consensus_root=NO_HASH,
            forger=context.forger,
        )
        self.view.apply(changes.writes)
        self.tree.apply(update)
        self.headers.append(header)
        self.certificates[header.height] = self.certify(header)
        self.commitments.append(changes.commitments)
        assert commitments(self.view) == changes.commitments
        for message in changes.outbox:
            self.sent.setdefault(message.destination, []).append(message)
        for peer, ack in changes.acks:
            self.acked.setdefault(peer, []).append(ack)
        self.receipts.update({receipt.id: receipt for receipt in changes.receipts})


def build_chain(
    name: str,
    parameters: ChainParameters,
    keys: list[SecretKey],
    entries: dict[bytes, bytes],
    machine_of: Callable[[bytes], StateMachine],
) -> MemoryChain:
    """Start a chain from its first state."""
    keys = sorted(keys, key=lambda k: k.public)
    delegates = DelegateSet(tuple(Delegate(key=k.public, weight=1) for k in keys))
    view, tree = DictView(entries), DictTreeStore()
    update = update_tree(tree, entries)
    tree.apply(update)
    assert update.root == root_of_entries(entries)
    first = commitments(view)
    genesis = Genesis(1, name, GENESIS_TIME_MS, parameters, delegates, entries, first)
    header = build_genesis_block(genesis, update.root).header
    chain_id = block_id(header)
    return MemoryChain(
        chain_id=chain_id,
        machine=machine_of(chain_id),
        parameters=parameters,
        keys=keys,
        delegates=delegates,
        view=view,
        tree=tree,
        headers=[header],
        commitments=[first],
    )


def build_main(delegates: int = 1, **changes: Any) -> MemoryChain:
    """A main chain on which Alice, Bob and Carol are rich."""
    parameters = parameters_of(**changes)
    entries = genesis_entries({account_of(k): {"ACC": RICH} for k in (ALICE, BOB, CAROL)})
    keys = [key_of(1 + n) for n in range(delegates)]
    return build_chain("acc", parameters, keys, entries, lambda i: MainLedger(i, parameters))


def build_side(
    main: MemoryChain, name: str, delegates: int = 1, first_key: int = 50, **changes: Any
) -> MemoryChain:
    """A sidechain that trusts the main chain's tip; Alice and Bob hold its own asset ECC."""
    parameters = parameters_of(**changes)
    entries = genesis_entries({account_of(k): {"ECC": 10_000} for k in (ALICE, BOB)})
    start = Ledger(DictView(entries), main.context(), main.chain_id)
    trusted = trust_header(
        main.chain_id, main.tip, main.delegates, main.parameters.trusting_period_ms
    )
    open_peer(start, trusted, checkpoint_blocks=1, relay_fee=main.parameters.fees.relay_fee)
    opened = {k: v for k, v in start.writes().items() if v is not None}
    return build_chain(
        name,
        parameters,
        [key_of(first_key + n) for n in range(delegates)],
        {**entries, **opened},
        lambda _: NativeLedger(main_chain=main.chain_id, kinds=SIDE_KINDS, parameters=parameters),
    )


def registration_of(main: MemoryChain, side: MemoryChain, name: str) -> RegisterPayload:
    return RegisterPayload(
        name=name,
        package_hash=bytes(range(32)),
        package_bytes=1234,
        parameters=side.parameters,
        delegates=side.delegates,
        genesis=side.headers[0],
        anchor_height=main.tip.height,
        bond=BOND,
    )


@dataclass
class Pair:
    """A main chain, a registered sidechain, and a relayer between them."""

    main: MemoryChain
    side: MemoryChain

    def other(self, chain: MemoryChain) -> MemoryChain:
        return self.side if chain is self.main else self.main

    def ledger(self, chain: MemoryChain) -> Ledger:
        return chain.ledger(self.main.chain_id)

    def peer(self, chain: MemoryChain) -> PeerRecord:
        """The record that `chain` keeps about the other one."""
        return get_peer(self.ledger(chain), self.other(chain).chain_id)

    def send_payload(self, source: MemoryChain, **changes: Any) -> SendPayload:
        fields: dict[str, Any] = {
            "destination": self.other(source).chain_id,
            "kind": "TRANSFER",
            "asset": "ACC",
            "amount": 1_000_000,
            "recipient": account_of(BOB),
            "expires_at_ms": FOREVER_MS,
            "fee": RELAY_FEE,
            "memo": "",
            "body": b"",
        }
        return SendPayload(**{**fields, **changes})

    def certify_payload(
        self, source: MemoryChain, height: int | None = None, **changes: Any
    ) -> CertifyPayload:
        header = source.headers[source.tip.height if height is None else height]
        fields: dict[str, Any] = {
            "peer": source.chain_id,
            "header": header,
            "certificate": source.certificates.get(header.height),
            "delegates": source.delegates,
        }
        return CertifyPayload(**{**fields, **changes})

    def certified_height(self, destination: MemoryChain) -> int:
        """Height of the other chain that `destination` certified last."""
        return get_trusted(self.ledger(destination), self.other(destination).chain_id).height

    def deliver_payload(
        self, source: MemoryChain, count: int = 100, *, start: int | None = None
    ) -> DeliverPayload:
        """The next messages from `source` under what the other chain has certified of it."""
        destination = self.other(source)
        height = self.certified_height(destination)
        proof = source.prove_commitment(height, destination.chain_id)
        size = proof.commitment.outbox_size
        first = self.peer(destination).inbox_next if start is None else start
        return DeliverPayload(
            peer=source.chain_id,
            height=height,
            commitment=proof,
            messages=tuple(
                source.prove_message(destination.chain_id, seq, size)
                for seq in range(first, min(size, first + count))
            ),
        )

    def settle_payload(
        self, source: MemoryChain, count: int = 100, *, start: int | None = None
    ) -> SettlePayload:
        """The next acks for messages of `source` under what it has certified of the other."""
        destination = self.other(source)
        height = self.certified_height(source)
        proof = destination.prove_commitment(height, source.chain_id)
        size = proof.commitment.ack_size
        first = self.peer(source).settle_next if start is None else start
        return SettlePayload(
            peer=destination.chain_id,
            height=height,
            commitment=proof,
            acks=tuple(
                destination.prove_ack(source.chain_id, seq, size)
                for seq in range(first, min(size, first + count))
            ),
        )

    def send(self, source: MemoryChain, key: SecretKey, **changes: Any) -> SignedTransaction:
        return source.submit(key, "chain.send", self.send_payload(source, **changes))

    def certify(self, source: MemoryChain) -> None:
        """Let the other chain certify the newest checkpoint of `source`."""
        destination = self.other(source)
        every = self.peer(destination).checkpoint_blocks
        while source.tip.height % every or source.tip.height <= self.certified_height(destination):
            source.forge()
        destination.submit(RELAYER, "chain.certify", self.certify_payload(source), fee=0)

    def deliver(self, source: MemoryChain) -> None:
        self.certify(source)
        destination = self.other(source)
        destination.submit(RELAYER, "chain.deliver", self.deliver_payload(source), fee=0)

    def settle(self, source: MemoryChain) -> None:
        self.certify(self.other(source))
        source.submit(RELAYER, "chain.settle", self.settle_payload(source), fee=0)


def build_pair(*, main_delegates: int = 1, side_delegates: int = 1, **changes: Any) -> Pair:
    """A main chain with one registered sidechain; `changes` are parameters of the sidechain."""
    main = build_main(main_delegates)
    side = build_side(main, "ecc", side_delegates, **changes)
    main.submit(CAROL, "chain.register", registration_of(main, side, "ecc"))
    return Pair(main, side)
