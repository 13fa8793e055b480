"""What the mempool keeps, refuses, replaces and offers first."""

import pytest

from chain_engine.blocks.build import build_transaction, sign_transaction
from chain_engine.blocks.transaction import SignedTransaction
from chain_engine.crypto.accounts import account_of_key
from chain_engine.crypto.keys import SecretKey
from chain_engine.mempool.pool import (
    FeeBelowMinimum,
    Mempool,
    MempoolFull,
    NonceOutsideWindow,
    PooledSpendingExceedsBalance,
    PoolLimits,
    ReplacementUnderpriced,
)

CHAIN = bytes(32)
ALICE, BOB = SecretKey(b"\x01" * 32), SecretKey(b"\x02" * 32)


def transfer(key: SecretKey, nonce: int, fee: int = 5_000) -> SignedTransaction:
    tx = build_transaction(
        chain_id=CHAIN,
        kind="account.transfer",
        sender=account_of_key(key.public),
        nonce=nonce,
        valid_until_height=100,
        fee=fee,
        payload=["x"],
    )
    return sign_transaction(tx, CHAIN, [key])


def pool_of(**limits: int) -> Mempool:
    return Mempool(PoolLimits(**limits), byte_fee=10)


def add(pool: Mempool, signed: SignedTransaction, next_nonce: int = 0, funds: int = 10**9) -> bool:
    return pool.add(signed, next_nonce=next_nonce, funds=funds)


def test_the_same_transaction_is_kept_once():
    pool = pool_of()
    signed = transfer(ALICE, 0)
    assert add(pool, signed)
    assert not add(pool, signed)
    assert len(pool) == 1


def test_a_used_or_far_nonce_is_refused_with_the_expected_one():
    pool = pool_of(per_account_max=4)
    with pytest.raises(NonceOutsideWindow) as used:
        add(pool, transfer(ALICE, 2), next_nonce=3)
    assert used.value.values["expected"] == 3
    with pytest.raises(NonceOutsideWindow):
        add(pool, transfer(ALICE, 4))


def test_a_replacement_must_pay_ten_percent_more():
    pool = pool_of()
    add(pool, transfer(ALICE, 0, fee=10_000))
    with pytest.raises(ReplacementUnderpriced) as refused:
        add(pool, transfer(ALICE, 0, fee=10_999))
    assert refused.value.values["needed"] == 11_000
    dearer = transfer(ALICE, 0, fee=11_000)
    assert add(pool, dearer)
    assert pool.candidates(9) == [dearer]


def test_all_waiting_fees_together_must_be_covered():
    pool = pool_of()
    add(pool, transfer(ALICE, 0, fee=6_000), funds=10_000)
    with pytest.raises(PooledSpendingExceedsBalance) as refused:
        add(pool, transfer(ALICE, 1, fee=6_000), funds=10_000)
    assert refused.value.values == {"balance": 10_000, "needed": 12_000}


def test_the_minimum_fee_rises_with_the_filling():
    pool = pool_of(transactions_max=10, minimum_rises_at_percent=50)
    for nonce in range(8):
        add(pool, transfer(ALICE, nonce, fee=50_000))
    assert pool.minimum_byte_fee > 10
    with pytest.raises(FeeBelowMinimum):
        add(pool, transfer(BOB, 0, fee=2_500))


def test_a_full_pool_evicts_the_cheapest_tail_for_a_better_one():
    pool = pool_of(transactions_max=2, minimum_rises_at_percent=99)
    add(pool, transfer(ALICE, 0, fee=50_000))
    add(pool, transfer(ALICE, 1, fee=40_000))
    with pytest.raises(MempoolFull):
        add(pool, transfer(BOB, 0, fee=39_000))
    better = transfer(BOB, 0, fee=60_000)
    add(pool, better)
    assert [s.tx.fee for s in pool.candidates(9)] == [60_000, 50_000]


def test_better_paying_accounts_come_first_but_nonces_stay_in_order():
    pool = pool_of()
    cheap_then_dear = [transfer(ALICE, 0, fee=5_000), transfer(ALICE, 1, fee=90_000)]
    middle = transfer(BOB, 0, fee=9_000)
    for signed in (*cheap_then_dear, middle):
        add(pool, signed)
    assert pool.candidates(9) == [middle, *cheap_then_dear]


def test_a_gap_in_the_nonces_hides_what_is_behind_it():
    pool = pool_of()
    add(pool, transfer(ALICE, 1))
    assert pool.candidates(9) == []
    assert not pool.has_candidates()
    add(pool, transfer(ALICE, 0))
    assert pool.has_candidates()


def test_a_commit_removes_taken_stale_and_expired_transactions():
    pool = pool_of()
    taken, stale, later = transfer(ALICE, 0), transfer(ALICE, 1), transfer(ALICE, 2)
    for signed in (taken, stale, later):
        add(pool, signed)
    elsewhere = transfer(ALICE, 1, fee=70_000)
    pool.committed([taken, elsewhere], 7, lambda _: 2)
    assert pool.candidates(9) == [later]
    pool.committed([], 100, lambda _: 2)
    assert len(pool) == 0


def test_transactions_behind_a_gap_fill_a_small_part_of_the_pool_only():
    pool = pool_of(transactions_max=20, gapped_percent=10)
    add(pool, transfer(ALICE, 1))
    add(pool, transfer(ALICE, 2))
    with pytest.raises(MempoolFull) as refused:
        add(pool, transfer(ALICE, 3))
    assert refused.value.values["expected"] == 0
    assert pool.minimum_byte_fee == 10
    add(pool, transfer(ALICE, 0))
    add(pool, transfer(ALICE, 3))
    assert [s.tx.nonce for s in pool.candidates(9)] == [0, 1, 2, 3]


def test_free_transactions_for_one_purpose_leave_room_for_others():
    pool = pool_of(free_per_purpose_max=1)
    add(pool, transfer(ALICE, 0, fee=0))
    with pytest.raises(MempoolFull):
        add(pool, transfer(BOB, 0, fee=0))
    pool.committed([transfer(ALICE, 0, fee=0)], 7, lambda _: 1)
    assert add(pool, transfer(BOB, 0, fee=0))
