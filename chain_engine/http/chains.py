"""What the API needs to know about a chain: declared here, implemented by whoever runs one."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from chain_engine.blocks.block import CertifiedBlock, Header, Receipt
from chain_engine.blocks.bridge import (
    BridgeMessage,
    CommitmentProof,
    PeerCommitment,
    ProvenAck,
    ProvenMessage,
)
from chain_engine.blocks.certificate import Certificate
from chain_engine.blocks.delegates import DelegateSet
from chain_engine.blocks.parameters import ChainParameters
from chain_engine.codec.canonical import Struct
from chain_engine.primitives.errors import ChainError


class ReceiptPlace(Protocol):
    """A receipt and where it stands."""

    @property
    def height(self) -> int:
        """Height of its block."""
        ...

    @property
    def index(self) -> int:
        """Position in the block."""
        ...

    @property
    def receipt(self) -> Receipt:
        """The receipt."""
        ...


class EventPlace(Protocol):
    """An event of the chain's one ordered log."""

    @property
    def cursor(self) -> int:
        """Its position, growing; a reader continues after it."""
        ...

    @property
    def height(self) -> int:
        """Height of its block."""
        ...

    @property
    def index(self) -> int:
        """Position of its receipt in the block."""
        ...

    @property
    def transaction_id(self) -> bytes:
        """Id of the receipt it belongs to."""
        ...

    @property
    def name(self) -> str:
        """`UpperCamel`."""
        ...

    @property
    def data(self) -> str:
        """JSON object."""
        ...


class AccountTransactionPlace(Protocol):
    """One row of an account's history."""

    @property
    def cursor(self) -> int:
        """Its position, growing with height and index."""
        ...

    @property
    def transaction_id(self) -> bytes:
        """The transaction."""
        ...

    @property
    def height(self) -> int:
        """Height of its block."""
        ...

    @property
    def index(self) -> int:
        """Position in the block."""
        ...


class BlockPlace(Protocol):
    """What a list of blocks shows."""

    @property
    def block_id(self) -> bytes:
        """Id of the block."""
        ...

    @property
    def header(self) -> Header:
        """Its header."""
        ...

    @property
    def transactions(self) -> int:
        """Number of transactions."""
        ...

    @property
    def body_bytes(self) -> int:
        """Size of the encoded block."""
        ...


class ChainReader(Protocol):
    """Committed data of one chain; `storage.ChainStore` is one."""

    @property
    def tip(self) -> Header:
        """Header of the newest block."""
        ...

    @property
    def tip_id(self) -> bytes:
        """Its block id."""
        ...

    @property
    def delegates(self) -> DelegateSet:
        """The set that signs the next block."""
        ...

    @property
    def parameters(self) -> ChainParameters:
        """Parameters in force."""
        ...

    def get_block(self, height: int, /) -> CertifiedBlock:
        """Block at a height; raises `NotFound`."""
        ...

    def find_block_by_id(self, block_id: bytes, /) -> CertifiedBlock | None:
        """Block of an id."""
        ...

    def block_summaries(self, before: int, limit: int, /) -> Sequence[BlockPlace]:
        """Up to `limit` blocks below height `before`, newest first."""
        ...

    def find_header(self, height: int, /) -> Header | None:
        """Header at a height."""
        ...

    def find_certificate(self, height: int, /) -> Certificate | None:
        """Certificate of a height; genesis has none."""
        ...

    def find_delegates(self, delegates_hash: bytes, /) -> DelegateSet | None:
        """Delegate set of a hash that a header carries."""
        ...

    def find_receipt(self, transaction_id: bytes, /) -> ReceiptPlace | None:
        """Receipt of a committed transaction."""
        ...

    def receipts_of(self, height: int, /) -> Sequence[Receipt]:
        """Receipts of a block in order, system receipts last."""
        ...

    def find_transaction(self, transaction_id: bytes, /) -> tuple[bytes, int, int] | None:
        """(bytes, height, index) of a committed transaction."""
        ...

    def account_transactions(
        self, account: bytes, before_cursor: int | None, limit: int, /
    ) -> Sequence[AccountTransactionPlace]:
        """History of an account, newest first."""
        ...

    def events_after(
        self, cursor: int, limit: int, name: str | None = None, /
    ) -> Sequence[EventPlace]:
        """Events behind a cursor, in order."""
        ...

    def last_event_cursor(self) -> int:
        """Cursor of the newest event, 0 when there is none."""
        ...

    def prove_state(self, key: bytes, height: int | None, /) -> tuple[bytes | None, Struct]:
        """Value of a key (None: absent) and its proof under a header's state root.

        Raises:
            NotFound: the state of that height is no longer kept.
        """
        ...

    def commitments_at(self, height: int, /) -> Sequence[PeerCommitment]:
        """Commitments under the bridge root of a height, ascending by peer."""
        ...

    def prove_commitment(self, height: int, peer: bytes, /) -> CommitmentProof:
        """Proof of one of them; raises `NotFound`."""
        ...

    def prove_message(self, peer: bytes, seq: int, size: int, /) -> ProvenMessage:
        """Message `seq` to `peer` under the outbox root of `size` messages."""
        ...

    def prove_ack(self, peer: bytes, seq: int, size: int, /) -> ProvenAck:
        """Ack of message `seq` from `peer` under the ack root of `size` acks."""
        ...

    def messages(self, peer: bytes, from_seq: int, limit: int, /) -> Sequence[BridgeMessage]:
        """Outbox towards `peer` from `from_seq`."""
        ...


@dataclass(frozen=True, slots=True)
class SubmitResult:
    """What became of one submitted transaction at the door."""

    id: bytes | None
    """Transaction id; None when the bytes are no transaction of this chain."""

    error: ChainError | None
    """Why it was refused; None when it waits in the pool or is committed already."""


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """An account in the committed state."""

    nonce: int
    """Nonce that its next transaction must carry."""

    balances: Mapping[str, int]
    """Units by asset; assets it does not hold are left out."""

    details: Mapping[str, Any] = field(default_factory=dict)
    """Whatever else the chain tells about an account, as JSON values."""


class ChainService(Protocol):
    """One running chain."""

    @property
    def chain_id(self) -> bytes:
        """Id of its genesis block, 32 bytes."""
        ...

    @property
    def name(self) -> str:
        """Its name on the main chain: `main`, or what it was registered under."""
        ...

    @property
    def store(self) -> ChainReader:
        """Its committed data."""
        ...

    async def submit(self, raws: Sequence[bytes]) -> list[SubmitResult]:
        """Offer encoded transactions to the pool; one result each, in order.

        A transaction that is waiting or committed already is accepted again.
        """
        ...

    async def wait_committed(self, transaction_id: bytes, timeout_ms: int) -> ReceiptPlace | None:
        """Wait until a transaction is committed; None when it is not within `timeout_ms`."""
        ...

    async def wait_above(self, height: int) -> int:
        """Wait until the chain is higher than `height`; returns the new height."""
        ...

    async def simulate(self, raw: bytes) -> Receipt:
        """Receipt that a transaction would get on top of the committed state."""
        ...

    def account(self, account: bytes) -> AccountSummary:
        """An account; one that was never used has nonce 0 and no balance."""
        ...

    def status(self) -> Mapping[str, Any]:
        """What else is to tell: peers, pool, progress; JSON values."""
        ...


class DAppService(ChainService, Protocol):
    """A chain that runs a DApp."""

    async def query(self, name: str, arguments: Mapping[str, str]) -> str:
        """Run a query; arguments are the texts of the URL. Returns JSON text.

        Raises:
            NotFound: no such query.
        """
        ...

    def describe(self) -> Mapping[str, Any]:
        """Methods and queries of the manifest as JSON values (docs/spec/10-api.md section 6)."""
        ...


class CommitSignal:
    """Lets any number of readers wait for the next block, without a queue for each."""

    def __init__(self, height: int = 0) -> None:
        """Start at a height."""
        self.height = height
        self._changed = asyncio.Event()

    def publish(self, height: int) -> None:
        """A block was committed: wake everybody who waits."""
        self.height = height
        woken, self._changed = self._changed, asyncio.Event()
        woken.set()

    async def wait_above(self, height: int) -> int:
        """Wait until the height is above `height`; may be cancelled."""
        while self.height <= height:
            await self._changed.wait()
        return self.height


class ChainDirectory:
    """The chains this node serves: the main chain and any number of DApps."""

    def __init__(self, main: ChainService | None = None) -> None:
        """Start with the main chain, or without one (a node that serves DApps only)."""
        self.main = main
        self._chains: dict[bytes, ChainService] = {}
        if main is not None:
            self.add(main)

    def add(self, service: ChainService) -> None:
        """Serve a chain from now on."""
        self._chains[service.chain_id] = service

    def remove(self, chain_id: bytes) -> None:
        """Stop serving a chain; unknown ones are ignored."""
        self._chains.pop(chain_id, None)

    def find(self, name_or_id: str) -> ChainService | None:
        """A chain by its name or by its id in lower-case hex."""
        for service in self._chains.values():
            if name_or_id in (service.name, service.chain_id.hex()):
                return service
        return None

    def all(self) -> list[ChainService]:
        """Every chain in the order in which they were added."""
        return list(self._chains.values())
