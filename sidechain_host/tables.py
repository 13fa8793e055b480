"""Tables: how a contract's rows lie in the state (docs/spec/12-packages.md section 4).

A row is stored under `d` + table + 00 + its primary key, as the canonical array of its fields; each
index adds `i` + table + 00 + index + 00 + fields + primary key, whose value is the row's key. Keys
keep the order of the values: integers as 8 bytes, texts ended by 00. A row with an absent field in
an index is not in that index.

Between node and sandbox a row is a JSON array: amounts are decimal strings, accounts addresses,
hashes hexadecimal.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NoReturn

from chain_engine.codec.canonical import decode_unchecked, encode
from chain_engine.crypto.accounts import InvalidAddress
from sidechain_host import limits
from sidechain_host.addresses import account_of, address_of
from sidechain_host.schema import ValueType, text_problem

ROW_SPACE: Final = b"d"
INDEX_SPACE: Final = b"i"


class BadRow(Exception):
    """The sandbox sent a row or key that its table does not allow: it cannot be trusted."""


@dataclass(frozen=True)
class Index:
    """An ordered index."""

    name: str
    """Its name."""

    fields: tuple[str, ...]
    """Indexed fields, most significant first."""

    unique: bool
    """Whether two rows may share the same fields."""


@dataclass(frozen=True)
class Table:
    """A declared table."""

    name: str
    """Its name."""

    fields: dict[str, ValueType]
    """Type of every field, in declared order."""

    key: tuple[str, ...]
    """Fields of the primary key."""

    indexes: tuple[Index, ...] = ()
    """Further orders of its rows, ascending by name."""

    @cached_property
    def row_prefix(self) -> bytes:
        """Beginning of every row's key."""
        return ROW_SPACE + self.name.encode("ascii") + b"\0"

    @cached_property
    def columns(self) -> tuple[ValueType, ...]:
        """Types in the order of a row."""
        return tuple(self.fields.values())

    @cached_property
    def key_columns(self) -> tuple[int, ...]:
        """Positions of the primary key's fields in a row."""
        names = list(self.fields)
        return tuple(names.index(name) for name in self.key)

    @cached_property
    def index_columns(self) -> tuple[tuple[int, ...], ...]:
        """Positions of every index's fields in a row."""
        names = list(self.fields)
        return tuple(tuple(names.index(f) for f in index.fields) for index in self.indexes)

    def index_prefix(self, number: int) -> bytes:
        """Beginning of every entry of an index."""
        name = self.indexes[number].name
        return INDEX_SPACE + self.name.encode("ascii") + b"\0" + name.encode("ascii") + b"\0"

    def key_of_wire(self, values: Sequence[Any]) -> bytes:
        """State key of the row with these key values, as the sandbox sends them.

        Raises:
            BadRow: not values of this table's key.
        """
        if type(values) is not list or len(values) != len(self.key_columns):
            raise BadRow(f"{self.name}: key with {values!r}")
        return self.row_prefix + b"".join(
            sort_bytes(from_wire(value, self.columns[column]), self.columns[column])
            for value, column in zip(values, self.key_columns, strict=True)
        )

    def key_of_row(self, row: Sequence[Any]) -> bytes:
        """State key of a stored row."""
        return self.row_prefix + b"".join(
            sort_bytes(row[column], self.columns[column]) for column in self.key_columns
        )

    def index_keys(self, row: Sequence[Any]) -> list[bytes]:
        """Keys of the index entries of a stored row."""
        primary = self.key_of_row(row)[len(self.row_prefix) :]
        keys = []
        for number, columns in enumerate(self.index_columns):
            if any(row[column] is None for column in columns):
                continue
            fields = b"".join(sort_bytes(row[c], self.columns[c]) for c in columns)
            keys.append(self.index_prefix(number) + fields + primary)
        return keys

    def row_from_wire(self, values: Any) -> list[Any]:
        """Turn a row from the sandbox into its stored form, every field checked.

        Raises:
            BadRow: it does not fit the table.
        """
        if type(values) is not list or len(values) != len(self.columns):
            raise BadRow(f"{self.name}: row with a wrong number of fields")
        return [from_wire(v, kind) for v, kind in zip(values, self.columns, strict=True)]

    def row_to_wire(self, row: Sequence[Any]) -> list[Any]:
        """Turn a stored row into what the sandbox reads."""
        return [stored_to_wire(v, kind) for v, kind in zip(row, self.columns, strict=True)]

    def encode_row(self, row: list[Any]) -> bytes:
        """Return the bytes of a stored row.

        Raises:
            BadRow: it is too large.
        """
        data = encode(row)
        if len(data) > limits.ROW_BYTES_MAX:
            raise BadRow(f"{self.name}: row of {len(data)} bytes")
        return data

    def decode_row(self, data: bytes) -> list[Any]:
        """Read bytes that this node stored."""
        return decode_unchecked(data, list[Any])


def from_wire(value: Any, kind: ValueType) -> Any:
    """Check one field from the sandbox and return its stored form.

    Raises:
        BadRow: the value is not of that type.
    """
    if value is None and kind.optional:
        return None
    stored = _STORED[kind.kind](value, kind)
    if stored is None:
        raise BadRow(f"not of type {kind.kind}: {value!r:.80}")
    return stored


def _stored_amount(value: Any, kind: ValueType) -> int | None:
    if type(value) is not str or len(value) > _AMOUNT_DIGITS or not value.isdecimal():
        return None
    amount = int(value)
    return amount if str(amount) == value and kind.min <= amount <= kind.max else None


def _stored_integer(value: Any, kind: ValueType) -> int | None:
    return value if type(value) is int and kind.min <= value <= kind.max else None


def _stored_bool(value: Any, _: ValueType) -> bool | None:
    return value if value is True or value is False else None


def _stored_account(value: Any, _: ValueType) -> bytes | None:
    try:
        return account_of(value) if type(value) is str else None
    except InvalidAddress:
        return None


def _stored_hash(value: Any, kind: ValueType) -> bytes | None:
    return None if text_problem(value, kind) else bytes.fromhex(value)


def _stored_text(value: Any, kind: ValueType) -> str | None:
    return None if text_problem(value, kind) else value


def _stored_list(value: Any, kind: ValueType) -> list[Any] | None:
    if type(value) is not list or not kind.min <= len(value) <= kind.max or kind.items is None:
        return None
    return [from_wire(item, kind.items) for item in value]


_AMOUNT_DIGITS: Final = 19

_STORED: Final[dict[str, Callable[[Any, ValueType], Any]]] = {
    "u": _stored_amount,
    "int": _stored_integer,
    "id": _stored_integer,
    "bool": _stored_bool,
    "account": _stored_account,
    "hash": _stored_hash,
    "text": _stored_text,
    "asset": _stored_text,
    "enum": _stored_text,
    "list": _stored_list,
}
"""From what the sandbox sends to what is stored; None for a value that is not of the type."""


def stored_to_wire(value: Any, kind: ValueType) -> Any:
    """Return what the sandbox reads for one stored field."""
    if value is None:
        return None
    match kind.kind:
        case "u":
            return str(value)
        case "account":
            return address_of(value)
        case "hash":
            return value.hex()
        case "list":
            assert kind.items is not None
            items = kind.items
            return [stored_to_wire(item, items) for item in value]
        case _:
            return value


def sort_bytes(value: Any, kind: ValueType) -> bytes:
    """Bytes of a stored key field that sort as its values do.

    Raises:
        BadRow: the field is absent or too long for a key.
    """
    match kind.kind:
        case "u" | "int" | "id":
            return int(value).to_bytes(8, "big") if value is not None else _no_key()
        case "bool":
            return b"\1" if value else b"\0"
        case "account" | "hash":
            return bytes(value) if value is not None else _no_key()
        case _:
            data: bytes = value.encode("utf-8") if value is not None else _no_key()
            if len(data) > limits.KEY_TEXT_BYTES_MAX:
                raise BadRow("text too long for a key")
            return data + b"\0"


def _no_key() -> NoReturn:
    raise BadRow("a key field is absent")
