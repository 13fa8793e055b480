"""Types of arguments and table fields, as the manifest writes them (docs/spec/12-packages.md).

A type is written short (`"u"`, `"text:64"`, `"account?"`) or long (`{"type": "list", ...}`). The
host checks every argument against its type before any contract code runs. On its way into V8 a
string is tagged: `s` before a text, `n` before an amount that becomes a bigint.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from chain_engine.primitives.limits import AMOUNT_MAX
from sidechain_host import limits
from sidechain_host.addresses import is_address

SCALARS: Final = ("u", "int", "id", "bool", "text", "account", "hash", "asset", "enum")
KINDS: Final = (*SCALARS, "list", "object")

_NAME = re.compile(r"[a-z][A-Za-z0-9_]{0,31}")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
_HASH = re.compile(r"[0-9a-f]{64}")
_ASSET = re.compile(r"(?:[0-9a-f]{64}:)?[A-Z0-9._]{1,32}")
_ENUM_VALUE = re.compile(r"[A-Za-z0-9_.-]{1,32}")
_SHORT = re.compile(r"([a-z]+)(?::([1-9][0-9]{0,4}))?(\?)?")


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


def parse_type(raw: object, path: str, problems: list[Problem], depth: int = 0) -> ValueType:
    """Read one type; everything wrong with it is added to `problems`."""
    if depth > limits.TYPE_DEPTH_MAX:
        problems.append(Problem(path, "nested too deep", f"at most {limits.TYPE_DEPTH_MAX} levels"))
        return ValueType("bool")
    if isinstance(raw, str):
        return _parse_short(raw, path, problems)
    if isinstance(raw, dict):
        return _parse_long(raw, path, problems, depth)
    problems.append(Problem(path, "not a type", 'write a name such as "u", or an object'))
    return ValueType("bool")


def _parse_short(raw: str, path: str, problems: list[Problem]) -> ValueType:
    match = _SHORT.fullmatch(raw)
    kind = match.group(1) if match else ""
    if match is None or kind not in SCALARS or kind == "enum":
        problems.append(Problem(path, f"unknown type {raw[:40]!r}", f"one of {', '.join(KINDS)}"))
        return ValueType("bool")
    size = match.group(2)
    if size is not None and kind != "text":
        problems.append(Problem(path, "only text has a size", f'write "{kind}"'))
    return _sized(kind, path, problems, optional=match.group(3) == "?",
                  top=int(size) if size else None)  # fmt: skip


def _sized(
    kind: str, path: str, problems: list[Problem], *, optional: bool,
    top: int | None = None, low: int | None = None, description: str = "",
) -> ValueType:  # fmt: skip
    if kind == "text":
        top = limits.TEXT_BYTES_DEFAULT if top is None else top
        if not 1 <= top <= limits.TEXT_BYTES_MAX:
            problems.append(Problem(path, "text size out of range",
                                    f"1 to {limits.TEXT_BYTES_MAX} bytes"))  # fmt: skip
        return ValueType(kind, optional, max=top, description=description)
    ceiling = {"u": AMOUNT_MAX, "int": limits.INTEGER_MAX, "id": limits.INTEGER_MAX}.get(kind, 0)
    floor = 1 if kind == "id" else 0
    top, low = ceiling if top is None else top, floor if low is None else low
    if not floor <= low <= top <= ceiling:
        problems.append(Problem(path, "min and max out of range", f"{floor} to {ceiling}"))
    return ValueType(kind, optional, max=top, min=low, description=description)


_LONG_KEYS: Final[dict[str, set[str]]] = {
    "list": {"items", "min", "max"},
    "object": {"fields"},
    "enum": {"values"},
    "text": {"max"},
    "u": {"min", "max"},
    "int": {"min", "max"},
}


def _parse_long(raw: dict[str, Any], path: str, problems: list[Problem], depth: int) -> ValueType:
    kind = raw.get("type")
    if not isinstance(kind, str) or kind not in KINDS:
        problems.append(Problem(f"{path}.type", "unknown type", f"one of {', '.join(KINDS)}"))
        return ValueType("bool")
    allowed = {"type", "optional", "description"} | _LONG_KEYS.get(kind, set())
    problems.extend(
        Problem(f"{path}.{key}", f"{kind} has no {key!r}", f"remove it; {kind} knows {sorted(allowed)}")
        for key in raw.keys() - allowed
    )
    optional, description = raw.get("optional", False), raw.get("description", "")
    if not isinstance(optional, bool) or not is_text(description, 400):
        problems.append(Problem(path, "optional is a boolean, description a short text", "fix them"))
        optional, description = False, ""
    for bound in ("min", "max"):
        if bound in raw and (type(raw[bound]) is not int or raw[bound] < 0):
            problems.append(Problem(f"{path}.{bound}", "not an unsigned integer", "write a number"))
            return ValueType("bool")
    if kind == "enum":
        return _parse_enum(raw, path, problems, optional=optional, description=description)
    if kind == "list":
        return _parse_list(raw, path, problems, depth, optional=optional, description=description)
    if kind == "object":
        fields = parse_fields(raw.get("fields"), f"{path}.fields", problems, depth + 1)
        return ValueType(kind, optional, fields=fields, description=description)
    return _sized(kind, path, problems, optional=optional, top=raw.get("max"),
                  low=raw.get("min"), description=description)  # fmt: skip


def _parse_enum(
    raw: dict[str, Any], path: str, problems: list[Problem], *, optional: bool, description: str
) -> ValueType:
    values = raw.get("values")
    ok = isinstance(values, list) and 1 <= len(values) <= limits.FIELDS_MAX
    if not ok or not all(isinstance(v, str) and _ENUM_VALUE.fullmatch(v) for v in values or ()):
        problems.append(Problem(f"{path}.values", "not a list of short texts", "letters, digits _.-"))
        values = ["X"]
    assert isinstance(values, list)
    if len(set(values)) != len(values):
        problems.append(Problem(f"{path}.values", "a value occurs twice", "write each once"))
    return ValueType("enum", optional, values=tuple(values), description=description)


def _parse_list(
    raw: dict[str, Any], path: str, problems: list[Problem], depth: int,
    *, optional: bool, description: str,
) -> ValueType:  # fmt: skip
    items = parse_type(raw.get("items"), f"{path}.items", problems, depth + 1)
    if items.optional:
        problems.append(Problem(f"{path}.items", "items cannot be optional", "remove the ?"))
    top, low = raw.get("max", limits.LIST_ITEMS_MAX), raw.get("min", 0)
    if not low <= top <= limits.LIST_ITEMS_MAX:
        problems.append(Problem(path, "list size out of range", f"0 to {limits.LIST_ITEMS_MAX}"))
    return ValueType("list", optional, max=top, min=low, items=items, description=description)


def parse_fields(
    raw: object, path: str, problems: list[Problem], depth: int = 0
) -> dict[str, ValueType]:
    """Read an object of named types."""
    if not isinstance(raw, dict) or len(raw) > limits.FIELDS_MAX:
        problems.append(Problem(path, "not an object of fields", f"up to {limits.FIELDS_MAX} names"))
        return {}
    for name in raw:
        if not is_name(name):
            problems.append(Problem(f"{path}.{name[:40]}", "not a field name",
                                    "a-z first, then letters, digits and _, at most 32"))  # fmt: skip
    return {name: parse_type(t, f"{path}.{name}", problems, depth) for name, t in raw.items()}


def to_wire(value: Any, kind: ValueType, path: str, problems: list[Problem]) -> Any:
    """Check a JSON value and return what travels into V8 (see the module's text).

    Amounts arrive as decimal strings without sign, fraction, exponent or leading zeros.
    """
    match kind.kind:
        case "u":
            return _amount_to_wire(value, kind, path, problems)
        case "int" | "id":
            if type(value) is int and kind.min <= value <= kind.max:
                return value
            problems.append(Problem(path, "not an integer in range", f"{kind.min} to {kind.max}"))
        case "bool":
            if isinstance(value, bool):
                return value
            problems.append(Problem(path, "not a boolean", "true or false"))
        case "list":
            return _list_to_wire(value, kind, path, problems)
        case "object":
            return fields_to_wire(value, kind.fields, path, problems)
        case _:
            reason = text_problem(value, kind)
            if reason is None:
                return "s" + value
            problems.append(Problem(path, reason[0], reason[1]))
    return None


def text_problem(value: Any, kind: ValueType) -> tuple[str, str] | None:
    """What is wrong with a value of a text-like type: (reason, fix), or None."""
    match kind.kind:
        case "text":
            return None if is_text(value, kind.max) else (
                "not a text", f"at most {kind.max} UTF-8 bytes, without U+0000")  # fmt: skip
        case "enum":
            return None if value in kind.values else (
                "not one of the values", f"one of {', '.join(kind.values)}")  # fmt: skip
        case "account":
            return None if isinstance(value, str) and is_address(value) else (
                "not an address", "copy the whole address; it has a checksum")  # fmt: skip
        case "hash":
            return None if isinstance(value, str) and _HASH.fullmatch(value) else (
                "not a hash", "64 lower-case hexadecimal digits")  # fmt: skip
        case _:
            return None if isinstance(value, str) and is_asset(value) else (
                "not an asset", "SYMBOL, or the home chain's id, a colon and the symbol")  # fmt: skip


def _amount_to_wire(value: Any, kind: ValueType, path: str, problems: list[Problem]) -> Any:
    if isinstance(value, str) and _DECIMAL.fullmatch(value) and kind.min <= int(value) <= kind.max:
        return "n" + value
    problems.append(Problem(path, "not an amount", f"a decimal string, {kind.min} to {kind.max}"))
    return None


def _list_to_wire(value: Any, kind: ValueType, path: str, problems: list[Problem]) -> Any:
    if not isinstance(value, list) or not kind.min <= len(value) <= kind.max:
        problems.append(Problem(path, "not a list in range", f"{kind.min} to {kind.max} items"))
        return None
    assert kind.items is not None
    items = kind.items
    return [to_wire(v, items, f"{path}[{i}]", problems) for i, v in enumerate(value)]


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


