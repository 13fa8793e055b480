"""Reading request bodies: the type first, then never more bytes than the limit."""

from io import BytesIO

from aiohttp import web

from chain_engine.http.errors import MalformedRequest, UnsupportedMediaType
from chain_engine.primitives.errors import LimitExceeded

JSON = "application/json"
MSGPACK = "application/msgpack"

WHOLE_BYTES_MAX = 256 * 1024
"""Longer bodies are sent in pieces, so that other requests have their turn in between."""


def verify_media_type(request: web.Request, accepted: tuple[str, ...]) -> str:
    """Return the body's media type.

    Raises:
        UnsupportedMediaType: it is not one of `accepted`, or the body is compressed.
    """
    encoding = request.headers.get("Content-Encoding", "identity")
    if encoding.lower() != "identity":
        raise UnsupportedMediaType(content_encoding=encoding[:64], accepted=["identity"])
    if request.content_type not in accepted:
        raise UnsupportedMediaType(content_type=request.content_type[:64], accepted=list(accepted))
    return request.content_type


async def read_body(request: web.Request, bytes_max: int) -> bytes:
    """Read a body.

    Raises:
        LimitExceeded: it is longer than `bytes_max`; the rest is not read.
        MalformedRequest: the connection ended inside it, or its chunks are broken.
    """
    length = request.content_length
    if length is not None and length > bytes_max:
        raise LimitExceeded(body_bytes=length, limit=bytes_max)
    parts: list[bytes] = []
    received = 0
    try:
        async for part in request.content.iter_any():
            received += len(part)
            if received > bytes_max:
                raise LimitExceeded(body_bytes=received, limit=bytes_max)
            parts.append(part)
    except (web.RequestPayloadError, ValueError) as e:
        raise MalformedRequest(reason=f"broken body: {e}"[:200]) from None
    return b"".join(parts)


async def read_json_body(request: web.Request, bytes_max: int) -> bytes:
    """Read the text of a JSON body; see `verify_media_type` and `read_body` for errors."""
    verify_media_type(request, (JSON,))
    return await read_body(request, bytes_max)


def outgoing(body: bytes | None) -> bytes | BytesIO | None:
    """A body to send, in the form in which aiohttp sends it best."""
    return BytesIO(body) if body is not None and len(body) > WHOLE_BYTES_MAX else body
