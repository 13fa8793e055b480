"""Laws of the mempool under any order of additions and commits."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chain_engine.blocks.build import build_transaction, sign_transaction
from chain_engine.blocks.transaction import SignedTransaction
from chain_engine.crypto.accounts import account_of_key
from chain_engine.crypto.keys import SecretKey
from chain_engine.mempool.pool import Mempool, PoolLimits
from chain_engine.primitives.errors import ChainError

CHAIN = bytes(range(32))
KEYS = [SecretKey(bytes([n + 1]) * 32) for n in range(3)]
FUNDS = 400_000


def transfer(key: SecretKey, nonce: int, fee: int, until: int) -> SignedTransaction:
    tx = build_transaction(
        chain_id=CHAIN,
        kind="account.transfer",
        sender=account_of_key(key.public),
        nonce=nonce,
        valid_until_height=until,
        fee=fee,
        payload=["x"],
    )
    return sign_transaction(tx, CHAIN, [key])


class PoolLaws(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        limits = PoolLimits(transactions_max=12, per_account_max=6, free_max=2, gapped_percent=25)
        self.pool = Mempool(limits, byte_fee=10)
        self.nonces = {account_of_key(k.public): 0 for k in KEYS}
        self.height = 0

    @rule(
        key=st.sampled_from(KEYS),
        ahead=st.integers(-1, 8),
        fee=st.integers(0, 60_000),
        until=st.integers(2, 60),
    )
    def add(self, key, ahead, fee, until):
        account = account_of_key(key.public)
        nonce = max(0, self.nonces[account] + ahead)
        signed = transfer(key, nonce, fee, until)
        before = dict(self.pool._by_witness_hash)
        try:
            added = self.pool.add(signed, next_nonce=self.nonces[account], funds=FUNDS)
        except ChainError:
            gone = before.keys() - self.pool._by_witness_hash.keys()
            assert all(before[h].tx.fee < fee for h in gone)
        else:
            if added:
                assert signed.witness_hash in self.pool

    @precondition(lambda self: len(self.pool))
    @rule(count=st.integers(1, 12))
    def commit_the_best(self, count):
        chosen = self.pool.candidates(count)
        for signed in chosen:
            self.nonces[signed.tx.sender] += 1
        self.height += 10
        self.pool.committed(chosen, self.height, self.nonces.__getitem__)
        assert not any(s.witness_hash in self.pool for s in chosen)
        assert all(s.tx.valid_until_height > self.height for s in self.pool._by_id.values())

    @invariant()
    def candidates_are_consecutive_from_the_next_nonce(self):
        seen = dict(self.nonces)
        for signed in self.pool.candidates(100):
            assert signed.tx.nonce == seen[signed.tx.sender]
            seen[signed.tx.sender] += 1

    @invariant()
    def limits_hold_and_counters_agree(self):
        waiting = list(self.pool._by_id.values())
        assert len(waiting) == len(self.pool) <= 12
        assert self.pool.bytes == sum(s.size for s in waiting)
        assert sum(s.tx.fee == 0 for s in waiting) == self.pool._free.total() <= 2
        for account in self.nonces:
            fees = [s.tx.fee for s in waiting if s.tx.sender == account]
            assert len(fees) <= 6
            assert sum(fees) == (self.pool._accounts[account].fees if fees else 0) <= FUNDS

    @invariant()
    def gapped_transactions_are_counted_and_bounded(self):
        gapped = {}
        for account, nonce in self.nonces.items():
            own = {s.tx.nonce for s in self.pool._by_id.values() if s.tx.sender == account}
            end = nonce
            while end in own:
                end += 1
            if own - set(range(nonce, end)):
                gapped[account] = len(own - set(range(nonce, end)))
        assert self.pool._gapped == sum(gapped.values())
        assert self.pool.has_candidates() == bool(self.pool.candidates(1))


TestPoolLaws = PoolLaws.TestCase
