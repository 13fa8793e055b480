"""Results never depend on what a process happens to have cached."""

import random
from contextlib import ExitStack

import pytest
from support.dapp_chain import ALICE, BOB, CAROL, address, dapp_chain

from sidechain_host.runner import RunnerSettings

PEOPLE = (ALICE, BOB, CAROL)


def random_call(rng, number):
    """A method, its arguments and who calls; often on rows that others touch."""
    note = {"id": rng.randint(9, 25)}
    return rng.choice(PEOPLE), *rng.choice(
        [
            ("note.add", {"text": f"n{rng.randint(0, 12)}", "size": str(rng.randint(0, 5))}),
            ("note.add", {"text": f"only {number}", "size": str(rng.randint(0, 5))}),
            ("note.edit", note | {"size": str(rng.randint(0, 9))}),
            ("note.edit", note | {"text": f"n{rng.randint(0, 12)}"}),
            ("note.drop", note),
            ("note.sum", {"owner": address(rng.choice(PEOPLE)), "from": "2", "limit": 4}),
            ("pay", {"to": address(rng.choice(PEOPLE)), "asset": "ACC", "amount": "7"}),
            ("lock.open", {"asset": "ACC", "amount": "9"}),
            ("lock.pay", {"id": rng.randint(1, 6), "to": address(ALICE), "amount": "3"}),
        ]
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_full_empty_and_randomly_evicted_caches_give_the_same_blocks(seed):
    rng = random.Random(seed)
    with ExitStack() as stack:
        full, tiny, evicting, killed = chains = [
            stack.enter_context(dapp_chain(settings=RunnerSettings(cache_bytes=size)))
            for size in (64 << 20, 1, 64 << 20, 64 << 20)
        ]
        for height in range(8):
            ahead = dict.fromkeys(PEOPLE, 0)
            transactions = []
            for number in range(12):
                key, method, arguments = random_call(rng, height * 100 + number)
                signed = full.sign_call(key, method, arguments, ahead=ahead[key])
                transactions.append(signed)
                ahead[key] += 1
            if rng.random() < 0.5:
                evicting.wait(evicting.machine.runner.ask({"op": "evict"}, deadline_ms=5000))
            if rng.random() < 0.3:
                killed.wait(killed.machine.runner.kill())
            for chain in chains:
                assert chain.forge(transactions) == transactions
            # The header holds the roots of state and receipts, hence every code, gas and event.
            assert [c.tip for c in chains] == [full.tip] * 4
    codes = {r.code for r in full.receipts.values()}
    assert {"", "DUPLICATE", "NOT_FOUND"} <= codes
    assert tiny.view.entries == full.view.entries


def test_a_block_that_lost_leaves_nothing_in_the_cache():
    with dapp_chain() as chain, dapp_chain() as other:
        chain.call(ALICE, "note.add", {"text": "a", "size": "1"})
        other.call(ALICE, "note.add", {"text": "a", "size": "1"})
        lost = chain.sign_call(BOB, "note.add", {"text": "lost", "size": "1"})
        chain.select([lost])  # proposed, never committed
        chain.select([])
        won = chain.sign_call(ALICE, "note.edit", {"id": 11, "size": "5"})
        for each in (chain, other):
            each.forge([won])
            each.forge([each.sign_call(CAROL, "note.add", {"text": "next", "size": "1"})])
        assert chain.tip == other.tip


def test_an_empty_block_after_a_lost_one_commits_no_rows_of_it():
    with dapp_chain() as chain:
        chain.call(ALICE, "note.add", {"text": "a", "size": "1"})
        chain.select([chain.sign_call(BOB, "note.add", {"text": "lost", "size": "1"})])
        chain.forge([])
        receipt = chain.call(BOB, "note.add", {"text": "lost", "size": "1"})
        assert (receipt.code, chain.events(receipt)[0][1]["id"]) == ("", 12)
