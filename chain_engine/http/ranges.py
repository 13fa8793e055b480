"""Serving immutable bytes by range (RFC 9110 section 14), so a broken download goes on."""

import asyncio
import re
from pathlib import Path

from aiohttp import web

from chain_engine.http.errors import RangeNotSatisfiable
from chain_engine.http.immutable import CACHE_FOREVER, is_known
from chain_engine.primitives.errors import NotFound

CHUNK_BYTES = 256 * 1024
OCTETS = "application/octet-stream"

_SINGLE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


def parse_range(header: str | None, length: int) -> tuple[int, int] | None:
    """The asked-for part as (start, end), end excluded; None for everything.

    Unknown units, several ranges and broken syntax mean everything, as the RFC allows.

    Raises:
        RangeNotSatisfiable: the range begins behind the end.
    """
    match = _SINGLE.fullmatch((header or "").strip())
    if match is None:
        return None
    first, last = match.groups()
    if not first and not last:
        return None
    if not first:
        start, end = max(0, length - int(last)), length
    else:
        start, end = int(first), length if not last else int(last) + 1
        if last and end <= start:
            return None
    if start >= length:
        raise RangeNotSatisfiable(start=start, length=length)
    return start, min(end, length)


def asked_range(request: web.Request, etag: str, length: int) -> tuple[int, int] | None:
    """The range of a request, when it is a GET and its If-Range names this very content."""
    condition = request.headers.get("If-Range")
    if request.method != "GET" or (condition is not None and condition.strip() != f'"{etag}"'):
        return None
    return parse_range(request.headers.get("Range"), length)


def _head(
    etag: str, length: int, part: tuple[int, int] | None
) -> tuple[int, int, int, dict[str, str]]:
    headers = {
        "ETag": f'"{etag}"',
        "Cache-Control": CACHE_FOREVER,
        "Accept-Ranges": "bytes",
        "Content-Type": OCTETS,
    }
    if part is None:
        return 200, 0, length, headers
    start, end = part
    return 206, start, end, headers | {"Content-Range": f"bytes {start}-{end - 1}/{length}"}


def bytes_response(request: web.Request, etag: str, content: bytes) -> web.Response:
    """Answer with bytes, a part of them, or 304."""
    if is_known(request, etag):
        return web.Response(status=304, headers={"ETag": f'"{etag}"'})
    part = asked_range(request, etag, len(content))
    status, start, end, headers = _head(etag, len(content), part)
    return web.Response(body=content[start:end], status=status, headers=headers)


async def file_response(request: web.Request, etag: str, path: Path) -> web.StreamResponse:
    """Answer with a file, a part of it, or 304; read in pieces off the event loop.

    Raises:
        NotFound: the file is gone.
        RangeNotSatisfiable: the range begins behind its end.
    """
    if is_known(request, etag):
        return web.Response(status=304, headers={"ETag": f'"{etag}"'})
    try:
        file = await asyncio.to_thread(path.open, "rb")
    except FileNotFoundError:
        raise NotFound(content=etag) from None
    with file:
        length = await asyncio.to_thread(file.seek, 0, 2)
        status, start, end, headers = _head(etag, length, asked_range(request, etag, length))
        response = web.StreamResponse(status=status, headers=headers)
        response.content_length = end - start
        await response.prepare(request)
        await asyncio.to_thread(file.seek, start)
        while start < end:
            piece = await asyncio.to_thread(file.read, min(CHUNK_BYTES, end - start))
            if not piece:
                # the file shrank: break the answer off rather than end it as if complete
                raise ConnectionResetError(path)
            await response.write(piece)
            start += len(piece)
        await response.write_eof()
        return response
