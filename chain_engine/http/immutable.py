"""Answers that never change: an ETag, a long life, and 304 for those who have it already."""

from collections.abc import Callable

from aiohttp import web
from pydantic import BaseModel

from chain_engine.http.routes import json_response

CACHE_FOREVER = "public, max-age=31536000, immutable"


def is_known(request: web.Request, etag: str) -> bool:
    """Whether the asker has the content under this tag (RFC 9110 13.1.2, weak comparison)."""
    header = request.headers.get("If-None-Match")
    if header is None:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return "*" in tags or f'"{etag}"' in tags


def immutable_response(
    request: web.Request, etag: str, build: Callable[[], BaseModel]
) -> web.Response:
    """Answer with content that never changes, or 304 without building it."""
    headers = {"ETag": f'"{etag}"', "Cache-Control": CACHE_FOREVER}
    if is_known(request, etag):
        return web.Response(status=304, headers=headers)
    return json_response(build(), headers)
