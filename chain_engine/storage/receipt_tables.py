"""Receipts, events and the look-ups by transaction and by account.

A block's receipts are one value; events are read out of it. Index rows hold a *place*, the
height and the position in the block in one integer.
"""

import sqlite3
from collections.abc import Iterator, Sequence

import msgspec

from chain_engine.blocks.block import Receipt
from chain_engine.blocks.transaction import SignedTransaction
from chain_engine.codec.canonical import decode_unchecked, encode
from chain_engine.storage.database import ChainDatabase
from chain_engine.storage.records import AccountTransaction, ReceiptLocation, StoredEvent
from chain_engine.storage.schema import SEGMENT_RECEIPTS

_INDEX_BITS = 20
"""Bits of a place for the position in the block: more than receipts fit into one."""

_RECENT_BLOCKS = 4
_PREFIX_BYTES = 8
_PLACE_MAX = 2**63 - 1


def place_of(height: int, index: int) -> int:
    """One integer for height and position."""
    return height << _INDEX_BITS | index


def split_place(place: int) -> tuple[int, int]:
    """Height and position of a place."""
    return place >> _INDEX_BITS, place & ((1 << _INDEX_BITS) - 1)


class ReceiptTables:
    """Receipts, events and indexes of one chain."""

    def __init__(self, database: ChainDatabase) -> None:
        """Read from `database`."""
        self._database = database
        self._recent: dict[int, tuple[msgspec.Raw, ...]] = {}

    def save(
        self,
        connection: sqlite3.Connection,
        height: int,
        receipts_before: int,
        transactions: Sequence[SignedTransaction],
        receipts: Sequence[Receipt],
    ) -> None:
        """Write a block's receipts, its events' place in the order, and the index rows."""
        segment, base = receipts_before // SEGMENT_RECEIPTS, place_of(height, 0)
        connection.execute("INSERT INTO receipts VALUES (?, ?)", (height, encode(receipts)))
        ids = sorted((_id_prefix(r.id), base + i) for i, r in enumerate(receipts))
        connection.executemany(
            f"INSERT INTO transaction_index VALUES ({segment}, ?, ?)",  # noqa: S608 - an integer
            ids,
        )
        accounts = [(s.tx.sender, base + i) for i, s in enumerate(transactions)]
        accounts += [(a, base + i) for i, s in enumerate(transactions) for a in s.tx.cosigners]
        accounts.sort()
        connection.executemany(
            f"INSERT INTO account_index VALUES ({segment}, ?, ?)",  # noqa: S608 - an integer
            accounts,
        )
        _save_events(connection, height, receipts)

    def _receipts(self, height: int) -> tuple[msgspec.Raw, ...]:
        """Encoded receipts of a block, split but not decoded."""
        with self._database.lock:
            found = self._recent.get(height)
            if found is None:
                row = self._database.read_one(
                    "SELECT receipts FROM receipts WHERE height = ?", (height,)
                )
                assert row is not None, "every committed block has receipts"
                found = decode_unchecked(row[0], tuple[msgspec.Raw, ...])
                while len(self._recent) >= _RECENT_BLOCKS:
                    del self._recent[next(iter(self._recent))]
                self._recent[height] = found
            return found

    def count_of(self, height: int) -> int:
        """Number of receipts of a committed block."""
        return len(self._receipts(height))

    def receipts_of(self, height: int) -> list[Receipt]:
        """Receipts of a block in order, system receipts last; the block exists."""
        return [decode_unchecked(raw, Receipt) for raw in self._receipts(height)]

    def find_receipt(self, id_: bytes) -> ReceiptLocation | None:
        """Receipt of a transaction or system step, with its place."""
        prefix = _id_prefix(id_)
        for segment in self._segments():
            for (place,) in self._database.read(
                "SELECT place FROM transaction_index WHERE segment = ? AND id_prefix = ?",
                (segment, prefix),
            ):
                height, index = split_place(place)
                receipt = decode_unchecked(self._receipts(height)[index], Receipt)
                if receipt.id == id_:
                    return ReceiptLocation(height=height, index=index, receipt=receipt)
        return None

    def account_transactions(
        self, account: bytes, before_cursor: int | None, limit: int
    ) -> list[AccountTransaction]:
        """Newest first, with a cursor below `before_cursor` (None: from the newest)."""
        before = _PLACE_MAX if before_cursor is None else before_cursor
        found: list[AccountTransaction] = []
        for segment in self._segments():
            rows = self._database.read(
                "SELECT place FROM account_index WHERE segment = ? AND account = ? AND place < ?"
                " ORDER BY place DESC LIMIT ?",
                (segment, account, before, limit - len(found)),
            )
            found += [self._account_transaction(place) for (place,) in rows]
            if len(found) >= limit:
                break
        return found

    def _account_transaction(self, place: int) -> AccountTransaction:
        height, index = split_place(place)
        receipt = decode_unchecked(self._receipts(height)[index], Receipt)
        return AccountTransaction(
            cursor=place, height=height, index=index, transaction_id=receipt.id
        )

    def _segments(self) -> Iterator[int]:
        """Index segments, newest first."""
        row = self._database.read_one(
            "SELECT receipts_before FROM blocks ORDER BY height DESC LIMIT 1"
        )
        newest = -1 if row is None else row[0] // SEGMENT_RECEIPTS
        return iter(range(newest, -1, -1))

    def events_after(self, cursor: int, limit: int, name: str | None) -> list[StoredEvent]:
        """Up to `limit` events with a cursor above `cursor`, ascending, all or of one name."""
        first = self._database.read_one(
            "SELECT max(events_before) FROM event_blocks WHERE events_before <= ?", (cursor,)
        )
        start = 0 if first is None or first[0] is None else first[0]
        found: list[StoredEvent] = []
        while len(found) < limit:
            block = self._next_event_block(start, name)
            if block is None:
                break
            before, height = block
            for event in self._events_of(height, before):
                if event.cursor > cursor and name in (None, event.name) and len(found) < limit:
                    found.append(event)
            start = before + 1
        return found

    def _next_event_block(self, start: int, name: str | None) -> tuple[int, int] | None:
        if name is None:
            row = self._database.read_one(
                "SELECT events_before, height FROM event_blocks WHERE events_before >= ?"
                " ORDER BY events_before LIMIT 1",
                (start,),
            )
        else:
            row = self._database.read_one(
                "SELECT events_before, height FROM event_names JOIN event_blocks"
                " USING (events_before) WHERE name = ? AND events_before >= ?"
                " ORDER BY events_before LIMIT 1",
                (name, start),
            )
        return None if row is None else (row[0], row[1])

    def _events_of(self, height: int, events_before: int) -> Iterator[StoredEvent]:
        cursor = events_before
        for index, receipt in enumerate(self.receipts_of(height)):
            for event in receipt.events:
                cursor += 1
                yield StoredEvent(
                    cursor=cursor,
                    height=height,
                    index=index,
                    transaction_id=receipt.id,
                    name=event.name,
                    data=event.data,
                )

    def last_cursor(self) -> int:
        """Cursor of the newest event, 0 before the first."""
        return _events_so_far(self._database.read(_LAST_EVENTS))


_LAST_EVENTS = "SELECT events_before, events FROM event_blocks ORDER BY events_before DESC LIMIT 1"


def _events_so_far(rows: Sequence[tuple[int, int]]) -> int:
    return sum(rows[0]) if rows else 0


def _save_events(connection: sqlite3.Connection, height: int, receipts: Sequence[Receipt]) -> None:
    count = sum(len(receipt.events) for receipt in receipts)
    if not count:
        return
    before = _events_so_far(connection.execute(_LAST_EVENTS).fetchall())
    connection.execute("INSERT INTO event_blocks VALUES (?, ?, ?)", (before, height, count))
    names = {event.name for receipt in receipts for event in receipt.events}
    connection.executemany(
        "INSERT INTO event_names VALUES (?, ?)", [(name, before) for name in sorted(names)]
    )


def _id_prefix(id_: bytes) -> int:
    return int.from_bytes(id_[:_PREFIX_BYTES], "big", signed=True)
