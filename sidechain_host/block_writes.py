"""From the rows a runner wrote to state writes: key spaces, schemas, indexes and conservation."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from chain_engine.ledger.keys import balance_key
from chain_engine.ledger.ledger import Ledger
from chain_engine.primitives.limits import AMOUNT_MAX
from chain_engine.state.view import StateView
from sidechain_host import limits
from sidechain_host.faults import SandboxViolation
from sidechain_host.outcome import RowWrite
from sidechain_host.program import BALANCES, LOCKS
from sidechain_host.tables import BadRow, Table


@dataclass
class BlockWrites:
    """Checked writes of the contract calls of one block."""

    rows: dict[bytes, bytes | None] = field(default_factory=dict)
    """State writes of the spaces `d` and `i`."""

    balances: dict[tuple[bytes, str], int] = field(default_factory=dict)
    """New free units by account and asset."""

    moved: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    """Change of the sum of free and locked units, by asset."""

    locked: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    """Change of the sum of locked units, by asset."""


def check_writes(
    tables: Sequence[Table], writes: Sequence[RowWrite], view: StateView, ledger: Ledger
) -> BlockWrites:
    """Check every write of a runner and turn it into state writes.

    `view` holds the rows before the block, `ledger` the balances before the calls.

    Raises:
        SandboxViolation: a row outside the declared tables or types, twice, or too much.
    """
    checked = BlockWrites()
    seen: set[bytes] = set()
    size = 0
    for number, values, row in writes:
        if not 0 <= number < len(tables):
            raise SandboxViolation(f"write to table {number}")
        table = tables[number]
        try:
            key = table.key_of_wire(values)
            stored = None if row is None else table.row_from_wire(row)
            if stored is not None and table.key_of_row(stored) != key:
                raise SandboxViolation(f"{table.name}: row under another key")
            if key in seen:
                raise SandboxViolation(f"{table.name}: row written twice")
            seen.add(key)
            if number == BALANCES:
                _check_balance(checked, table, values, stored, ledger)
            else:
                size += _check_row(checked, table, key, stored, view, is_lock=number == LOCKS)
        except BadRow as e:
            raise SandboxViolation(str(e)) from None
    if size > limits.BLOCK_ROW_BYTES_MAX:
        raise SandboxViolation("too many bytes written")
    return checked


def _check_balance(
    checked: BlockWrites, table: Table, values: list[Any], row: list[Any] | None, ledger: Ledger
) -> None:
    account, asset, _ = table.row_from_wire([*values, "0"])
    amount = 0 if row is None else row[2]
    checked.balances[account, asset] = amount
    checked.moved[asset] += amount - ledger.amount(balance_key(account, asset))


def _check_row(
    checked: BlockWrites, table: Table, key: bytes, row: list[Any] | None, view: StateView,
    *, is_lock: bool,
) -> int:  # fmt: skip
    """Add a row and its index entries to the writes; returns its bytes."""
    old_data = view.get(key)
    data = None if row is None else table.encode_row(row)
    if data == old_data:
        return 0
    old = None if old_data is None else table.decode_row(old_data)
    checked.rows[key] = data
    before = set() if old is None else set(table.index_keys(old))
    after = set() if row is None else set(table.index_keys(row))
    for gone in before - after:
        checked.rows[gone] = None
    for added in after - before:
        checked.rows[added] = key
    if is_lock:
        _count_lock(checked, old, row)
    return len(data or b"")


def _count_lock(checked: BlockWrites, old: list[Any] | None, row: list[Any] | None) -> None:
    for lock, sign in ((old, -1), (row, 1)):
        if lock is not None:
            checked.locked[lock[2]] += sign * lock[3]
            checked.moved[lock[2]] += sign * lock[3]
    if row is not None and not 1 <= row[3] <= AMOUNT_MAX:
        raise SandboxViolation("a lock of nothing")
    if old is not None and row is not None and old[2] != row[2]:
        raise SandboxViolation("a lock changed its asset")
