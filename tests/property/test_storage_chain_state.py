"""A chain store against a list of dicts, over any blocks, restarts and cache sizes."""

import tempfile
import threading
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from chain_engine.ledger.machine import Changes
from chain_engine.state.tree import (
    DictTreeStore,
    root_of_entries,
    update_tree,
    verify_state_proof,
)
from chain_engine.storage import ChainStore
from tools.bench.store_chain import MadeBlock, StoreChain

KEYS = st.binary(min_size=1, max_size=2)
WRITES = st.dictionaries(KEYS, st.one_of(st.binary(max_size=3), st.none()), max_size=8)
RESTART = "restart"
STEPS = st.lists(st.one_of(WRITES, st.just(RESTART)), max_size=8)
CACHES = st.sampled_from([0, 500, 1_000_000])


def commit(store: ChainStore, writes: dict[bytes, bytes | None]) -> None:
    made = MadeBlock([], Changes(writes=writes, receipts=()))
    tree = store.update_tree(writes)
    store.commit(StoreChain(store, 0).certify(made, tree), [], made.changes, tree)


def after(entries: dict[bytes, bytes], writes: dict[bytes, bytes | None]) -> dict[bytes, bytes]:
    return {key: value for key, value in {**entries, **writes}.items() if value is not None}


@settings(max_examples=40)
@given(STEPS, CACHES, CACHES, KEYS, KEYS)
def test_a_store_is_the_list_of_its_states(steps, entry_cache, node_cache, low, high):
    with tempfile.TemporaryDirectory() as folder:
        path, caches = Path(folder) / "chain.db", (entry_cache, node_cache)
        store = ChainStore.open(path, entry_cache=caches[0], node_cache=caches[1])
        StoreChain(store, 0)
        states: list[dict[bytes, bytes]] = [{}]
        for step in steps:
            if step == RESTART:
                store.close()
                store = ChainStore.open(path, entry_cache=caches[0], node_cache=caches[1])
            else:
                commit(store, step)
                states.append(after(states[-1], step))
            _compare(store, states, low, high)
        store.close()


def _compare(store: ChainStore, states: list[dict[bytes, bytes]], low: bytes, high: bytes) -> None:
    newest, view = states[-1], store.view()
    assert store.tip.height == len(states) - 1
    assert store.state_root() == store.tip.state_root == root_of_entries(newest)
    found = sorted(item for item in newest.items() if low <= item[0] < high)
    assert view.scan(low, high, limit=99) == found
    assert view.scan(low, high, limit=2, reverse=True) == found[::-1][:2]
    for height, entries in enumerate(states):
        root = store.find_header(height).state_root
        for key in (low, high, *list(entries)[:2]):
            value, proof = store.prove_state(key, height=height)
            assert value == entries.get(key) == store.view_at(height).get(key)
            verify_state_proof(root, key, value, proof)
    for key in {key for entries in states for key in entries}:
        assert view.get(key) == newest.get(key)


@settings(max_examples=5)
@given(st.randoms(use_true_random=False))
def test_the_tree_survives_restarts_at_any_height(source):
    """Nodes are written a sixteenth at a time: sixteen heights make a full turn."""
    with tempfile.TemporaryDirectory() as folder:
        path, entries = Path(folder) / "chain.db", {}
        store = ChainStore.open(path)
        StoreChain(store, 0)
        for _ in range(40):
            writes = {
                b"%d" % source.randrange(60): source.choice([None, b"%d" % source.randrange(9)])
                for _ in range(source.randrange(12))
            }
            commit(store, writes)
            entries = after(entries, writes)
            if source.random() < 0.3:
                store.close()
                store = ChainStore.open(path)
                assert store.state_root() == root_of_entries(entries)
        for _ in range(16):
            commit(store, {})
        fresh = DictTreeStore()
        fresh.apply(update_tree(fresh, entries))
        stored = dict(store._database.read("SELECT prefix, node FROM nodes"))
        assert stored == {prefix: node for prefix, node in fresh.nodes.items() if prefix}
        store.close()


def test_a_reading_thread_never_sees_time_run_backwards(tmp_path):
    blocks, keys = 60, [b"k%d" % i for i in range(30)]
    with ChainStore.open(tmp_path / "chain.db", entry_cache=2_000, node_cache=2_000) as store:
        StoreChain(store, 0)
        done, wrong = threading.Event(), []

        def read() -> None:
            seen = dict.fromkeys(keys, 0)
            while not done.is_set():
                for key in keys:
                    number = int(store.view().get(key) or b"0")
                    if number < seen[key]:
                        wrong.append((key, seen[key], number))
                    seen[key] = number

        readers = [threading.Thread(target=read) for _ in range(2)]
        for reader in readers:
            reader.start()
        for number in range(1, blocks + 1):
            commit(store, dict.fromkeys(keys, b"%d" % number))
        done.set()
        for reader in readers:
            reader.join()
        assert wrong == []
        assert {store.view().get(key) for key in keys} == {b"%d" % blocks}
