"""Reading types from the manifest, short (`"text:64?"`) or long (`{"type": "list", ...}`)."""

import re
from typing import Any, Final

from chain_engine.primitives.limits import AMOUNT_MAX
from sidechain_host import limits
from sidechain_host.schema import KINDS, SCALARS, Problem, ValueType, is_name, is_text

_ENUM_VALUE = re.compile(r"[A-Za-z0-9_.-]{1,32}")
_SHORT = re.compile(r"([a-z]+)(?::([1-9][0-9]{0,4}))?(\?)?")


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
        Problem(
            f"{path}.{key}", f"{kind} has no {key!r}", f"remove it; {kind} knows {sorted(allowed)}"
        )
        for key in raw.keys() - allowed
    )
    optional, description = raw.get("optional", False), raw.get("description", "")
    if not isinstance(optional, bool) or not is_text(description, 400):
        problems.append(
            Problem(path, "optional is a boolean, description a short text", "fix them")
        )
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
        problems.append(
            Problem(f"{path}.values", "not a list of short texts", "letters, digits _.-")
        )
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
        problems.append(
            Problem(path, "not an object of fields", f"up to {limits.FIELDS_MAX} names")
        )
        return {}
    problems.extend(
        Problem(f"{path}.{name[:40]}", "not a field name", "a-z first, then a-z A-Z 0-9 _, to 32")
        for name in raw
        if not is_name(name)
    )
    return {name: parse_type(t, f"{path}.{name}", problems, depth) for name, t in raw.items()}
