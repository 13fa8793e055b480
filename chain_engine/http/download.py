"""Downloading a file by its SHA-256 from several sources, going on after any cut.

What was received lies in `{path}.part` and is used by the next attempt, by the next source and
after a restart. The name changes to `path` only when the hash is right.
"""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

import aiohttp

from chain_engine.http.errors import DownloadFailed

CONNECT_S = 5.0
SILENCE_S = 15.0
CHUNK_BYTES = 256 * 1024


class _Refused(Exception):
    """This source cannot give the content now."""


async def download_resumable(
    urls: Sequence[str],
    expected_sha256: bytes,
    path: Path,
    *,
    bytes_max: int,
    attempts: int = 3,
    session: aiohttp.ClientSession | None = None,
) -> Path:
    """Download `path` from the first sources that work; each is tried `attempts` times.

    A source that adds at least one byte may be tried again at once, so a download is never given
    up while it moves.

    Raises:
        DownloadFailed: no source could give the right bytes; `reasons` says why for each.
    """
    if await asyncio.to_thread(_is_right, path, expected_sha256):
        return path
    part = path.with_name(path.name + ".part")
    reasons: dict[str, str] = {}
    async with _session(session) as http:
        task = _Download(http, expected_sha256, part, bytes_max)
        for url in [url for _ in range(attempts) for url in urls]:
            reason = await task.run(url)
            if reason is None:
                await asyncio.to_thread(_finish, part, path)
                return path
            reasons[url] = reason
    raise DownloadFailed(sha256=expected_sha256, reasons=reasons)


@asynccontextmanager
async def _session(given: aiohttp.ClientSession | None) -> AsyncIterator[aiohttp.ClientSession]:
    if given is not None:
        yield given
        return
    timeout = aiohttp.ClientTimeout(total=None, connect=CONNECT_S, sock_read=SILENCE_S)
    async with aiohttp.ClientSession(timeout=timeout, auto_decompress=False) as own:
        yield own


class _Download:
    """State between attempts: which sources gave bytes of the part."""

    def __init__(
        self, http: aiohttp.ClientSession, expected: bytes, part: Path, bytes_max: int
    ) -> None:
        self._http = http
        self._expected = expected
        self._part = part
        self._bytes_max = bytes_max
        self._givers: set[str] = {"an earlier run"} if part.exists() else set()
        self._liars: set[str] = set()
        self._afresh: set[str] = set()

    async def run(self, url: str) -> str | None:
        """Fetch from one source as long as it adds bytes; None when the file is right."""
        if url in self._liars:
            return "gave wrong bytes"
        while True:
            before = self._size()
            try:
                is_whole = await self._fetch(url)
            except _Refused as e:
                return str(e)
            except (aiohttp.ClientError, TimeoutError, OSError) as e:
                if self._size() > before:
                    continue
                return f"{type(e).__name__}: {e}"[:200]
            if is_whole:
                return await self._judge(url)
            if await asyncio.to_thread(_is_right, self._part, self._expected):
                return None
            self._afresh.add(url)
            return "has nothing behind the part that is here"

    async def _judge(self, url: str) -> str | None:
        if await asyncio.to_thread(_is_right, self._part, self._expected):
            return None
        # with several givers nobody knows who lied: the next attempt begins anew, from one
        if self._givers == {url}:
            self._liars.add(url)
        self._part.unlink()
        self._givers.clear()
        return "gave wrong bytes"

    def _size(self) -> int:
        return self._part.stat().st_size if self._part.exists() else 0

    async def _fetch(self, url: str) -> bool:
        """One request; False when the source has nothing behind the part.

        That may be a lie to make us throw good bytes away, so the part stays, the other sources
        have their turn, and this one is asked for everything the next time.
        """
        have = 0 if url in self._afresh else self._size()
        headers = {"Accept-Encoding": "identity"}
        if have:
            headers |= {"Range": f"bytes={have}-", "If-Range": f'"{self._expected.hex()}"'}
        async with self._http.get(url, headers=headers, allow_redirects=False) as response:
            if response.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                return False
            if response.status not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
                raise _Refused(f"status {response.status}")
            start = 0 if response.status == HTTPStatus.OK else _start_of(response)
            if start > have:
                raise _Refused("another range than asked for")
            length = response.content_length
            if length is None or start + length > self._bytes_max:
                raise _Refused(f"length {length} unknown or above {self._bytes_max}")
            if start == 0:
                self._givers.clear()
            self._givers.add(url)
            with self._part.open("r+b" if self._part.exists() else "wb") as file:
                file.truncate(start)
                file.seek(start)
                self._afresh.discard(url)
                await _copy(response, file, length)
            return True


def _start_of(response: aiohttp.ClientResponse) -> int:
    unit, _, rest = response.headers.get("Content-Range", "").partition(" ")
    first = rest.partition("-")[0]
    if unit != "bytes" or not first.isdigit():
        raise _Refused("Content-Range missing")
    return int(first)


async def _copy(response: aiohttp.ClientResponse, file: BinaryIO, length: int) -> None:
    left = length
    async for piece in response.content.iter_chunked(CHUNK_BYTES):
        left -= len(piece)
        if left < 0:
            raise _Refused("more bytes than announced")
        await asyncio.to_thread(file.write, piece)


def _is_right(path: Path, expected: bytes) -> bool:
    if not path.exists():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest() == expected


def _finish(part: Path, path: Path) -> None:
    """Make the bytes and then the name durable."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
