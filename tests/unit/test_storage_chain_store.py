"""What a chain store gives back is what was committed into it, also after opening it again."""

import random
import sqlite3
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from chain_engine.blocks.block import CertifiedBlock, Event, Receipt
from chain_engine.blocks.bridge import (
    Ack,
    AssetId,
    BridgeMessage,
    PeerCommitment,
    bridge_root,
    verify_commitment,
)
from chain_engine.blocks.delegates import Delegate, DelegateSet, delegates_hash
from chain_engine.codec.canonical import decode, encode
from chain_engine.crypto.keys import SecretKey
from chain_engine.crypto.merkle import EMPTY_ROOT, merkle_root, verify_inclusion
from chain_engine.ledger.machine import Changes
from chain_engine.primitives.errors import NotFound
from chain_engine.state.tree import root_of_entries, verify_state_proof
from chain_engine.storage import ChainStore
from chain_engine.storage.errors import (
    StorageFailed,
    StorageFull,
    StoreEmpty,
    StoreLocked,
    WrongStoreFormat,
)
from tools.bench.store_chain import DELEGATES, PARAMETERS, MadeBlock, StoreChain, account_of

PEER = b"P" * 32
ACCOUNTS = 40


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chain.db"


@pytest.fixture
def store(path: Path):
    with ChainStore.open(path) as opened:
        StoreChain(opened, ACCOUNTS)
        yield opened


def commit(store: ChainStore, made: MadeBlock) -> CertifiedBlock:
    tree = store.update_tree(made.changes.writes)
    certified = StoreChain(store, ACCOUNTS).certify(made, tree)
    store.commit(certified, made.transactions, made.changes, tree)
    return certified


def commit_transfers(store: ChainStore, count: int, seed: int = 1) -> CertifiedBlock:
    chain = StoreChain(store, ACCOUNTS)
    return commit(store, chain.transfers(random.Random(seed + store.tip.height), count))


def commit_changes(store: ChainStore, **changes) -> CertifiedBlock:
    given = {"writes": {}, "receipts": (), "commitments": store.commitments_at(store.tip.height)}
    return commit(store, MadeBlock([], Changes(**{**given, **changes})))


def state_of(store: ChainStore) -> dict[bytes, bytes]:
    return dict(store.view().scan(b"", b"\xff" * 40, limit=10**6))


def test_a_new_store_is_empty_until_it_is_initialized(path):
    with ChainStore.open(path) as store:
        assert store.is_empty
        with pytest.raises(StoreEmpty):
            _ = store.tip
        StoreChain(store, ACCOUNTS)
        assert (store.is_empty, store.tip.height, store.tip_id) == (False, 0, store.chain_id)
        assert store.tip_certificate is None


def test_blocks_come_back_as_they_were_committed(store):
    blocks = [commit_transfers(store, 5) for _ in range(4)]
    assert store.blocks_from(1, 10) == blocks
    assert [decode(data, CertifiedBlock) for data in store.block_bytes_from(2, 2)] == blocks[1:3]
    for certified in blocks:
        header = certified.block.header
        assert store.get_block(header.height) == certified
        assert store.find_block_by_id(certified.certificate.block_id) == certified
        assert store.find_header(header.height) == header
        assert store.find_certificate(header.height) == certified.certificate
    assert store.get_block(0).certificate is None
    assert (store.find_header(5), store.find_block_by_id(PEER)) == (None, None)
    with pytest.raises(NotFound):
        store.get_block(5)
    summaries = store.block_summaries(before=4, limit=2)
    assert [(s.header.height, s.transactions) for s in summaries] == [(3, 5), (2, 5)]


def test_everything_is_there_after_opening_again(store, path):
    for _ in range(3):
        commit_transfers(store, 7)
    before = (store.tip, store.tip_id, store.tip_certificate, store.delegates, store.parameters)
    entries, events = state_of(store), store.events_after(0, 100)
    store.close()
    with ChainStore.open(path) as again:
        after = (again.tip, again.tip_id, again.tip_certificate, again.delegates, again.parameters)
        assert (after, state_of(again), again.events_after(0, 100)) == (before, entries, events)
        assert again.state_root() == again.tip.state_root == root_of_entries(entries)
        commit_transfers(again, 3)


def test_state_is_read_written_deleted_and_scanned_in_order(store):
    commit_changes(store, writes={b"x1": b"a", b"x2": b"b", b"x3": b"c"})
    commit_changes(store, writes={b"x2": None, b"x3": b"d", b"x9": None})
    view = store.view()
    assert [view.get(key) for key in (b"x1", b"x2", b"x3", b"x9")] == [b"a", None, b"d", None]
    assert view.scan(b"x", b"y", limit=9) == [(b"x1", b"a"), (b"x3", b"d")]
    assert view.scan(b"x", b"y", limit=1, reverse=True) == [(b"x3", b"d")]
    assert view.scan(b"x1", b"x3", limit=9) == [(b"x1", b"a")]


def test_values_are_right_with_caches_too_small_for_anything(path):
    with ChainStore.open(path, entry_cache=0, node_cache=0) as store:
        StoreChain(store, ACCOUNTS)
        for _ in range(3):
            commit_transfers(store, 20)
        entries = state_of(store)
        assert all(store.view().get(key) == value for key, value in entries.items())
        assert store.state_root() == root_of_entries(entries) == store.tip.state_root


def test_an_update_of_the_tree_applies_nothing(store):
    root = store.tip.state_root
    assert store.update_tree({b"x": b"1"}).root != root
    assert (store.state_root(), store.view().get(b"x")) == (root, None)


def test_state_is_proven_at_the_tip_and_at_recent_heights(store):
    commit_changes(store, writes={b"x": b"old", b"y": b"1"})
    old_root = store.tip.state_root
    commit_transfers(store, 20)
    commit_changes(store, writes={b"x": b"new", b"y": None})
    for key, expected in ((b"x", b"new"), (b"y", None)):
        value, proof = store.prove_state(key)
        assert value == expected
        verify_state_proof(store.tip.state_root, key, value, proof)
    for key, expected in ((b"x", b"old"), (b"y", b"1"), (b"z", None)):
        value, proof = store.prove_state(key, height=1)
        assert (value, store.view_at(1).get(key)) == (expected, expected)
        verify_state_proof(old_root, key, value, proof)
    for height in (-1, 4):
        with pytest.raises(NotFound):
            store.prove_state(b"x", height=height)


def test_old_undo_records_are_dropped_and_asking_for_them_says_so(store, monkeypatch):
    monkeypatch.setattr("chain_engine.storage.committed_state.UNDO_BLOCKS", 2)
    for number in range(5):
        commit_changes(store, writes={b"x": b"%d" % number})
    assert [store.view_at(height).get(b"x") for height in (3, 4, 5)] == [b"2", b"3", b"4"]
    with pytest.raises(NotFound):
        store.view_at(2)


def test_transactions_are_found_by_id_and_by_account(store):
    blocks = [commit_transfers(store, 6) for _ in range(3)]
    chain = StoreChain(store, ACCOUNTS)
    seen = []
    for certified in blocks:
        height = certified.block.header.height
        receipts = store.receipts_of(height)
        for index, raw in enumerate(certified.block.transactions):
            id_ = receipts[index].id
            assert store.find_transaction(id_) == (raw, height, index)
            found = store.find_receipt(id_)
            assert (found.height, found.index, found.receipt.fee) == (height, index, 1_000)
            seen.append((height, index, id_))
    listed = [
        (item.cursor, item.height, item.index, item.transaction_id)
        for account in range(ACCOUNTS)
        for item in store.account_transactions(account_of(account), None, 100)
    ]
    assert sorted(item[1:] for item in listed) == sorted(seen)
    assert chain.store.find_transaction(PEER) is None
    assert store.find_receipt(PEER) is None


def test_an_accounts_transactions_are_paged_newest_first(store, monkeypatch):
    monkeypatch.setattr("chain_engine.storage.receipt_tables.SEGMENT_RECEIPTS", 10)
    chain = StoreChain(store, 1)
    for _ in range(5):
        commit(store, chain.transfers(random.Random(0), 6))
    pages, cursor = [], None
    while page := store.account_transactions(account_of(0), cursor, 4):
        pages.append(page)
        cursor = page[-1].cursor
    cursors = [item.cursor for page in pages for item in page]
    assert len(cursors) == 30
    assert cursors == sorted(cursors, reverse=True)
    for page in pages:
        for item in page:
            assert store.find_receipt(item.transaction_id).height == item.height


def test_a_cosigner_finds_the_transaction_too(store):
    made = StoreChain(store, ACCOUNTS).transfers(random.Random(3), 1)
    signed = made.transactions[0]
    signed.tx = msgspec.structs.replace(signed.tx, cosigners=(b"c" * 20,))
    commit(store, made)
    assert [a.transaction_id for a in store.account_transactions(b"c" * 20, None, 9)] == [signed.id]


def system_receipt(number: int, *events: Event) -> Receipt:
    return Receipt(b"%032d" % number, "", 0, 0, events)


def test_events_have_one_gapless_order_and_can_be_asked_by_name(store):
    odd, even = Event("Odd", "{}"), Event("Even", "{}")
    commit_changes(store, receipts=(system_receipt(1, odd, even), system_receipt(2)))
    commit_changes(store)
    commit_changes(store, receipts=(system_receipt(3), system_receipt(4, even, odd, odd)))
    events = store.events_after(0, 100)
    assert [event.cursor for event in events] == [1, 2, 3, 4, 5] == list(range(1, 6))
    assert [event.name for event in events] == ["Odd", "Even", "Even", "Odd", "Odd"]
    assert [(event.height, event.index) for event in events] == [(1, 0)] * 2 + [(3, 1)] * 3
    assert events[2].transaction_id == b"%032d" % 4
    for cursor in range(7):
        for limit in (1, 2, 100):
            assert store.events_after(cursor, limit) == events[cursor:][:limit]
            odd_ones = [e for e in events[cursor:] if e.name == "Odd"][:limit]
            assert store.events_after(cursor, limit, name="Odd") == odd_ones
    assert store.events_after(0, 10, name="Never") == []
    assert store.last_event_cursor() == 5


def message(seq: int) -> BridgeMessage:
    return BridgeMessage(
        version=1, source=b"S" * 32, destination=PEER, seq=seq, kind="TRANSFER",
        asset=AssetId(b"S" * 32, "ACC"), amount=seq, sender=b"a" * 20, recipient=b"b" * 20,
        expires_at_ms=10**13, fee=10, memo="", body=b"",
    )  # fmt: skip


def commitment(messages: int, acks: int) -> PeerCommitment:
    return PeerCommitment(
        version=1, peer=PEER, status=1, settle_next=0, vouchers_root=EMPTY_ROOT,
        outbox_root=merkle_root([encode(message(i)) for i in range(messages)]),
        outbox_size=messages,
        ack_root=merkle_root([encode(Ack(1, i, 1, "")) for i in range(acks)]),
        ack_size=acks,
    )  # fmt: skip


def test_messages_and_acks_are_proven_against_every_earlier_commitment(store, path):
    other = msgspec.structs.replace(commitment(0, 0), peer=b"Q" * 32)
    for n in range(7):
        commit_changes(
            store,
            outbox=(message(2 * n), message(2 * n + 1)),
            acks=((PEER, Ack(1, n, 1, "")),),
            commitments=(commitment(2 * n + 2, n + 1), other),
        )
        commit_changes(store)
    store.close()
    with ChainStore.open(path) as again:
        for height in range(1, 15):
            proof = again.prove_commitment(height, PEER)
            verify_commitment(again.find_header(height).bridge_root, proof)
            known = proof.commitment
            assert known == again.commitments_at(height)[0]
            for seq in range(known.outbox_size):
                proven = again.prove_message(PEER, seq, known.outbox_size)
                verify_inclusion(known.outbox_root, encode(proven.message), proven.path)
            for seq in range(known.ack_size):
                proven = again.prove_ack(PEER, seq, known.ack_size)
                verify_inclusion(known.ack_root, encode(proven.ack), proven.path)
        assert [m.seq for m in again.messages(PEER, 3, 4)] == [3, 4, 5, 6]
        assert [a.seq for a in again.acks(PEER, 5, 9)] == [5, 6]
        assert again.commitments_at(0) == ()
        with pytest.raises(NotFound):
            again.prove_commitment(3, b"Z" * 32)
        with pytest.raises(NotFound):
            again.prove_message(PEER, 2, 15)
        commit_changes(again, outbox=(message(14),), commitments=(commitment(15, 7), other))


def test_unchanged_commitments_are_stored_once(store, path):
    commit_changes(store, commitments=(commitment(0, 0),))
    for _ in range(3):
        commit_changes(store)
    store.close()
    with sqlite3.connect(path) as plain:
        assert plain.execute("SELECT count(*) FROM commitments").fetchone() == (2,)
    plain.close()


def test_the_next_delegates_sign_the_next_block(store, path):
    added = SecretKey(bytes(31) + b"\2").public
    members = sorted((*DELEGATES.members, Delegate(added, 2)), key=lambda member: member.key)
    two = DelegateSet(tuple(members))
    commit_changes(store, next_delegates=two)
    assert store.delegates == two
    assert store.find_delegates(delegates_hash(DELEGATES)) == DELEGATES
    store.close()
    with ChainStore.open(path) as again:
        assert (again.delegates, again.parameters) == (two, PARAMETERS)


def test_a_block_that_does_not_fit_is_our_own_fault(store):
    made = StoreChain(store, ACCOUNTS).transfers(random.Random(1), 3)
    tree = store.update_tree(made.changes.writes)
    certified = StoreChain(store, ACCOUNTS).certify(made, tree)
    with pytest.raises(AssertionError, match="state root"):
        store.commit(certified, made.transactions, made.changes, tree._replace(root=bytes(32)))
    store.commit(certified, made.transactions, made.changes, tree)
    with pytest.raises(AssertionError, match="heights"):
        store.commit(certified, made.transactions, made.changes, tree)
    with pytest.raises(AssertionError, match="once"):
        store.initialize(store.get_block(0).block, {}, PARAMETERS, DELEGATES)


def test_genesis_commitments_are_those_of_its_header(path):
    with ChainStore.open(path) as store:
        header = msgspec.structs.replace(
            _genesis_header(path), bridge_root=bridge_root([commitment(0, 0)])
        )
        block = msgspec.structs.replace(_genesis_block(path), header=header)
        store.initialize(block, {}, PARAMETERS, DELEGATES, (commitment(0, 0),))
        verify_commitment(header.bridge_root, store.prove_commitment(0, PEER))


def _genesis_block(path: Path):
    with ChainStore.open(path.with_name("other.db")) as other:
        if other.is_empty:
            StoreChain(other, 0)
        return other.get_block(0).block


def _genesis_header(path: Path):
    return _genesis_block(path).header


def test_a_second_writer_is_refused_with_the_first_ones_process(store, path):
    with pytest.raises(StoreLocked, match="Another process"):
        ChainStore.open(path)
    code = f"from chain_engine.storage import ChainStore\nChainStore.open({str(path)!r})"
    child = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert child.returncode != 0
    assert "StoreLocked" in child.stderr
    commit_transfers(store, 2)
    store.close()
    ChainStore.open(path).close()


def test_a_reader_beside_the_writer_sees_one_height_until_it_refreshes(store, path):
    commit_changes(store, writes={b"x": b"1"})
    with ChainStore.open(path, read_only=True) as reader:
        commit_changes(store, writes={b"x": b"2"})
        assert (reader.tip.height, reader.view().get(b"x")) == (1, b"1")
        assert reader.view().scan(b"x", b"y", limit=1) == [(b"x", b"1")]
        reader.refresh()
        assert (reader.tip.height, reader.view().get(b"x")) == (2, b"2")


def test_a_closed_store_can_be_read_without_writing(store, path):
    commit_transfers(store, 2)
    store.close()
    with ChainStore.open(path, read_only=True) as reader:
        assert reader.tip.height == 1
    with pytest.raises(StorageFailed):
        ChainStore.open(path.with_name("absent.db"), read_only=True)


def test_files_of_others_are_refused(path):
    path.write_bytes(b"this is no database, but long enough to look at" * 100)
    with pytest.raises(WrongStoreFormat):
        ChainStore.open(path)
    other = path.with_name("other.db")
    with sqlite3.connect(other) as plain:
        plain.execute("CREATE TABLE meta (name, value)")
        plain.execute("INSERT INTO meta VALUES ('format', 99)")
    plain.close()
    with pytest.raises(WrongStoreFormat, match="99"):
        ChainStore.open(other)


def test_a_disk_that_would_not_be_synced_is_refused(path, monkeypatch):
    monkeypatch.setattr("chain_engine.storage.database._SYNCHRONOUS_FULL", 3)
    with pytest.raises(StorageFailed, match="durable"):
        ChainStore.open(path)


def test_writes_are_synced_at_every_commit(store):
    writer = store._database.writer
    assert writer.execute("PRAGMA synchronous").fetchone() == (2,)
    assert writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def error_of_commit(store: ChainStore, transfers: int) -> StorageFull | None:
    try:
        commit_transfers(store, transfers)
    except StorageFull as error:
        return error
    return None


def test_a_full_disk_loses_nothing_and_says_so(store, path):
    commit_transfers(store, 5)
    before, entries = store.tip, state_of(store)
    writer = store._database.writer
    pages = writer.execute("PRAGMA page_count").fetchone()[0]
    writer.execute(f"PRAGMA max_page_count = {pages}")
    caught = None
    while caught is None:
        before, entries = store.tip, state_of(store)
        caught = error_of_commit(store, 200)
    assert "Free space" in caught.fix
    assert str(path) in caught.detail
    assert (store.tip, state_of(store)) == (before, entries)
    assert store.state_root() == root_of_entries(entries) == before.state_root
    with ChainStore.open(path, read_only=True) as reader:
        assert (reader.tip, state_of(reader)) == (before, entries)
    writer.execute("PRAGMA max_page_count = 1000000")
    commit_transfers(store, 200)
    assert store.tip.height == before.height + 1
    assert writer.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_after_a_failed_flush_nothing_more_is_written(store):
    class Flaky:
        def __init__(self, real):
            self.real = real

        def __getattr__(self, name):
            return getattr(self.real, name)

        def execute(self, sql, *parameters):
            if sql == "COMMIT":
                error = sqlite3.OperationalError("disk I/O error")
                error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
                raise error
            return self.real.execute(sql, *parameters)

    before = store.tip
    store._database.writer = Flaky(store._database.writer)
    for _ in range(2):
        with pytest.raises(StorageFailed):
            commit_transfers(store, 2)
        assert store.tip == before
