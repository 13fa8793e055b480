"""Resumable downloads: cut anywhere, lied to, continued from another source."""

import asyncio
import hashlib
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from chain_engine.crypto.keys import SecretKey
from chain_engine.http.application import build_application, serve
from chain_engine.http.chains import ChainDirectory
from chain_engine.http.download import download_resumable
from chain_engine.http.errors import DownloadFailed
from chain_engine.http.peer.server import PeerServer
from chain_engine.http.settings import HttpSettings

CONTENT = bytes(range(97)) * 2
SHA256 = hashlib.sha256(CONTENT).digest()
SETTINGS = HttpSettings(port=0, tokens_per_s=0)


class Folder:
    """Packages in a folder."""

    def __init__(self, path):
        self.path = path

    def find_package(self, sha256):
        path = self.path / sha256.hex()
        return path if path.exists() else None


@pytest.fixture
async def source(tmp_path):
    """A real node that has the package."""
    folder = tmp_path / "packages"
    folder.mkdir()
    (folder / SHA256.hex()).write_bytes(CONTENT)
    peers = PeerServer(SecretKey(bytes([1]) * 32), network=bytes(32), packages=Folder(folder))
    application = build_application(ChainDirectory(), settings=SETTINGS, peers=peers)
    async with serve(application, SETTINGS) as server:
        yield f"{server.url}/p2p/v1/packages/{SHA256.hex()}"


@asynccontextmanager
async def odd_source(answer):
    """A server whose every answer is written by hand: answer(headers) -> raw bytes."""
    asked = []

    async def serve_one(reader, writer):
        request = await reader.readuntil(b"\r\n\r\n")
        headers = dict(
            line.split(": ", 1) for line in request.decode().split("\r\n")[1:] if ": " in line
        )
        asked.append(headers)
        writer.write(answer(headers))
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve_one, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", asked
    finally:
        server.close()
        await server.wait_closed()


def cut_after(length):
    """An honest source whose every connection breaks after `length` bytes of content."""

    def answer(headers):
        start = int(headers.get("Range", "bytes=0-")[6:-1])
        status = "206 Partial Content" if "Range" in headers else "200 OK"
        content = CONTENT[start:]
        head = (
            f"HTTP/1.1 {status}\r\nContent-Length: {len(content)}\r\n"
            f"Content-Range: bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}\r\n\r\n"
        )
        return head.encode() + content[:length]

    return answer


def whole(content):
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(content)}\r\n\r\n"
    return lambda _headers: head.encode() + content


async def download(urls, path, **more):
    return await download_resumable(urls, SHA256, path, bytes_max=10_000, **more)


async def test_a_download_cut_at_any_offset_goes_on_at_another_source(source, tmp_path):
    """The first source breaks once after `offset` bytes, the second gives the rest."""
    for offset in range(len(CONTENT) + 1):
        path = tmp_path / f"cut{offset}"
        broken = iter([cut_after(offset)])

        def answer(headers, broken=broken):
            once = next(broken, None)
            return once(headers) if once else b"HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n"

        async with odd_source(answer) as (url, asked):
            await download([url, source], path)
        assert path.read_bytes() == CONTENT
        assert not path.with_name(path.name + ".part").exists()
        assert len(asked) <= 2


async def test_a_source_that_breaks_again_and_again_is_used_as_long_as_it_moves(tmp_path):
    async with odd_source(cut_after(5)) as (url, asked):
        await download([url], tmp_path / "file", attempts=1)
    assert (tmp_path / "file").read_bytes() == CONTENT
    starts = [int(headers.get("Range", "bytes=0-")[6:-1]) for headers in asked]
    assert starts == list(range(0, len(CONTENT), 5))
    assert all(h.get("If-Range") == f'"{SHA256.hex()}"' for h in asked[1:])


async def test_a_download_goes_on_after_a_restart(source, tmp_path):
    for offset in (1, 50, len(CONTENT)):
        path = tmp_path / f"restart{offset}"
        path.with_name(path.name + ".part").write_bytes(CONTENT[:offset])
        await download([source], path)
        assert path.read_bytes() == CONTENT


async def test_a_finished_file_is_not_asked_for_again(tmp_path):
    (tmp_path / "file").write_bytes(CONTENT)
    await download([], tmp_path / "file")


async def test_a_lying_source_cannot_spoil_the_file(source, tmp_path):
    wrong = bytes(len(CONTENT))
    async with odd_source(whole(wrong)) as (url, _):
        await download([url, source], tmp_path / "one")
        # it may also come in the middle, and continue good bytes with bad ones
        (tmp_path / "two.part").write_bytes(CONTENT[:20])

        def middle(headers):
            start = int(headers["Range"][6:-1]) if "Range" in headers else 0
            content = wrong[start:]
            return (
                f"HTTP/1.1 206 x\r\nContent-Length: {len(content)}\r\n"
                f"Content-Range: bytes {start}-193/194\r\n\r\n"
            ).encode() + content

        async with odd_source(middle) as (other, _):
            await download([other, source], tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes() == CONTENT


async def test_a_source_that_says_there_is_no_more_cannot_make_us_lose_the_part(tmp_path):
    refuse = b"HTTP/1.1 416 x\r\nContent-Length: 0\r\n\r\n"
    (tmp_path / "file.part").write_bytes(CONTENT[:100])
    async with (
        odd_source(lambda _: refuse) as (liar, _),
        odd_source(cut_after(500)) as (url, asked),
    ):
        await download([liar, url], tmp_path / "file")
    assert asked[0]["Range"] == "bytes=100-"


async def test_a_part_that_is_too_long_is_begun_anew(source, tmp_path):
    (tmp_path / "file.part").write_bytes(CONTENT + b"more")
    await download([source], tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == CONTENT


async def test_too_long_or_endless_content_is_refused(tmp_path):
    async with (
        odd_source(whole(bytes(10_001))) as (long, _),
        odd_source(lambda _: b"HTTP/1.1 200 OK\r\n\r\n" + bytes(20_000)) as (endless, _),
    ):
        with pytest.raises(DownloadFailed) as failed:
            await download([long, endless], tmp_path / "file", attempts=1)
    reasons = failed.value.values["reasons"]
    assert set(reasons) == {long, endless}
    assert not (tmp_path / "file").exists()


async def test_dead_and_empty_sources_are_named_in_the_error(tmp_path):
    with pytest.raises(DownloadFailed) as failed:
        await download(["http://127.0.0.1:9/"], tmp_path / "file", attempts=2)
    assert "ClientConnectorError" in failed.value.values["reasons"]["http://127.0.0.1:9/"]
    with pytest.raises(DownloadFailed):
        await download([], tmp_path / "file")


async def test_a_package_has_an_etag_and_ranges(source):
    async with aiohttp.ClientSession() as session:
        async with session.get(source) as response:
            assert response.headers["ETag"] == f'"{SHA256.hex()}"'
            assert response.headers["Accept-Ranges"] == "bytes"
            assert await response.read() == CONTENT
        part = {"Range": "bytes=10-19"}
        async with session.get(source, headers=part) as response:
            assert response.status == 206
            assert response.headers["Content-Range"] == f"bytes 10-19/{len(CONTENT)}"
            assert await response.read() == CONTENT[10:20]
        async with session.get(source, headers=part | {"If-Range": '"other"'}) as response:
            assert response.status == 200
        async with session.get(source, headers={"Range": "bytes=999-"}) as response:
            assert response.status == 416
        tag = {"If-None-Match": f'"{SHA256.hex()}"'}
        async with session.get(source, headers=tag) as response:
            assert response.status == 304
        async with session.get(source[:-2] + "00") as response:
            assert response.status == 404
        async with session.head(source) as response:
            assert response.status == 200
            assert response.content_length == len(CONTENT)
    assert web.Response
