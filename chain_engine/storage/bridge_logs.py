"""Outboxes, ack logs and commitments of every height, with the proofs a relayer takes along."""

import sqlite3
from collections.abc import Sequence
from enum import IntEnum
from typing import TypeVar

from chain_engine.blocks.bridge import (
    Ack,
    BridgeMessage,
    CommitmentProof,
    PeerCommitment,
    ProvenAck,
    ProvenMessage,
)
from chain_engine.codec.canonical import decode_unchecked, encode
from chain_engine.crypto.merkle import InclusionProof, build_proof, hash_leaf
from chain_engine.primitives.errors import NotFound
from chain_engine.storage.database import ChainDatabase
from chain_engine.storage.merkle_log import LogEnd, append_leaves, load_end, prove_leaf

T = TypeVar("T", BridgeMessage, Ack)


class LogKind(IntEnum):
    """Which log towards a peer."""

    OUTBOX = 1
    ACKS = 2


LogName = tuple[bytes, LogKind]
"""Peer chain id and log."""

Entries = dict[LogName, list[tuple[int, bytes]]]
"""New entries of a block by log: position and bytes, in order."""


class BridgeLogs:
    """Every log of one chain."""

    def __init__(self, database: ChainDatabase) -> None:
        """Read from `database`."""
        self._database = database
        self._ends: dict[LogName, LogEnd] = {}

    def save(
        self,
        connection: sqlite3.Connection,
        outbox: Sequence[BridgeMessage],
        acks: Sequence[tuple[bytes, Ack]],
    ) -> dict[LogName, LogEnd]:
        """Append a block's messages and acks; return the new ends, to be given to `publish`."""
        entries: Entries = {}
        for message in outbox:
            log = entries.setdefault((message.destination, LogKind.OUTBOX), [])
            log.append((message.seq, encode(message)))
        for peer, ack in acks:
            entries.setdefault((peer, LogKind.ACKS), []).append((ack.seq, encode(ack)))
        return {name: self._append(connection, name, items) for name, items in entries.items()}

    def _append(
        self, connection: sqlite3.Connection, name: LogName, items: list[tuple[int, bytes]]
    ) -> LogEnd:
        end = self._end_of(name)
        expected = range(end.size, end.size + len(items))
        assert [seq for seq, _ in items] == list(expected), "logs grow by one entry at a time"
        new_end, nodes = append_leaves(end, (entry for _, entry in items))
        connection.executemany(
            "INSERT INTO log_entries (peer, log, seq, entry) VALUES (?, ?, ?, ?)",
            [(*name, seq, entry) for seq, entry in items],
        )
        connection.executemany(
            "INSERT INTO log_nodes (peer, log, level, place, hash) VALUES (?, ?, ?, ?, ?)",
            [(*name, *node) for node in nodes],
        )
        return new_end

    def publish(self, ends: dict[LogName, LogEnd]) -> None:
        """Remember the new ends after the commit."""
        self._ends.update(ends)

    def forget(self) -> None:
        """Read the ends again."""
        self._ends.clear()

    def _end_of(self, name: LogName) -> LogEnd:
        if name not in self._ends:
            row = self._database.read_one(
                "SELECT coalesce(max(seq) + 1, 0) FROM log_entries WHERE peer = ? AND log = ?", name
            )
            assert row is not None, "an aggregate has one row"
            self._ends[name] = load_end(row[0], lambda level, at: self._node(name, level, at))
        return self._ends[name]

    def _node(self, name: LogName, level: int, place: int) -> bytes:
        row = self._database.read_one(
            "SELECT hash FROM log_nodes WHERE peer = ? AND log = ? AND level = ? AND place = ?",
            (*name, level, place),
        )
        assert row is not None, "every complete subtree of a log is stored"
        hash_: bytes = row[0]
        return hash_

    def prove_message(self, peer: bytes, seq: int, size: int) -> ProvenMessage:
        """Prove message `seq` in the outbox towards `peer` when it had `size` messages.

        Raises:
            NotFound: there is no such message, or the outbox never had that size.
        """
        message, path = self._prove((peer, LogKind.OUTBOX), seq, size, BridgeMessage)
        return ProvenMessage(message=message, path=path)

    def prove_ack(self, peer: bytes, seq: int, size: int) -> ProvenAck:
        """Prove ack `seq` in the ack log towards `peer` when it had `size` acks.

        Raises:
            NotFound: there is no such ack, or the log never had that size.
        """
        ack, path = self._prove((peer, LogKind.ACKS), seq, size, Ack)
        return ProvenAck(ack=ack, path=path)

    def _prove(self, name: LogName, seq: int, size: int, kind: type[T]) -> tuple[T, InclusionProof]:
        if not 0 <= seq < size <= self._end_of(name).size:
            raise NotFound(peer=name[0], log=name[1].name, seq=seq, size=size)
        row = self._database.read_one(
            "SELECT entry FROM log_entries WHERE peer = ? AND log = ? AND seq = ?", (*name, seq)
        )
        assert row is not None, "every entry of a log is stored"
        path = prove_leaf(seq, size, lambda level, place: self._node(name, level, place))
        return decode_unchecked(row[0], kind), path

    def messages(self, peer: bytes, from_seq: int, limit: int) -> list[BridgeMessage]:
        """Messages to `peer` from `from_seq` on."""
        return self._entries(peer, LogKind.OUTBOX, from_seq, limit, BridgeMessage)

    def acks(self, peer: bytes, from_seq: int, limit: int) -> list[Ack]:
        """Acks of messages from `peer` from `from_seq` on."""
        return self._entries(peer, LogKind.ACKS, from_seq, limit, Ack)

    def _entries(
        self, peer: bytes, log: LogKind, from_seq: int, limit: int, kind: type[T]
    ) -> list[T]:
        rows = self._database.read(
            "SELECT entry FROM log_entries WHERE peer = ? AND log = ? AND seq >= ?"
            " ORDER BY seq LIMIT ?",
            (peer, log, from_seq, limit),
        )
        return [decode_unchecked(row[0], kind) for row in rows]


def save_commitments(
    connection: sqlite3.Connection, height: int, commitments: Sequence[PeerCommitment]
) -> None:
    """Write the commitments after a block, when they differ from those before."""
    data = encode(tuple(commitments))
    last = connection.execute(
        "SELECT commitments FROM commitments ORDER BY height DESC LIMIT 1"
    ).fetchone()
    if last is None or last[0] != data:
        connection.execute(
            "INSERT INTO commitments (height, commitments) VALUES (?, ?)", (height, data)
        )


def commitments_at(database: ChainDatabase, height: int) -> tuple[PeerCommitment, ...]:
    """Commitments to every peer after the block at `height`, ascending by peer."""
    row = database.read_one(
        "SELECT commitments FROM commitments WHERE height <= ? ORDER BY height DESC LIMIT 1",
        (height,),
    )
    return () if row is None else decode_unchecked(row[0], tuple[PeerCommitment, ...])


def prove_commitment(database: ChainDatabase, height: int, peer: bytes) -> CommitmentProof:
    """Prove the commitment to `peer` against the bridge root of the header at `height`.

    Raises:
        NotFound: the chain had no such peer then.
    """
    commitments = commitments_at(database, height)
    for index, commitment in enumerate(commitments):
        if commitment.peer == peer:
            hashes = [hash_leaf(encode(item)) for item in commitments]
            return CommitmentProof(commitment=commitment, path=build_proof(hashes, index))
    raise NotFound(peer=peer, height=height)
