"""Reading a chain's events as a stream that survives cuts, restarts and slowness."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import msgspec

from chain_engine.http.backoff import Backoff
from chain_engine.http.client import ChainClient
from chain_engine.http.problem import error_of
from chain_engine.primitives.errors import ChainError

SILENCE_S = 60.0
"""A stream that is silent for longer, without even a heartbeat, is dead."""

LINE_BYTES_MAX = 1024 * 1024


class EventParser:
    """Server-sent events out of lines (HTML standard 9.2.6). Pure."""

    def __init__(self) -> None:
        """Nothing read yet."""
        self._kind = ""
        self._data: list[str] = []

    def feed(self, line: str) -> tuple[str, str] | None:
        """Take one line without its end; returns (event, data) when it completes one."""
        line = line.removesuffix("\r")
        if line:
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "data":
                self._data.append(value)
            elif field == "event":
                self._kind = value
            return None
        kind, data = self._kind or "message", self._data
        self._kind, self._data = "", []
        return (kind, "\n".join(data)) if data else None


async def follow_events(
    client: ChainClient,
    *,
    after: int,
    name: str | None = None,
    jitter: Callable[[], float] = random.random,
) -> AsyncIterator[dict[str, Any]]:
    """Every event behind `after`, each once and in order, for ever; reconnects by itself.

    Raises:
        ChainError: the node refuses the request in a way that will not change.
    """
    cursor = after
    backoff = Backoff(first_ms=100, max_ms=5_000, jitter=jitter)
    while True:
        try:
            async for kind, text in _read_stream(client, cursor, name):
                backoff.reset()
                if kind == "behind":
                    break
                event: dict[str, Any] = msgspec.json.decode(text)
                cursor = event["cursor"]
                yield event
        except ChainError as e:
            if not e.retryable:
                raise
        except (aiohttp.ClientError, TimeoutError, OSError):
            # the connection broke: go on behind the last event that arrived
            pass
        await asyncio.sleep(backoff.next_ms() / 1000)


async def _read_stream(
    client: ChainClient, cursor: int, name: str | None
) -> AsyncIterator[tuple[str, str]]:
    parser = EventParser()
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=5.0, sock_read=SILENCE_S)
    async with client.session().get(
        client.path + "/events/stream",
        params={} if name is None else {"name": name},
        headers={"Last-Event-ID": str(cursor), "Accept": "text/event-stream"},
        timeout=timeout,
    ) as response:
        if response.content_type != "text/event-stream":
            raise error_of(msgspec.json.decode(await response.read()))
        pending = b""
        async for piece in response.content.iter_any():
            *lines, pending = (pending + piece).split(b"\n")
            if len(pending) > LINE_BYTES_MAX:
                raise aiohttp.ClientPayloadError("line too long")
            for line in lines:
                complete = parser.feed(line.decode())
                if complete is not None:
                    yield complete
