"""`ChainStore`: everything one chain keeps, in one SQLite file (docs/spec/05-state.md section 5).

A block, its certificate, the state, the tree's nodes, receipts, indexes and bridge logs are
committed in one transaction: after a crash the file holds either all of a height or nothing of it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Self

from chain_engine.blocks.block import Block, CertifiedBlock, Header, Receipt, block_id
from chain_engine.blocks.bridge import (
    Ack,
    BridgeMessage,
    CommitmentProof,
    PeerCommitment,
    ProvenAck,
    ProvenMessage,
    bridge_root,
)
from chain_engine.blocks.certificate import Certificate
from chain_engine.blocks.delegates import DelegateSet, delegates_hash
from chain_engine.blocks.parameters import ChainParameters, parameters_hash
from chain_engine.blocks.transaction import SignedTransaction
from chain_engine.codec.canonical import decode_unchecked, encode
from chain_engine.ledger.machine import Changes
from chain_engine.primitives.errors import NotFound
from chain_engine.state.tree import StateProof, TreeUpdate, update_tree
from chain_engine.state.view import StateView
from chain_engine.storage import block_tables, bridge_logs
from chain_engine.storage.bridge_logs import BridgeLogs, LogName
from chain_engine.storage.committed_state import CommittedState
from chain_engine.storage.database import ChainDatabase
from chain_engine.storage.errors import StoreEmpty
from chain_engine.storage.merkle_log import LogEnd
from chain_engine.storage.receipt_tables import ReceiptTables
from chain_engine.storage.records import (
    AccountTransaction,
    BlockSummary,
    ReceiptLocation,
    StoredEvent,
)

ENTRY_CACHE_BYTES = 64 * 1024 * 1024
NODE_CACHE_BYTES = 192 * 1024 * 1024


class _Tip(NamedTuple):
    """The newest committed block and what follows from it."""

    header: Header
    id: bytes
    certificate: Certificate | None
    delegates: DelegateSet
    parameters: ChainParameters
    chain_id: bytes
    receipts: int


class ChainStore:
    """One chain on disk. One process writes; reads may come from any thread at any time."""

    def __init__(self, database: ChainDatabase, entry_cache: int, node_cache: int) -> None:
        """Use `open` instead."""
        self._database = database
        self._state = CommittedState(database, entry_cache, node_cache)
        self._receipts = ReceiptTables(database)
        self._logs = BridgeLogs(database)
        self._tip = self._load_tip()

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        read_only: bool = False,
        entry_cache: int = ENTRY_CACHE_BYTES,
        node_cache: int = NODE_CACHE_BYTES,
    ) -> Self:
        """Open a chain's file, making an empty one if it is new; caches are in bytes.

        Raises:
            StoreLocked: another process has it open for writing.
            WrongStoreFormat: not a chain store of this version.
            StoreCorrupt: its pages are damaged.
            StorageFailed: it cannot be opened or written durably.
        """
        return cls(ChainDatabase(Path(path), read_only=read_only), entry_cache, node_cache)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ------------------------------------------------------------------ writing

    def initialize(
        self,
        genesis_block: Block,
        entries: Mapping[bytes, bytes],
        parameters: ChainParameters,
        delegates: DelegateSet,
        commitments: Sequence[PeerCommitment] = (),
    ) -> None:
        """Write the genesis block with its state, in one transaction.

        `delegates` signs block 1; `commitments` are those to peers known from the start.
        """
        header = genesis_block.header
        assert self.is_empty, "a chain is initialized once"
        assert header.height == 0, "a chain begins at height 0"
        assert parameters_hash(parameters) == header.parameters_hash, "parameters of the header"
        changes = Changes(
            writes=entries, receipts=(), commitments=tuple(commitments), next_delegates=delegates
        )
        certified = CertifiedBlock(block=genesis_block, certificate=None)
        id_ = block_id(header)
        tip = _Tip(header, id_, None, delegates, parameters, id_, 0)
        self._save(certified, (), changes, update_tree(self._state.nodes, entries), tip)

    def commit(
        self,
        certified: CertifiedBlock,
        transactions: Sequence[SignedTransaction],
        changes: Changes,
        tree: TreeUpdate,
    ) -> None:
        """Write the next block and everything it changes, in one durable transaction.

        `transactions` are the block's own, decoded; `tree` is `update_tree(changes.writes)`.

        Raises:
            StorageFull: no room; the store is as before.
            StorageFailed: the disk refused; open the store again.
        """
        header, before = certified.block.header, self._known_tip()
        delegates = changes.next_delegates or before.delegates
        certificate = certified.certificate
        tip = _Tip(
            header=header,
            id=block_id(header),
            certificate=certificate,
            delegates=delegates,
            parameters=before.parameters,
            chain_id=before.chain_id,
            receipts=before.receipts + len(changes.receipts),
        )
        assert header.height == before.header.height + 1, "heights grow by one"
        assert header.parent_id == before.id, "a block stands on the tip"
        assert header.chain_id == before.chain_id, "a block of this chain"
        assert certificate is not None, "a committed block has a certificate"
        assert certificate.block_id == tip.id, "the certificate is the block's"
        assert len(transactions) == len(certified.block.transactions), "the block's transactions"
        self._save(certified, transactions, changes, tree, tip)

    def _save(
        self,
        certified: CertifiedBlock,
        transactions: Sequence[SignedTransaction],
        changes: Changes,
        tree: TreeUpdate,
        tip: _Tip,
    ) -> None:
        header = tip.header
        assert tree.root == header.state_root, "the state root is the header's"
        assert bridge_root(changes.commitments) == header.bridge_root, "the bridge root is, too"
        assert delegates_hash(tip.delegates) == header.next_delegates_hash, "and the next set"
        ends: dict[LogName, LogEnd] = {}

        def publish() -> None:
            self._state.publish(header.height, changes.writes, tree)
            self._logs.publish(ends)
            self._tip = tip

        with self._database.transaction(publish) as connection:
            before = tip.receipts - len(changes.receipts)
            block_tables.save_block(connection, certified, before)
            block_tables.save_delegates(connection, tip.delegates)
            self._state.save(connection, header.height, changes.writes, tree)
            self._receipts.save(connection, header.height, before, transactions, changes.receipts)
            ends.update(self._logs.save(connection, changes.outbox, changes.acks))
            bridge_logs.save_commitments(connection, header.height, changes.commitments)
            if header.height == 0:
                connection.execute(
                    "INSERT INTO meta VALUES ('parameters', ?)", (encode(tip.parameters),)
                )

    def checkpoint(self) -> None:
        """Move the write-ahead log into the file; optional, for idle moments and after sync."""
        self._database.checkpoint()

    def refresh(self) -> None:
        """Let a read-only store move to the newest committed block."""
        self._database.refresh()
        self._state.forget()
        self._logs.forget()
        self._tip = self._load_tip()

    # ------------------------------------------------------------------ tip

    @property
    def is_empty(self) -> bool:
        """Whether there is no genesis block yet."""
        return self._tip is None

    @property
    def chain_id(self) -> bytes:
        """Id of the genesis block."""
        return self._known_tip().chain_id

    @property
    def tip(self) -> Header:
        """Header of the newest committed block."""
        return self._known_tip().header

    @property
    def tip_id(self) -> bytes:
        """Its block id."""
        return self._known_tip().id

    @property
    def tip_certificate(self) -> Certificate | None:
        """Its certificate; none for genesis."""
        return self._known_tip().certificate

    @property
    def delegates(self) -> DelegateSet:
        """The set that signs the next block."""
        return self._known_tip().delegates

    @property
    def parameters(self) -> ChainParameters:
        """Parameters in force."""
        return self._known_tip().parameters

    def _known_tip(self) -> _Tip:
        if self._tip is None:
            raise StoreEmpty(path=str(self._database.path))
        return self._tip

    def _load_tip(self) -> _Tip | None:
        row = self._database.read_one(
            "SELECT height, id, certificate, receipts_before FROM blocks"
            " ORDER BY height DESC LIMIT 1"
        )
        genesis = self._database.read_one("SELECT id FROM blocks WHERE height = 0")
        parameters = self._database.read_one("SELECT value FROM meta WHERE name = 'parameters'")
        if row is None or genesis is None or parameters is None:
            return None
        height, id_, certificate, receipts_before = row
        header = block_tables.find_header(self._database, height)
        assert header is not None, "a block has a header"
        delegates = block_tables.find_delegates(self._database, header.next_delegates_hash)
        assert delegates is not None, "a block's next delegates are stored with it"
        return _Tip(
            header=header,
            id=id_,
            certificate=decode_unchecked(certificate, Certificate | None),  # type: ignore[arg-type]
            delegates=delegates,
            parameters=decode_unchecked(parameters[0], ChainParameters),
            chain_id=genesis[0],
            receipts=receipts_before + self._receipts.count_of(height),
        )

    # ------------------------------------------------------------------ state

    def view(self) -> StateView:
        """Committed state: always that of the tip, also after later commits."""
        return self._state

    def view_at(self, height: int) -> StateView:
        """State after an earlier block; valid until the next commit.

        Raises:
            NotFound: above the tip, or more than `UNDO_BLOCKS` below it.
        """
        tip = self.tip.height
        view = self._state.find_view_at(height, tip) if height <= tip else None
        if view is None:
            raise NotFound(height=height, tip=tip)
        return view

    def update_tree(self, writes: Mapping[bytes, bytes | None]) -> TreeUpdate:
        """Root and tree nodes of the committed state with `writes`; nothing is applied."""
        return update_tree(self._state.nodes, writes)

    def state_root(self) -> bytes:
        """Root of the stored tree; equals `tip.state_root`."""
        return self._state.nodes.root()

    def prove_state(self, key: bytes, height: int | None = None) -> tuple[bytes | None, StateProof]:
        """Value of a key (None: absent) and its proof against the state root of the tip.

        With `height`, against the root of an earlier header.

        Raises:
            NotFound: above the tip, or more than `UNDO_BLOCKS` below it.
        """
        with self._database.lock:
            tip = self.tip.height
            if height is None or height == tip:
                return self._state.prove(key, None)
            overlay = self._state.find_view_at(height, tip) if height < tip else None
            if overlay is None:
                raise NotFound(height=height, tip=tip)
            return self._state.prove(key, overlay)

    # ------------------------------------------------------------------ blocks

    def get_block(self, height: int) -> CertifiedBlock:
        """Block at a height with its certificate.

        Raises:
            NotFound: there is none (yet).
        """
        found = block_tables.certified_blocks(self._database, height, 1)
        if not found or found[0].block.header.height != height:
            raise NotFound(height=height)
        return found[0]

    def find_block_by_id(self, id_: bytes) -> CertifiedBlock | None:
        """Block of an id."""
        height = self.find_height(id_)
        return None if height is None else self.get_block(height)

    def find_height(self, id_: bytes) -> int | None:
        """Height of a block id."""
        return block_tables.find_height(self._database, id_)

    def find_header(self, height: int) -> Header | None:
        """Header at a height."""
        return block_tables.find_header(self._database, height)

    def find_certificate(self, height: int) -> Certificate | None:
        """Certificate of the block at a height; none for genesis."""
        return block_tables.find_certificate(self._database, height)

    def find_delegates(self, hash_: bytes) -> DelegateSet | None:
        """Delegate set of a hash that a stored header carries."""
        return block_tables.find_delegates(self._database, hash_)

    def blocks_from(self, height: int, count: int) -> list[CertifiedBlock]:
        """Up to `count` blocks from a height on, ascending."""
        return block_tables.certified_blocks(self._database, height, count)

    def block_bytes_from(self, height: int, count: int) -> list[bytes]:
        """The same as their encoded bytes, without decoding."""
        return block_tables.certified_block_bytes(self._database, height, count)

    def block_summaries(self, before: int, limit: int) -> list[BlockSummary]:
        """Header, id and sizes of up to `limit` blocks below height `before`, newest first."""
        return block_tables.block_summaries(self._database, before, limit)

    # ------------------------------------------------------------------ transactions and events

    def receipts_of(self, height: int) -> list[Receipt]:
        """Receipts of a committed block in order, system receipts last."""
        return self._receipts.receipts_of(height)

    def find_receipt(self, id_: bytes) -> ReceiptLocation | None:
        """Receipt of a transaction, with its place."""
        return self._receipts.find_receipt(id_)

    def find_transaction(self, id_: bytes) -> tuple[bytes, int, int] | None:
        """Encoded transaction, height and index of an id."""
        found = self._receipts.find_receipt(id_)
        if found is None:
            return None
        transactions = self.get_block(found.height).block.transactions
        if found.index >= len(transactions):
            return None  # a system step has a receipt, but no transaction
        return transactions[found.index], found.height, found.index

    def account_transactions(
        self, account: bytes, before_cursor: int | None, limit: int
    ) -> list[AccountTransaction]:
        """Transactions an account sent or cosigned, newest first, below a cursor (None: all)."""
        return self._receipts.account_transactions(account, before_cursor, limit)

    def events_after(self, cursor: int, limit: int, name: str | None = None) -> list[StoredEvent]:
        """Up to `limit` events after a cursor (0: from the first), ascending, maybe of one name."""
        return self._receipts.events_after(cursor, limit, name)

    def last_event_cursor(self) -> int:
        """Cursor of the newest event, 0 when there is none."""
        return self._receipts.last_cursor()

    # ------------------------------------------------------------------ bridge

    def commitments_at(self, height: int) -> tuple[PeerCommitment, ...]:
        """Commitments to every peer after the block at `height`, ascending by peer."""
        return bridge_logs.commitments_at(self._database, height)

    def prove_commitment(self, height: int, peer: bytes) -> CommitmentProof:
        """Prove the commitment to `peer` against the bridge root of the header at `height`.

        Raises:
            NotFound: the chain had no such peer then, or no such height.
        """
        if height > self.tip.height:
            raise NotFound(height=height)
        return bridge_logs.prove_commitment(self._database, height, peer)

    def prove_message(self, peer: bytes, seq: int, size: int) -> ProvenMessage:
        """Prove message `seq` in the outbox towards `peer` as it was with `size` messages."""
        return self._logs.prove_message(peer, seq, size)

    def prove_ack(self, peer: bytes, seq: int, size: int) -> ProvenAck:
        """Prove ack `seq` in the ack log towards `peer` as it was with `size` acks."""
        return self._logs.prove_ack(peer, seq, size)

    def messages(self, peer: bytes, from_seq: int, limit: int) -> list[BridgeMessage]:
        """Messages sent to `peer` from `from_seq` on."""
        return self._logs.messages(peer, from_seq, limit)

    def acks(self, peer: bytes, from_seq: int, limit: int) -> list[Ack]:
        """Acks of messages received from `peer` from `from_seq` on."""
        return self._logs.acks(peer, from_seq, limit)
