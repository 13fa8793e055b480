"""Two chains exchanging random messages: whatever is relayed, repeated or lost, all units stay.

Real keys, headers, certificates and proofs; random order of relaying, repetition of old relay
transactions, several relayers, blocks lost in a crash, time jumps that let messages expire.
"""

from collections import Counter

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from support.bridge_chains import (
    ALICE,
    BOB,
    CAROL,
    FOREVER_MS,
    RELAYER,
    MemoryChain,
    account_of,
    build_pair,
)

from chain_engine.blocks.bridge import AckStatus, PeerStatus
from chain_engine.blocks.transaction import SignedTransaction
from chain_engine.ledger.audit import audit, audit_pair
from chain_engine.ledger.balances import supply_of

PEOPLE = (ALICE, BOB, CAROL)
RELAY_KINDS = ("chain.certify", "chain.deliver", "chain.settle")
sides = st.sampled_from(["main", "side"])


class TwoChains(RuleBasedStateMachine):
    @initialize(every=st.sampled_from([1, 2, 3]))
    def start(self, every):
        self.pair = build_pair(checkpoint_blocks=every)
        self.pools: dict[bytes, list[SignedTransaction]] = {}
        self.relayed: list[tuple[MemoryChain, SignedTransaction]] = []
        for person in PEOPLE:
            self.pair.send(self.pair.main, person, amount=10**9, recipient=account_of(person))
        self.pair.deliver(self.pair.main)

    def chain(self, side: str) -> MemoryChain:
        return self.pair.main if side == "main" else self.pair.side

    def submit(self, chain: MemoryChain, key, kind: str, payload) -> None:
        pool = self.pools.setdefault(chain.chain_id, [])
        ahead = sum(1 for s in pool if s.tx.sender == account_of(key))
        fee = 0 if kind in RELAY_KINDS else 10_000
        pool.append(chain.sign(key, kind, payload, fee=fee, ahead=ahead))

    @rule(
        side=sides,
        sender=st.sampled_from(PEOPLE),
        recipient=st.sampled_from(PEOPLE),
        own=st.sampled_from(["ACC", "ECC"]),
        amount=st.integers(1, 10**6),
        kind=st.sampled_from(["TRANSFER", "TRANSFER", "CALL"]),
        lifetime_ms=st.sampled_from([3_000, 20_000, None]),
    )
    def send(self, side, sender, recipient, own, amount, kind, lifetime_ms):
        chain = self.chain(side)
        asset = own
        if own == "ECC" and side == "main":
            asset = f"{self.pair.side.chain_id.hex()}:ECC"
        now_ms = self.pair.other(chain).tip.time_ms
        payload = self.pair.send_payload(
            chain,
            kind=kind,
            asset=asset,
            amount=amount,
            recipient=account_of(recipient),
            expires_at_ms=FOREVER_MS if lifetime_ms is None else now_ms + lifetime_ms,
            body=b"\x93\xa1m\xa2{}\x00" if kind == "CALL" else b"",
        )
        self.submit(chain, sender, "chain.send", payload)

    @rule(side=sides, key=st.sampled_from([RELAYER, BOB]))
    def relay_header(self, side, key):
        source = self.chain(side)
        if source.tip.height:
            payload = self.pair.certify_payload(source)
            self.submit(self.pair.other(source), key, "chain.certify", payload)

    @rule(side=sides, key=st.sampled_from([RELAYER, BOB]), count=st.integers(1, 4))
    def relay_messages(self, side, key, count):
        source = self.chain(side)
        payload = self.pair.deliver_payload(source, count)
        if payload.messages:
            self.submit(self.pair.other(source), key, "chain.deliver", payload)

    @rule(side=sides, key=st.sampled_from([RELAYER, BOB]), count=st.integers(1, 4))
    def relay_acks(self, side, key, count):
        source = self.chain(side)
        payload = self.pair.settle_payload(source, count)
        if payload.acks:
            self.submit(source, key, "chain.settle", payload)

    @rule(
        side=sides,
        order=st.sampled_from(["as sent", "as sent", "shuffled"]),
        data=st.data(),
        later_ms=st.sampled_from([1000, 1000, 9000]),
    )
    def forge(self, side, order, data, later_ms):
        chain = self.chain(side)
        pool = self.pools.pop(chain.chain_id, [])
        if order == "shuffled":
            pool = data.draw(st.permutations(pool))
        taken = chain.forge(pool, later_ms)
        self.relayed += [(chain, s) for s in taken if s.tx.kind in RELAY_KINDS]

    @rule(side=sides)
    def crash_before_the_commit(self, side):
        chain = self.chain(side)
        before = dict(chain.view.entries)
        chain.select(self.pools.get(chain.chain_id, []))
        assert chain.view.entries == before

    @rule(data=st.data(), key=st.sampled_from([RELAYER, CAROL]))
    def repeat_an_old_relay_transaction(self, data, key):
        if not self.relayed:
            return
        chain, old = data.draw(st.sampled_from(self.relayed))
        kind, payload = chain.machine._payloads.decode(old)
        again = chain.sign(key, kind.name, payload, fee=0)
        for signed in (old, again):
            _, chosen, changes = chain.select([signed])
            assert chosen == []
            assert changes.writes == {}

    @invariant()
    def every_unit_is_accounted_for(self):
        pair = self.pair
        audit(pair.main.view)
        audit(pair.side.view)
        audit_pair(pair.main.view, pair.main.chain_id, pair.side.view, pair.side.chain_id)

    @invariant()
    def every_message_has_at_most_one_ack(self):
        for chain in (self.pair.main, self.pair.side):
            acks = chain.acked.get(self.pair.other(chain).chain_id, [])
            assert [ack.seq for ack in acks] == list(range(len(acks)))
            assert self.pair.peer(chain).status == PeerStatus.ACTIVE

    def teardown(self):
        if not hasattr(self, "pair"):
            return
        pair = self.pair
        for chain in (pair.main, pair.side):
            chain.forge(self.pools.pop(chain.chain_id, []))
        self.drain()
        for source in (pair.main, pair.side):
            self.assert_refunds(source)
        crossings = audit_pair(
            pair.main.view, pair.main.chain_id, pair.side.view, pair.side.chain_id
        )
        assert all(c.in_flight == 0 and c.escrow == c.vouchers for c in crossings)
        circulating = supply_of(pair.ledger(pair.side), "ACC")
        assert circulating == audit(pair.main.view).escrows[pair.side.chain_id, "ACC"]

    def drain(self):
        """Relay until both queues are empty."""
        pair = self.pair
        for source in (pair.main, pair.side):
            while pair.peer(source).settle_next < pair.peer(source).outbox.size:
                if pair.peer(pair.other(source)).inbox_next < pair.peer(source).outbox.size:
                    pair.deliver(source)
                pair.settle(source)

    def assert_refunds(self, source: MemoryChain):
        """Refunded events are exactly the messages that failed or expired, each once."""
        destination = self.pair.other(source)
        expected = Counter(
            ack.seq
            for ack in destination.acked.get(source.chain_id, [])
            if ack.status != AckStatus.DELIVERED
        )
        events = [
            event.data
            for receipt in source.receipts.values()
            for event in receipt.events
            if event.name == "MessageSettled"
        ]
        refunded = Counter(
            int(data.split('"seq":')[1].split(",")[0])
            for data in events
            if '"status":"DELIVERED"' not in data
        )
        assert refunded == expected
        assert len(events) == self.pair.peer(source).outbox.size


TestTwoChains = TwoChains.TestCase
TestTwoChains.settings = settings(max_examples=50, stateful_step_count=50, deadline=None)
