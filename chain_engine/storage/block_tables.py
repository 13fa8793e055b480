"""Blocks, certificates and delegate sets by height and id."""

import sqlite3
from collections.abc import Iterable

from chain_engine.blocks.block import Block, CertifiedBlock, Header, block_id
from chain_engine.blocks.certificate import Certificate
from chain_engine.blocks.delegates import DelegateSet, delegates_hash
from chain_engine.codec.canonical import decode_unchecked, encode
from chain_engine.storage.database import ChainDatabase, Row
from chain_engine.storage.records import BlockSummary

_CERTIFIED = (
    "SELECT block, certificate FROM bodies JOIN blocks USING (height)"
    " WHERE height >= ? ORDER BY height LIMIT ?"
)
_PAIR = b"\x92"
"""Msgpack head of an array of two: a certified block is a block and its certificate."""


def save_block(
    connection: sqlite3.Connection, certified: CertifiedBlock, receipts_before: int
) -> bytes:
    """Write a block with its certificate; return its id."""
    header, body = certified.block.header, encode(certified.block)
    id_ = block_id(header)
    connection.execute(
        "INSERT INTO blocks VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            header.height,
            id_,
            encode(header),
            encode(certified.certificate),
            len(certified.block.transactions),
            len(body),
            receipts_before,
        ),
    )
    connection.execute("INSERT INTO bodies VALUES (?, ?)", (header.height, body))
    return id_


def save_delegates(connection: sqlite3.Connection, delegates: DelegateSet) -> None:
    """Write a delegate set under its hash, once."""
    connection.execute(
        "INSERT OR IGNORE INTO delegate_sets VALUES (?, ?)",
        (delegates_hash(delegates), encode(delegates)),
    )


def find_delegates(database: ChainDatabase, hash_: bytes) -> DelegateSet | None:
    """Delegate set of a hash that a header carries."""
    row = database.read_one("SELECT delegates FROM delegate_sets WHERE hash = ?", (hash_,))
    return None if row is None else decode_unchecked(row[0], DelegateSet)


def find_header(database: ChainDatabase, height: int) -> Header | None:
    """Header at a height."""
    row = database.read_one("SELECT header FROM blocks WHERE height = ?", (height,))
    return None if row is None else decode_unchecked(row[0], Header)


def find_certificate(database: ChainDatabase, height: int) -> Certificate | None:
    """Certificate of the block at a height; none for genesis."""
    row = database.read_one("SELECT certificate FROM blocks WHERE height = ?", (height,))
    return None if row is None else decode_unchecked(row[0], Certificate | None)  # type: ignore[arg-type]


def find_height(database: ChainDatabase, id_: bytes) -> int | None:
    """Height of a block id."""
    row = database.read_one("SELECT height FROM blocks WHERE id = ?", (id_,))
    return None if row is None else row[0]


def certified_blocks(database: ChainDatabase, height: int, count: int) -> list[CertifiedBlock]:
    """Up to `count` blocks from a height on."""
    return [
        CertifiedBlock(
            block=decode_unchecked(block, Block),
            certificate=decode_unchecked(certificate, Certificate | None),  # type: ignore[arg-type]
        )
        for block, certificate in database.read(_CERTIFIED, (height, count))
    ]


def certified_block_bytes(database: ChainDatabase, height: int, count: int) -> list[bytes]:
    """Encoded `CertifiedBlock`s from a height on, as peers get them, without decoding."""
    rows: Iterable[Row] = database.read(_CERTIFIED, (height, count))
    return [b"".join((_PAIR, block, certificate)) for block, certificate in rows]


def block_summaries(database: ChainDatabase, before: int, limit: int) -> list[BlockSummary]:
    """Newest first, below height `before`."""
    rows = database.read(
        "SELECT id, header, transactions, body_bytes FROM blocks WHERE height < ?"
        " ORDER BY height DESC LIMIT ?",
        (before, limit),
    )
    return [
        BlockSummary(
            block_id=id_,
            header=decode_unchecked(header, Header),
            transactions=transactions,
            body_bytes=body_bytes,
        )
        for id_, header, transactions, body_bytes in rows
    ]
