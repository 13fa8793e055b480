"""The mempool: which waiting transactions are kept, and in which order they are offered.

Pure: the caller says at which height we are, what an account's next nonce is and what it can pay.
Signatures have been checked before. Nothing here decides validity: a block may hold transactions
that this pool would not keep.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import heapify, heappop, heapreplace

import msgspec

from chain_engine.blocks.transaction import SignedTransaction
from chain_engine.primitives.errors import ChainError

NonceReader = Callable[[bytes], int]
"""Next nonce of an account in committed state."""

EXPIRY_SWEEP_BLOCKS = 10
"""Expired transactions are looked for every so many blocks; admission checks each at once."""


class MempoolFull(ChainError):
    """The pool is full of better paying transactions."""

    code = "MEMPOOL_FULL"
    title = "The mempool is full of transactions that pay more per byte."
    fix = "Raise the fee, or send it again later."
    status = 503
    retryable = True


class NonceOutsideWindow(ChainError):
    """The nonce is used already, or too far ahead."""

    code = "NONCE_OUTSIDE_WINDOW"
    title = "The nonce is used already, or too far ahead of the account."
    fix = "Use the next nonce of the account; at most `window` transactions may wait."
    status = 409


class ReplacementUnderpriced(ChainError):
    """Another transaction with this nonce waits and the new one does not pay enough more."""

    code = "REPLACEMENT_UNDERPRICED"
    title = "Another transaction with this nonce is waiting and pays nearly as much."
    fix = "Pay at least `needed` to replace it, or use the next nonce."
    status = 409


class PooledSpendingExceedsBalance(ChainError):
    """The fees of all waiting transactions together are more than the account has."""

    code = "POOLED_SPENDING"
    title = "The account cannot pay the fees of all its waiting transactions."
    fix = "Wait until some are committed, or add funds."
    status = 402


class FeeBelowMinimum(ChainError):
    """The node's price per byte is higher at the moment."""

    code = "FEE_BELOW_MINIMUM"
    title = "This node asks for a higher fee at the moment."
    fix = "Pay at least `needed`; the minimum follows the load and is in /status."
    status = 402
    retryable = True


class PoolLimits(msgspec.Struct, frozen=True):
    """This node's admission policy."""

    transactions_max: int = 50_000
    """Transactions kept."""

    bytes_max: int = 64 * 1024 * 1024
    """Bytes kept."""

    per_account_max: int = 64
    """Transactions of one account; also how far a nonce may lie ahead."""

    free_max: int = 256
    """Waiting transactions that pay no fee (relay kinds)."""

    free_per_purpose_max: int = 8
    """Free transactions of one kind towards one peer chain: more would do the same work again."""

    gapped_percent: int = 10
    """Share of the pool for transactions that cannot be included yet: a nonce before is missing."""

    replace_percent: int = 110
    """A replacement pays at least this share of the fee it replaces."""

    minimum_rises_at_percent: int = 50
    """Above this filling the minimum fee per byte begins to rise, to 16 times when full."""


class Mempool:
    """Waiting transactions by account and nonce."""

    def __init__(self, limits: PoolLimits, byte_fee: int) -> None:
        """Start empty. `byte_fee` is the chain's own price per byte."""
        self.limits = limits
        self.bytes = 0
        self._byte_fee = byte_fee
        self._by_witness_hash: dict[bytes, SignedTransaction] = {}
        self._by_id: dict[bytes, SignedTransaction] = {}
        self._accounts: dict[bytes, _Account] = {}
        self._free: Counter[bytes] = Counter()
        self._gapped = 0

    def __len__(self) -> int:
        """Number of waiting transactions."""
        return len(self._by_witness_hash)

    def __contains__(self, witness_hash: bytes) -> bool:
        """Whether a transaction waits here."""
        return witness_hash in self._by_witness_hash

    def find(self, witness_hash: bytes) -> SignedTransaction | None:
        """A waiting transaction by its witness hash."""
        return self._by_witness_hash.get(witness_hash)

    def free_transactions(self) -> list[SignedTransaction]:
        """Waiting transactions that pay no fee."""
        if not self._free:
            return []
        return [signed for signed in self._by_id.values() if signed.tx.fee == 0]

    @property
    def minimum_byte_fee(self) -> int:
        """Price per byte asked for now: the chain's own, up to 16 times that when full."""
        filling = 100 * (len(self) - self._gapped) // self.limits.transactions_max
        above = filling - self.limits.minimum_rises_at_percent
        if above <= 0:
            return self._byte_fee
        return self._byte_fee * (1 + 15 * above // (100 - self.limits.minimum_rises_at_percent))

    def add(self, signed: SignedTransaction, *, next_nonce: int, funds: int) -> bool:
        """Keep a transaction; False when it is here already.

        `next_nonce` is the sender's nonce in committed state, `funds` its free fee asset.

        Raises:
            NonceOutsideWindow: nonce used already or too far ahead.
            FeeBelowMinimum: pays less per byte than the node asks for now.
            ReplacementUnderpriced: nonce taken by one that pays nearly as much.
            PooledSpendingExceedsBalance: the fees of all waiting ones exceed `funds`.
            MempoolFull: no room, and it does not pay more than the cheapest.
        """
        if signed.witness_hash in self._by_witness_hash:
            return False
        tx = signed.tx
        window = self.limits.per_account_max
        if not next_nonce <= tx.nonce < next_nonce + window:
            raise NonceOutsideWindow(nonce=tx.nonce, expected=next_nonce, window=window)
        needed = self.minimum_byte_fee * signed.size
        if tx.fee and tx.fee < needed:
            raise FeeBelowMinimum(fee=tx.fee, needed=needed)
        account = self._accounts.get(tx.sender)
        rival = account.queue.get(tx.nonce) if account else None
        if rival is not None:
            self._verify_replacement(signed, rival)
        pooled = (account.fees if account else 0) - (rival.tx.fee if rival else 0)
        if pooled + tx.fee > funds:
            raise PooledSpendingExceedsBalance(balance=funds, needed=pooled + tx.fee)
        if rival is None:
            self._verify_place(signed, next_nonce, account)
            self._make_room(signed)
        else:
            self._remove(rival)
        self._insert(signed, next_nonce)
        return True

    def has_candidates(self) -> bool:
        """Whether any waiting transaction could be the next of its account."""
        return len(self) > self._gapped

    def candidates(self, count: int) -> list[SignedTransaction]:
        """Up to `count` transactions, best fee per byte first, each account's in nonce order."""
        chosen: list[SignedTransaction] = []
        heap = [
            _Run(account.queue, account.queue[account.next_nonce])
            for account in self._accounts.values()
            if account.ready
        ]
        heapify(heap)
        while heap and len(chosen) < count:
            run = heap[0]
            chosen.append(run.head)
            if run.advance():
                heapreplace(heap, run)
            else:
                heappop(heap)
        return chosen

    def committed(
        self, transactions: Iterable[SignedTransaction], height: int, next_nonce_of: NonceReader
    ) -> None:
        """Forget what a block took, what it made stale and what expired at `height`."""
        for sender in {signed.tx.sender for signed in transactions} & self._accounts.keys():
            account = self._accounts[sender]
            next_nonce = next_nonce_of(sender)
            for signed in [s for nonce, s in account.queue.items() if nonce < next_nonce]:
                self._remove(signed)
            if sender in self._accounts:
                self._gapped += account.advance_to(next_nonce)
        if height % EXPIRY_SWEEP_BLOCKS == 0:
            self.discard([s for s in self._by_id.values() if s.tx.valid_until_height <= height])

    def discard(self, transactions: Sequence[SignedTransaction]) -> None:
        """Forget transactions, wherever they stand."""
        for signed in transactions:
            if signed.witness_hash in self._by_witness_hash:
                self._remove(signed)

    def _verify_replacement(self, signed: SignedTransaction, rival: SignedTransaction) -> None:
        needed = -(-rival.tx.fee * self.limits.replace_percent // 100)
        if signed.tx.fee < needed or (rival.tx.fee == 0 and signed.tx.fee == 0):
            raise ReplacementUnderpriced(fee=signed.tx.fee, needed=max(needed, 1))

    def _verify_place(
        self, signed: SignedTransaction, next_nonce: int, account: "_Account | None"
    ) -> None:
        """Keep those that pay nothing, and those that cannot be included yet, within bounds."""
        tx = signed.tx
        if tx.fee == 0:
            same = self._free[_purpose(signed)]
            if (
                same >= self.limits.free_per_purpose_max
                or self._free.total() >= self.limits.free_max
            ):
                raise MempoolFull(free_transactions=same)
        if tx.nonce > next_nonce + (account.ready if account else 0):
            limit = self.limits.transactions_max * self.limits.gapped_percent // 100
            if self._gapped >= limit:
                raise MempoolFull(reason="a transaction before it is missing", expected=next_nonce)

    def _make_room(self, signed: SignedTransaction) -> None:
        while (
            len(self) >= self.limits.transactions_max
            or self.bytes + signed.size > self.limits.bytes_max
        ):
            victim = min(self._tails(), key=_rate)
            if _rate(victim) >= _rate(signed):
                raise MempoolFull(transactions=len(self))
            self._remove(victim)

    def _tails(self) -> Iterator[SignedTransaction]:
        """The highest nonce of every account: removing one leaves no gap."""
        return (account.queue[max(account.queue)] for account in self._accounts.values())

    def _insert(self, signed: SignedTransaction, next_nonce: int) -> None:
        sender = signed.tx.sender
        account = self._accounts.get(sender)
        if account is None:
            account = self._accounts[sender] = _Account(next_nonce)
        self._by_witness_hash[signed.witness_hash] = signed
        self._by_id[signed.id] = signed
        self._gapped += account.insert(signed)
        self.bytes += signed.size
        if signed.tx.fee == 0:
            self._free[_purpose(signed)] += 1

    def _remove(self, signed: SignedTransaction) -> None:
        sender = signed.tx.sender
        del self._by_witness_hash[signed.witness_hash]
        self._by_id.pop(signed.id, None)
        account = self._accounts[sender]
        self._gapped += account.remove(signed)
        if not account.queue:
            del self._accounts[sender]
        self.bytes -= signed.size
        if signed.tx.fee == 0:
            self._free[_purpose(signed)] -= 1
            self._free += Counter()  # forget purposes without transactions


class _Account:
    """Waiting transactions of one account; changes answer how many more wait behind a gap."""

    __slots__ = ("fees", "next_nonce", "queue", "ready")

    def __init__(self, next_nonce: int) -> None:
        self.next_nonce = next_nonce
        """Nonce in committed state."""
        self.queue: dict[int, SignedTransaction] = {}
        """By nonce."""
        self.ready = 0
        """How many follow each other from the next nonce on; the others wait behind a gap."""
        self.fees = 0
        """Sum of their fees."""

    @property
    def gapped(self) -> int:
        """How many cannot be included yet."""
        return len(self.queue) - self.ready

    def insert(self, signed: SignedTransaction) -> int:
        """Add a transaction of a free nonce."""
        before = self.gapped
        nonce = signed.tx.nonce
        self.queue[nonce] = signed
        self.fees += signed.tx.fee
        if nonce == self.next_nonce + self.ready:
            self._count()
        return self.gapped - before

    def remove(self, signed: SignedTransaction) -> int:
        """Take a transaction out."""
        before = self.gapped
        nonce = signed.tx.nonce
        del self.queue[nonce]
        self.fees -= signed.tx.fee
        if nonce < self.next_nonce + self.ready:
            self.ready = max(0, nonce - self.next_nonce)
        return self.gapped - before

    def advance_to(self, next_nonce: int) -> int:
        """Move to a later nonce; what lies below it was taken out before."""
        before = self.gapped
        self.next_nonce = next_nonce
        self.ready = 0
        self._count()
        return self.gapped - before

    def _count(self) -> None:
        while self.next_nonce + self.ready in self.queue:
            self.ready += 1


PURPOSE_BYTES = 35
"""Every relay payload is an array whose first entry is the peer's chain id: 3 bytes of encoding
and 32 of id tell kind and peer apart from any other."""


def _purpose(signed: SignedTransaction) -> bytes:
    """What a free transaction is for: its kind and the peer chain it speaks of."""
    return signed.tx.kind.encode() + signed.tx.payload[:PURPOSE_BYTES]


def _rate(signed: SignedTransaction) -> int:
    """Fee per byte, in thousandths."""
    return signed.tx.fee * 1000 // signed.size


class _Run:
    """The consecutive transactions of one account, from its next nonce on."""

    __slots__ = ("head", "queue", "rate")

    def __init__(self, queue: dict[int, SignedTransaction], head: SignedTransaction) -> None:
        self.queue = queue
        self.head = head
        self.rate = _rate(head)

    def advance(self) -> bool:
        """Move to the next nonce; False when it does not wait here."""
        following = self.queue.get(self.head.tx.nonce + 1)
        if following is None:
            return False
        self.head = following
        self.rate = _rate(following)
        return True

    def __lt__(self, other: "_Run") -> bool:
        """Free (relay) transactions first, then the better rate; ties by id, so it is total."""
        if self.rate != other.rate:
            return self.rate == 0 or (other.rate != 0 and self.rate > other.rate)
        return self.head.id < other.head.id
