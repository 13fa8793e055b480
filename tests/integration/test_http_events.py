"""The event log as a stream: live, continued, and for slow readers, over a real server."""

import asyncio
import json
from contextlib import aclosing

import aiohttp
import pytest
from http_fake_chain import FakeChain, until
from structlog.testing import capture_logs

from chain_engine.http.application import build_application, serve
from chain_engine.http.chains import ChainDirectory
from chain_engine.http.client import ChainClient
from chain_engine.http.errors import InvalidParameter
from chain_engine.http.event_stream import EventParser, follow_events
from chain_engine.http.settings import HttpSettings

SETTINGS = HttpSettings(port=0, tokens_per_s=0)


@pytest.fixture
def chain():
    chain = FakeChain()
    for height in range(1, 4):
        commit_one(chain, height)
    return chain


def commit_one(chain, nonce, **more):
    raw = chain.transfer(nonce)
    chain.pool[chain.transaction_id(raw)] = raw
    chain.commit(**more)


def running(chain, settings=SETTINGS):
    return serve(build_application(ChainDirectory(chain), settings=settings), settings)


async def take(events, count):
    return [await anext(events) for _ in range(count)]


async def test_a_stream_replays_and_then_goes_on_live(chain):
    async with (
        running(chain) as server,
        ChainClient(server.url) as client,
        aclosing(follow_events(client, after=1)) as events,
    ):
        assert [e["cursor"] for e in await take(events, 2)] == [2, 3]
        waiting = asyncio.create_task(anext(events))
        commit_one(chain, 4)
        event = await waiting
    assert event["cursor"] == 4
    assert event["name"] == "Transferred"
    assert event["data"] == {"n": "0", "text": "a\nb"}


async def test_a_stream_outlives_a_restart_of_the_node_and_repeats_nothing(chain):
    async with running(chain) as server:
        port = server.port
        client = ChainClient(server.url)
        events = follow_events(client, after=0, jitter=lambda: 0.0)
        assert [e["cursor"] for e in await take(events, 3)] == [1, 2, 3]
        waiting = asyncio.create_task(anext(events))
    commit_one(chain, 4)
    settings = HttpSettings(port=port, tokens_per_s=0)
    async with running(chain, settings):
        assert (await waiting)["cursor"] == 4
        await events.aclose()
        await client.close()


async def test_only_events_of_the_asked_name_come(chain):
    async with running(chain) as server, ChainClient(server.url) as client:
        assert (await client.events(name="Other")).data == []
        async with aclosing(follow_events(client, after=0, name="Transferred")) as events:
            assert (await anext(events))["cursor"] == 1


async def test_without_a_cursor_a_stream_begins_with_what_comes_next(chain):
    async with (
        running(chain) as server,
        aiohttp.ClientSession(server.url) as session,
        session.get("/api/v1/events/stream") as response,
    ):
        assert response.content_type == "text/event-stream"
        assert await response.content.readline() == b": stream\n"
        commit_one(chain, 4)
        while not (line := await response.content.readline()).startswith(b"id"):
            pass
        assert line == b"id: 4\n"


async def test_a_silent_stream_shows_that_it_is_alive(chain):
    settings = HttpSettings(port=0, tokens_per_s=0, stream_heartbeat_ms=20)
    async with (
        running(chain, settings) as server,
        aiohttp.ClientSession(server.url) as session,
        session.get("/api/v1/events/stream") as response,
    ):
        lines = [await response.content.readline() for _ in range(6)]
    assert lines.count(b": alive\n") == 2


async def test_a_wrong_cursor_is_refused_before_the_stream_begins(chain):
    headers = {"Last-Event-ID": "everything"}
    async with (
        running(chain) as server,
        aiohttp.ClientSession(server.url) as session,
        session.get("/api/v1/events/stream", headers=headers) as response,
    ):
        assert response.status == InvalidParameter.status
        assert (await response.json(content_type=None))["code"] == "INVALID_PARAMETER"


async def test_streams_are_limited(chain):
    settings = HttpSettings(port=0, tokens_per_s=0, streams_max=1)
    async with running(chain, settings) as server, aiohttp.ClientSession(server.url) as session:
        first = await session.get("/api/v1/events/stream")
        assert first.status == 200
        async with session.get("/api/v1/events/stream") as second:
            assert second.status == 503
            assert (await second.json(content_type=None))["code"] == "NOT_READY"
        first.close()


async def test_a_slow_reader_is_told_where_to_go_on_and_loses_nothing(chain):
    total = 4_000
    text = json.dumps({"text": "x" * 4_000})
    commit_one(chain, 4, events_each=total, event_data=text)
    settings = HttpSettings(port=0, tokens_per_s=0, stream_slow_ms=100)
    seen = []
    async with running(chain, settings) as server:
        with capture_logs() as logs:
            cursor, was_sent_away = await read_slowly(server, logs, 0, seen)
        assert was_sent_away
        assert 0 < cursor < total
        assert cursor == seen[-1]
        async with (
            ChainClient(server.url) as client,
            aclosing(follow_events(client, after=cursor)) as events,
        ):
            seen += [e["cursor"] for e in await take(events, total + 3 - cursor)]
    assert seen == list(range(1, total + 4))


async def read_slowly(server, logs, after, seen):
    """Read nothing until the node gives up on us, then everything that is in the pipe."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=2**16)
    writer.write(f"GET /api/v1/events/stream?after={after} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    await until(lambda: any(entry["event"] == "event_reader_sent_away" for entry in logs))
    raw = await reader.read(-1)
    writer.close()
    await writer.wait_closed()
    _, _, chunks = raw.partition(b"\r\n\r\n")
    parser, cursor, was_sent_away = EventParser(), after, False
    for line in unchunk(chunks).decode().split("\n"):
        complete = parser.feed(line)
        if complete is None:
            continue
        kind, data = complete
        cursor = json.loads(data)["cursor"]
        if kind == "behind":
            was_sent_away = True
        else:
            seen.append(cursor)
    return cursor, was_sent_away


def unchunk(raw):
    parts = []
    while raw:
        size, _, raw = raw.partition(b"\r\n")
        length = int(size, 16)
        parts.append(raw[:length])
        raw = raw[length + 2 :]
    return b"".join(parts)
