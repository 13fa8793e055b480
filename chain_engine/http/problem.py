"""Errors as RFC 9457 problem documents, and back into exceptions on the client's side."""

from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web

from chain_engine.http.errors import RemoteError
from chain_engine.primitives.errors import REGISTRY, ChainError

MEDIA_TYPE = "application/problem+json"

DOCUMENTATION = "/docs/spec/02-errors.md"
"""Where every code is explained; the anchor is the code in lower case."""

_JSON_INTEGER_MAX = 2**53


def jsonable(value: object) -> Any:
    """A value of an error as JSON: large integers and unknown objects as text."""
    match value:
        case None | bool() | str():
            return value
        case int():
            return value if abs(value) <= _JSON_INTEGER_MAX else str(value)
        case bytes():
            return value.hex()
        case Mapping():
            return {str(name): jsonable(item) for name, item in value.items()}
        case list() | tuple():
            return [jsonable(item) for item in value]
        case _:
            return str(value)


def problem_of(error: ChainError) -> dict[str, Any]:
    """The members of an error's problem document, without the request."""
    return {
        "type": f"{DOCUMENTATION}#{error.code.lower()}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
        "values": {name: jsonable(value) for name, value in error.values.items()},
        "fix": error.fix,
        "doc_url": f"{DOCUMENTATION}#{error.code.lower()}",
        "retryable": error.retryable,
    }


def problem_response(error: ChainError, request_id: str, **members: object) -> web.Response:
    """The answer to a request that failed; `members` are added to the problem document."""
    document = problem_of(error) | {"request_id": request_id} | members
    headers = {"Cache-Control": "no-store"}
    retry_after = error.values.get("retry_after_s")
    if isinstance(retry_after, int):
        headers["Retry-After"] = str(retry_after)
    return web.Response(
        body=msgspec.json.encode(document),
        status=error.status,
        content_type=MEDIA_TYPE,
        headers=headers,
    )


def error_of(document: object) -> ChainError:
    """The exception that a problem document was made of; `RemoteError` for unknown codes."""
    if not isinstance(document, dict):
        return RemoteError(remote_detail=str(document)[:200])
    code, values = document.get("code"), document.get("values")
    known = REGISTRY.get(code) if isinstance(code, str) else None
    if known is None:
        return RemoteError(remote_code=code, remote_detail=str(document.get("detail"))[:500])
    named = {str(k): v for k, v in values.items()} if isinstance(values, dict) else {}
    return rebuild(known, named)


def rebuild(kind: type[ChainError], values: dict[str, object]) -> ChainError:
    """An instance of an error class from its values, whatever its constructor asks for."""
    error = kind.__new__(kind)
    ChainError.__init__(error, **values)
    return error
