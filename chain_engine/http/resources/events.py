"""The chain's one ordered event log: in pages, and as a stream of server-sent events.

A stream reads the same log from disk at its reader's pace, so nothing is queued for a reader and
nothing can be lost. A reader that takes too long gets a last event `behind` with the cursor to go
on from, and its connection is closed.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
import structlog
from aiohttp import web

from chain_engine.http import models, views
from chain_engine.http.chain_reader import EventPlace
from chain_engine.http.chains import ChainService
from chain_engine.http.errors import NotReady
from chain_engine.http.parameters import parse_number
from chain_engine.http.resources.mount import Mount
from chain_engine.http.routes import Call, Route
from chain_engine.http.settings import HttpSettings

log = structlog.get_logger(__name__)

PAGE = 200
"""Events read from disk at once for a stream."""

WRITE_BYTES = 128 * 1024
"""A write to a stream ends after the event that passes this."""


def event_routes(at: Mount, streams: "Streams") -> list[Route]:
    """Resources about events."""
    return [
        at.get("/events", "listEvents", list_events, query=models.EventsQuery,
               response=models.EventList, tags=("events",)),
        at.get("/events/stream", "streamEvents", streams.stream, query=models.StreamQuery,
               response_type="text/event-stream", has_deadline=False, errors=(NotReady,),
               tags=("events",)),
    ]  # fmt: skip


def _logged(event: EventPlace) -> models.LoggedEvent:
    return models.LoggedEvent(
        cursor=event.cursor,
        height=event.height,
        index=event.index,
        transaction_id=event.transaction_id.hex(),
        name=event.name,
        data=views.event_data(event.data),
    )


async def list_events(chain: ChainService, call: Call) -> models.EventList:
    """Events behind a cursor, oldest first."""
    query: models.EventsQuery = call.query
    found = chain.store.events_after(query.after, query.limit + 1, query.name)
    chosen = found[: query.limit]
    return models.EventList(
        data=[_logged(event) for event in chosen],
        has_more=len(found) > query.limit,
        next_cursor=str(chosen[-1].cursor if chosen else query.after),
    )


class Streams:
    """All open event streams of a server."""

    def __init__(self, settings: HttpSettings) -> None:
        """None open yet."""
        self._settings = settings
        self._open: set[asyncio.Task[Any]] = set()
        self._is_closing = False

    async def close(self, _application: web.Application) -> None:
        """End every stream: the server stops."""
        self._is_closing = True
        for task in self._open:
            task.cancel()

    async def stream(self, chain: ChainService, call: Call) -> web.StreamResponse:
        """Events as they are committed; `Last-Event-ID` continues where a reader stopped."""
        if len(self._open) >= self._settings.streams_max:
            raise NotReady(reason="too many event streams", limit=self._settings.streams_max)
        query: models.StreamQuery = call.query
        cursor = _first_cursor(chain, call)
        response = web.StreamResponse(
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        )
        response.content_type = "text/event-stream"
        await response.prepare(call.request)
        task = asyncio.current_task()
        assert task is not None, "handlers run in tasks"
        self._open.add(task)
        try:
            await self._run(chain, call.request, response, cursor, query.name)
        except asyncio.CancelledError:
            if not self._is_closing:
                raise
            task.uncancel()
            response.force_close()
        finally:
            self._open.discard(task)
        return response

    async def _run(
        self,
        chain: ChainService,
        request: web.Request,
        response: web.StreamResponse,
        cursor: int,
        name: str | None,
    ) -> None:
        await response.write(b": stream\n\n")
        while True:
            height = chain.store.tip.height
            events = chain.store.events_after(cursor, PAGE, name)
            if not events:
                await self._wait_for_block(chain, response, height)
                continue
            frames, cursor = _frames(events)
            if not await self._write_in_time(response, frames):
                _send_away(request, response, cursor, self._settings.stream_grace_ms)
                return

    async def _wait_for_block(
        self, chain: ChainService, response: web.StreamResponse, height: int
    ) -> None:
        try:
            async with asyncio.timeout(self._settings.stream_heartbeat_ms / 1000):
                await chain.wait_above(height)
        except TimeoutError:
            await response.write(b": alive\n\n")

    async def _write_in_time(self, response: web.StreamResponse, frames: bytes) -> bool:
        try:
            async with asyncio.timeout(self._settings.stream_slow_ms / 1000):
                await response.write(frames)
        except TimeoutError:
            return False
        return True


def _send_away(
    request: web.Request, response: web.StreamResponse, cursor: int, grace_ms: int
) -> None:
    """Tell a slow reader from where to go on, and close once it has read that.

    When a write is too slow its frames are already in the socket's buffer, so `cursor` is the
    last event of those. What the reader does not fetch within `grace_ms` is thrown away.
    """
    transport = request.transport
    if transport is None:
        return
    data = msgspec.json.encode({"cursor": cursor, "reason": "too slow"})
    frame = b"event: behind\nid: %d\ndata: %b\n\n" % (cursor, data)
    # not through the response: that would wait for the reader again
    transport.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(frame), frame))
    response.force_close()
    transport.close()
    log.info("event_reader_sent_away", address=request.remote, cursor=cursor)
    asyncio.get_running_loop().call_later(grace_ms / 1000, transport.abort)


def _first_cursor(chain: ChainService, call: Call) -> int:
    query: models.StreamQuery = call.query
    last = call.request.headers.get("Last-Event-ID")
    if last is not None:
        return parse_number("Last-Event-ID", last)
    return chain.store.last_event_cursor() if query.after is None else query.after


def _frames(events: Sequence[EventPlace]) -> tuple[bytes, int]:
    """Frames of the first events, up to `WRITE_BYTES`, and the cursor of the last of them.

    The name stands in the data only: a contract chooses it, and `event:` ends at a line break.
    """
    frames: list[bytes] = []
    size, cursor = 0, 0
    for event in events:
        fields = _logged(event).model_dump_json().encode()
        frames.append(b"id: %d\ndata: %b\n\n" % (event.cursor, fields))
        size, cursor = size + len(frames[-1]), event.cursor
        if size > WRITE_BYTES:
            break
    return b"".join(frames), cursor
