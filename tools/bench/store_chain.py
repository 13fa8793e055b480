"""A chain of made-up transfer blocks, to measure and to break storage with."""

import random
from typing import NamedTuple

from chain_engine.blocks.block import (
    NO_HASH,
    Block,
    CertifiedBlock,
    Event,
    Header,
    Receipt,
    block_id,
    next_seed,
    receipts_root,
    transactions_root,
)
from chain_engine.blocks.bridge import bridge_root
from chain_engine.blocks.certificate import Certificate, certificate_hash
from chain_engine.blocks.delegates import Delegate, DelegateSet, delegates_hash
from chain_engine.blocks.parameters import (
    ChainParameters,
    FeeSchedule,
    Timeouts,
    parameters_hash,
)
from chain_engine.blocks.transaction import SignedTransaction, Transaction, Witness
from chain_engine.codec.canonical import encode
from chain_engine.crypto.accounts import Script
from chain_engine.crypto.keys import SecretKey
from chain_engine.crypto.merkle import EMPTY_ROOT
from chain_engine.ledger.machine import Changes
from chain_engine.state.tree import TreeUpdate
from chain_engine.storage import ChainStore

KEY = SecretKey(bytes(31) + b"\1")
DELEGATES = DelegateSet(members=(Delegate(key=KEY.public, weight=1),))
PARAMETERS = ChainParameters(
    version=1,
    machine="bench/1",
    machine_hash=NO_HASH,
    consensus="abft",
    block_interval_ms=1_000,
    idle_interval_ms=60_000,
    clock_bound_ms=500,
    timeouts=Timeouts(propose_ms=1_000, propose_step_ms=500, vote_ms=500, vote_step_ms=250),
    epoch_blocks=100,
    checkpoint_blocks=10,
    trusting_period_ms=1_000_000,
    block_transactions_max=10_000,
    block_bytes_max=4 * 1024 * 1024,
    block_gas_max=0,
    transaction_gas_max=0,
    refusals="left_out",
    fees=FeeSchedule(asset="ACC", byte_fee=1, gas_price=0, relay_fee=1),
)


class MadeBlock(NamedTuple):
    """A block's content before its roots exist."""

    transactions: list[SignedTransaction]
    """Transactions in order."""

    changes: Changes
    """What they change."""


def account_of(index: int) -> bytes:
    """A made-up account."""
    return index.to_bytes(4, "little") * 5


def made_transaction(chain_id: bytes, sender: bytes, nonce: int) -> SignedTransaction:
    """A transfer with bytes of real size in place of a signature."""
    tx = Transaction(
        version=1,
        chain_prefix=chain_id[:8],
        kind="account.transfer",
        sender=sender,
        cosigners=(),
        nonce=nonce,
        valid_until_height=10**9,
        fee=1_000,
        gas_limit=0,
        payload=bytes(60),
        witnesses=(Witness(Script(1, (KEY.public,)), ((0, bytes(64)),), None),),
    )
    return SignedTransaction(encode(tx), tx, chain_id)


class StoreChain:
    """Makes blocks that fit onto a store's tip."""

    def __init__(self, store: ChainStore, accounts: int) -> None:
        """Initialize an empty store with this many accounts, or go on with a filled one."""
        self.store = store
        self.accounts = accounts
        if store.is_empty:
            entries = {b"b" + account_of(i) + b"ACC": _amount(10**12) for i in range(accounts)}
            header = _header(None, store.update_tree(entries).root, None, [], Changes({}, ()))
            block = Block(header, (), (), b"", None)
            store.initialize(block, entries, PARAMETERS, DELEGATES)

    def transfers(self, source: random.Random, count: int) -> MadeBlock:
        """Transfers between accounts: two state rows, a receipt and an event for each."""
        height, chain_id = self.store.tip.height + 1, self.store.chain_id
        writes: dict[bytes, bytes | None] = {}
        view = self.store.view()
        transactions, receipts = [], []
        for i in range(count):
            sender, recipient = (account_of(source.randrange(self.accounts)) for _ in range(2))
            for account in (sender, recipient):
                key = b"b" + account + b"ACC"
                assert view.get(key) is not None, "a ledger reads before it writes"
                writes[key] = _amount(source.randrange(10**12))
            signed = made_transaction(chain_id, sender, height * count + i)
            transactions.append(signed)
            data = f'{{"from":"{sender.hex()}","to":"{recipient.hex()}","amount":"{i}"}}'
            receipts.append(Receipt(signed.id, "", 0, 1_000, (Event("Transferred", data),)))
        return MadeBlock(transactions, Changes(writes=writes, receipts=tuple(receipts)))

    def certify(self, made: MadeBlock, tree: TreeUpdate) -> CertifiedBlock:
        """Put roots and a certificate to a block's content."""
        store, certificate = self.store, self.store.tip_certificate
        raws = [signed.raw for signed in made.transactions]
        hashes = [signed.witness_hash for signed in made.transactions]
        header = _header(store, tree.root, certificate, hashes, made.changes)
        block = Block(header, tuple(raws), (), b"", certificate)
        return CertifiedBlock(
            block, Certificate(header.height, 0, block_id(header), b"\1", (bytes(64),))
        )


def _header(
    store: ChainStore | None,
    state_root: bytes,
    parent: Certificate | None,
    hashes: list[bytes],
    changes: Changes,
) -> Header:
    delegates = delegates_hash(DELEGATES)
    return Header(
        version=1,
        chain_id=store.chain_id if store else NO_HASH,
        height=store.tip.height + 1 if store else 0,
        round=0,
        time_ms=store.tip.time_ms + 1_000 if store else 1_700_000_000_000,
        parent_id=store.tip_id if store else NO_HASH,
        transactions_root=transactions_root(hashes),
        receipts_root=receipts_root(changes.receipts),
        state_root=state_root,
        bridge_root=bridge_root(changes.commitments),
        delegates_hash=delegates,
        next_delegates_hash=delegates_hash(changes.next_delegates or DELEGATES),
        parameters_hash=parameters_hash(PARAMETERS),
        evidence_root=EMPTY_ROOT,
        parent_certificate_hash=certificate_hash(parent) if parent else NO_HASH,
        seed=next_seed(store.tip.seed, b"") if store else NO_HASH,
        consensus_root=NO_HASH,
        forger=KEY.public if store else b"",
    )


def _amount(units: int) -> bytes:
    return encode((1, units))
