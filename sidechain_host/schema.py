"""Types of arguments and table fields, as the manifest writes them (docs/spec/12-packages.md).

A type is written short (`"u"`, `"text:64"`, `"account?"`) or long (`{"type": "list", ...}`). The
host checks every argument against its type before any contract code runs. On its way into V8 a
string is tagged: `s` before a text, `n` before an amount that becomes a bigint.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sidechain_host.addresses import is_address

SCALARS: Final = ("u", "int", "id", "bool", "text", "account", "hash", "asset", "enum")
KINDS: Final = (*SCALARS, "list", "object")

_NAME = re.compile(r"[a-z][A-Za-z0-9_]{0,31}")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
_HASH = re.compile(r"[0-9a-f]{64}")
_ASSET = re.compile(r"(?:[0-9a-f]{64}:)?[A-Z0-9._]{1,32}")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, where it is, and what to do."""

    path: str
    """Place in the document, such as `tables.orders.fields.price`."""

    reason: str
    """What is wrong."""

    fix: str
    """What to write instead."""


@dataclass(frozen=True)
class ValueType:
    """One checked type."""

    kind: str
    """One of `KINDS`."""

    optional: bool = False
    """Whether it may be absent (null in a row)."""

    max: int = 0
    """Text: most UTF-8 bytes. List: most items. Int: largest value."""

    min: int = 0
    """List: fewest items. Int and u: smallest value."""

    values: tuple[str, ...] = ()
    """Enum: the allowed texts."""

    items: "ValueType | None" = None
    """List: type of every item."""

    fields: Mapping[str, "ValueType"] = field(default_factory=dict)
    """Object: type of every field."""

    description: str = ""
    """A sentence for the documentation."""

    def __hash__(self) -> int:
        """By identity: types are made once, at load."""
        return id(self)


def is_name(text: str) -> bool:
    """Whether a text may name a field, table or index."""
    return _NAME.fullmatch(text) is not None


def is_asset(text: str) -> bool:
    """Whether a text has the shape of an asset id."""
    return _ASSET.fullmatch(text) is not None


def is_text(value: object, bytes_max: int) -> bool:
    """Whether a value is a well-formed text without U+0000 of at most `bytes_max` UTF-8 bytes."""
    if not isinstance(value, str) or len(value) > bytes_max or "\0" in value:
        return False
    try:
        return len(value.encode("utf-8")) <= bytes_max
    except UnicodeEncodeError:
        return False


def to_wire(value: Any, kind: ValueType, path: str, problems: list[Problem]) -> Any:
    """Check a JSON value and return what travels into V8 (see the module's text).

    Amounts arrive as decimal strings without sign, fraction, exponent or leading zeros.
    """
    if kind.kind in _CHECKS:
        return _CHECKS[kind.kind](value, kind, path, problems)
    wrong = text_problem(value, kind)
    if wrong is None:
        return "s" + value
    problems.append(Problem(path, *wrong))
    return None


def text_problem(value: Any, kind: ValueType) -> tuple[str, str] | None:
    """What is wrong with a value of a text-like type: (reason, fix), or None."""
    if isinstance(value, str) and _fits(value, kind):
        return None
    match kind.kind:
        case "text":
            return "not a text", f"at most {kind.max} UTF-8 bytes, without U+0000"
        case "enum":
            return "not one of the values", f"one of {', '.join(kind.values)}"
        case "account":
            return "not an address", "copy the whole address; it has a checksum"
        case "hash":
            return "not a hash", "64 lower-case hexadecimal digits"
        case _:
            return "not an asset", "SYMBOL, or home chain id, colon and symbol"


def _fits(value: str, kind: ValueType) -> bool:
    match kind.kind:
        case "text":
            return is_text(value, kind.max)
        case "enum":
            return value in kind.values
        case "account":
            return is_address(value)
        case "hash":
            return _HASH.fullmatch(value) is not None
        case _:
            return is_asset(value)


def _amount_to_wire(value: Any, kind: ValueType, path: str, problems: list[Problem]) -> Any:
    if isinstance(value, str) and _DECIMAL.fullmatch(value) and kind.min <= int(value) <= kind.max:
        return "n" + value
    problems.append(Problem(path, "not an amount", f"a decimal string, {kind.min} to {kind.max}"))
    return None


def _integer_to_wire(value: Any, kind: ValueType, path: str, problems: list[Problem]) -> Any:
    if type(value) is int and kind.min <= value <= kind.max:
        return value
    problems.append(Problem(path, "not an integer in range", f"{kind.min} to {kind.max}"))
    return None


def _bool_to_wire(value: Any, _: ValueType, path: str, problems: list[Problem]) -> Any:
    if isinstance(value, bool):
        return value
    problems.append(Problem(path, "not a boolean", "true or false"))
    return None


def _object_to_wire(value: Any, kind: ValueType, path: str, problems: list[Problem]) -> Any:
    return fields_to_wire(value, kind.fields, path, problems)


def _list_to_wire(value: Any, kind: ValueType, path: str, problems: list[Problem]) -> Any:
    if not isinstance(value, list) or not kind.min <= len(value) <= kind.max:
        problems.append(Problem(path, "not a list in range", f"{kind.min} to {kind.max} items"))
        return None
    assert kind.items is not None
    items = kind.items
    return [to_wire(v, items, f"{path}[{i}]", problems) for i, v in enumerate(value)]


_CHECKS: Final = {
    "u": _amount_to_wire,
    "int": _integer_to_wire,
    "id": _integer_to_wire,
    "bool": _bool_to_wire,
    "list": _list_to_wire,
    "object": _object_to_wire,
}
"""Checks of the types that are no text."""


def fields_to_wire(
    value: Any, fields: Mapping[str, ValueType], path: str, problems: list[Problem]
) -> Any:
    """Check an object: every field known, every needed one there; null counts as absent."""
    if not isinstance(value, dict):
        problems.append(Problem(path, "not an object", "a JSON object"))
        return None
    prefix = f"{path}." if path else ""
    problems.extend(
        Problem(f"{prefix}{name[:64]}", "unknown field", f"known: {', '.join(fields) or 'none'}")
        for name in value.keys() - fields.keys()
    )
    wire: dict[str, Any] = {}
    for name, kind in fields.items():
        item = value.get(name)
        if item is not None:
            wire[name] = to_wire(item, kind, f"{prefix}{name}", problems)
        elif not kind.optional:
            problems.append(Problem(f"{prefix}{name}", "missing", f"give a {kind.kind}"))
    return wire


def json_schema(kind: ValueType) -> dict[str, Any]:
    """Return the JSON Schema of a type, for OpenAPI documents and wallets."""
    schemas: dict[str, dict[str, Any]] = {
        "u": {"type": "string", "pattern": "^(0|[1-9][0-9]{0,18})$"},
        "int": {"type": "integer", "minimum": kind.min, "maximum": kind.max},
        "id": {"type": "integer", "minimum": kind.min, "maximum": kind.max},
        "bool": {"type": "boolean"},
        "text": {"type": "string", "maxLength": kind.max},
        "account": {"type": "string", "pattern": "^[1-9A-HJ-NP-Za-km-z]{34}$"},
        "hash": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "asset": {"type": "string", "pattern": f"^{_ASSET.pattern}$"},
        "enum": {"type": "string", "enum": list(kind.values)},
        "list": {"type": "array", "minItems": kind.min, "maxItems": kind.max},
        "object": fields_schema(kind.fields),
    }
    schema = schemas[kind.kind]
    if kind.items is not None:
        schema["items"] = json_schema(kind.items)
    if kind.description:
        schema["description"] = kind.description
    return schema


def fields_schema(fields: Mapping[str, ValueType]) -> dict[str, Any]:
    """Return the JSON Schema of an object with these fields and no other."""
    return {
        "type": "object",
        "properties": {name: json_schema(kind) for name, kind in fields.items()},
        "required": [name for name, kind in fields.items() if not kind.optional],
        "additionalProperties": False,
    }
