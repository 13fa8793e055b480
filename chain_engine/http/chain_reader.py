"""Committed data of one chain as the API reads it; `storage.ChainStore` gives it."""

from collections.abc import Sequence
from typing import Protocol

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
