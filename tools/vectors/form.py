"""How values stand in vector files: integers as decimal strings, bytes as lower-case hex."""

import typing
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, cast, get_args, get_origin

import msgspec

T = TypeVar("T")


def to_json(value: object) -> Any:
    """Return the JSON form of a struct, tuple, integer, bytes or text; structs become objects."""
    match value:
        case None | bool() | str():
            return value
        case int():
            return str(int(value))
        case bytes():
            return value.hex()
        case tuple() | list():
            return [to_json(item) for item in value]
        case msgspec.Struct():
            return {name: to_json(getattr(value, name)) for name in value.__struct_fields__}
        case _:
            msg = f"no JSON form for {type(value)}"
            raise TypeError(msg)


def from_json(kind: type[T], form: Any) -> T:
    """Return the value of type `kind` that `form` stands for."""
    return cast("T", _read(kind, form))


def _read(kind: Any, form: Any) -> Any:
    origin = get_origin(kind)
    if origin in {UnionType, typing.Union}:
        return None if form is None else _read(_without_none(kind), form)
    if origin is Literal or kind in {str, bool, NoneType}:
        return form
    if origin is tuple:
        return _read_tuple(get_args(kind), form)
    if kind is int:
        return int(form)
    if kind is bytes:
        return bytes.fromhex(form)
    hints = typing.get_type_hints(kind)
    return kind(**{name: _read(hints[name], form[name]) for name in kind.__struct_fields__})


def _read_tuple(arguments: tuple[Any, ...], form: list[Any]) -> tuple[Any, ...]:
    if len(arguments) == 2 and arguments[1] is Ellipsis:  # noqa: PLR2004
        return tuple(_read(arguments[0], item) for item in form)
    return tuple(_read(kind, item) for kind, item in zip(arguments, form, strict=True))


def _without_none(kind: Any) -> Any:
    (inner,) = (argument for argument in get_args(kind) if argument is not NoneType)
    return inner


def value_to_json(value: object) -> Any:
    """Return the JSON form of a bare value, with the type of every part spelled out."""
    match value:
        case None:
            return {"nil": True}
        case bool():
            return {"bool": value}
        case int():
            return {"int": str(value)}
        case bytes():
            return {"bytes": value.hex()}
        case str():
            return {"text": value}
        case tuple() | list():
            return [value_to_json(item) for item in value]
        case _:
            msg = f"no JSON form for {type(value)}"
            raise TypeError(msg)


def value_from_json(form: Any) -> Any:
    """Return the bare value that `form` stands for; arrays become tuples."""
    if isinstance(form, list):
        return tuple(value_from_json(item) for item in form)
    ((name, inner),) = form.items()
    match name:
        case "nil":
            return None
        case "int":
            return int(inner)
        case "bytes":
            return bytes.fromhex(inner)
        case _:
            return inner
