"""Answers to what a run asks synchronously: rows, ranges, and whether a text is an address.

This is the demand paging of ADR 2: a contract that reads a row which is not cached waits inside
its run for the answer. Whatever the sandbox asks outside its tables ends it.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from chain_engine.ledger.keys import end_of
from chain_engine.state.view import StateView
from sidechain_host import limits
from sidechain_host.addresses import is_address
from sidechain_host.faults import SandboxViolation
from sidechain_host.program import BALANCES
from sidechain_host.tables import BadRow, Table, from_wire, sort_bytes

ASK_ROW: Final = 1
ASK_RANGE: Final = 2
ASK_ADDRESS: Final = 3

PAGE_BYTES: Final = 256 * 1024
"""An answer ends after the row that passes this size."""

BalanceOf = Callable[[bytes, str], int]
"""(20-byte account, asset text) -> free units, as they stand before the contract calls."""


class BadQuestion(SandboxViolation):
    """The sandbox asked what its runtime never asks: it cannot be trusted."""


class StateQuestions:
    """Answers over one state; an `OnHost` of the sandbox's supervisor."""

    def __init__(self, tables: Sequence[Table], view: StateView, balance_of: BalanceOf) -> None:
        """`view` holds the rows; `balance_of` the free units."""
        self._tables = tables
        self._view = view
        self._balance_of = balance_of

    def __call__(self, kind: int, text: bytes) -> bytes:
        """Answer one question.

        Raises:
            BadQuestion: it is none that the runtime asks.
        """
        if kind == ASK_ADDRESS:
            return b"1" if is_address(text.decode("ascii", "replace")) else b"0"
        try:
            question = msgspec.json.decode(text)
            if kind == ASK_ROW:
                return self._row(*question)
            if kind == ASK_RANGE:
                return self._range(*question)
        except (msgspec.DecodeError, TypeError, ValueError, IndexError, BadRow) as e:
            raise BadQuestion(f"{kind}: {e}") from e
        raise BadQuestion(f"unknown kind {kind}")

    def _table(self, number: Any) -> Table:
        if type(number) is not int or not 0 <= number < len(self._tables):
            raise BadQuestion(f"no table {number!r}")
        return self._tables[number]

    def _row(self, number: Any, values: Any) -> bytes:
        table = self._table(number)
        key = table.key_of_wire(values)
        if number == BALANCES:
            account, asset = (from_wire(v, table.columns[i]) for i, v in enumerate(values))
            amount = self._balance_of(account, asset)
            return msgspec.json.encode([*values, str(amount)]) if amount else b"null"
        data = self._view.get(key)
        return b"null" if data is None else self._encode(table, data)

    def _encode(self, table: Table, data: bytes) -> bytes:
        return msgspec.json.encode(table.row_to_wire(table.decode_row(data)))

    def _range(
        self, number: Any, index: Any, prefix: Any, low: Any, high: Any, after: Any, limit: Any,
        reverse: Any,
    ) -> bytes:  # fmt: skip
        table = self._table(number)
        columns = table.key_columns
        space = table.row_prefix
        if index != -1:
            columns, space = table.index_columns[index], table.index_prefix(index)
        if not (type(limit) is int and 1 <= limit <= limits.FIND_LIMIT_MAX + 2):
            raise BadQuestion(f"limit {limit!r}")
        kinds = [table.columns[column] for column in columns]
        base = space + _join(prefix, kinds)
        start, end = base, end_of(base)
        if low is not None:
            start = base + _join([low], kinds[len(prefix) :])
        if high is not None:
            end = base + _join([high], kinds[len(prefix) :])
        if after is not None:
            order = (
                kinds if index == -1 else [*kinds, *(table.columns[c] for c in table.key_columns)]
            )
            at = space + _join(after, order)
            start, end = (start, min(end, at)) if reverse else (max(start, at + b"\0"), end)
        rows = (
            self._view.scan(start, end, limit=limit, reverse=bool(reverse)) if start < end else []
        )
        return self._page(table, rows, limit, is_index=index != -1)

    def _page(
        self, table: Table, entries: list[tuple[bytes, bytes]], limit: int, *, is_index: bool
    ) -> bytes:
        """Rows of a range as far as one answer should be long; the runtime asks for the rest."""
        rows: list[msgspec.Raw] = []
        size = 0
        for _, value in entries:
            row = self._encode(table, self._stored(value) if is_index else value)
            rows.append(msgspec.Raw(row))
            size += len(row)
            if size > PAGE_BYTES:
                break
        done = len(rows) == len(entries) < limit
        return msgspec.json.encode({"rows": rows, "done": done})

    def _stored(self, key: bytes) -> bytes:
        data = self._view.get(key)
        assert data is not None, "an index entry has its row"
        return data


def _join(values: list[Any], kinds: Sequence[Any]) -> bytes:
    if len(values) > len(kinds):
        raise BadQuestion("more values than key fields")
    return b"".join(
        sort_bytes(from_wire(value, kind), kind) for value, kind in zip(values, kinds, strict=False)
    )
