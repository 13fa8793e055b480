"""The node's end of the frame protocol, as an asyncio protocol.

Host requests are answered inside `data_received`, without a task switch: a contract that reads a
row waits for nothing but two socket writes.
"""

import asyncio
from collections.abc import Callable
from typing import cast

from sidechain_host.sandbox import frames
from sidechain_host.sandbox.errors import SandboxProtocolError

OnHost = Callable[[int, bytes], bytes]
"""Answers a question of trusted JavaScript: kind, UTF-8 text -> UTF-8 text."""


class ConnectionLost(Exception):
    """The child closed its end; the process knows why."""


class FrameConnection(asyncio.Protocol):
    """Sends one request at a time and waits for its answer."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[tuple[int, bytes]] | None = None
        self._on_host: OnHost | None = None
        self._unasked: list[tuple[int, bytes]] = []
        self._failure: Exception | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        # uvloop's transports are no subclasses, so this cannot be asserted.
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """The child is gone: whoever waits is told."""
        self._fail(ConnectionLost(str(exc or "closed")))

    def data_received(self, data: bytes) -> None:
        """Take every complete frame out of the buffer."""
        self._buffer += data
        while self._failure is None and len(self._buffer) >= frames.HEADER.size:
            opcode, length = frames.HEADER.unpack_from(self._buffer)
            if length > frames.FRAME_BYTES_MAX:
                self._fail(SandboxProtocolError(what="frame too long", length=length))
                return
            end = frames.HEADER.size + length
            if len(self._buffer) < end:
                return
            body = bytes(memoryview(self._buffer)[frames.HEADER.size : end])
            del self._buffer[:end]
            self._frame(opcode, body)

    async def request(
        self, opcode: int, body: bytes, on_host: OnHost | None = None
    ) -> tuple[int, bytes]:
        """Send a frame and wait for the answering frame.

        Raises:
            ConnectionLost: the child is gone.
            SandboxProtocolError: it broke the protocol.
            Exception: whatever `on_host` raised.
        """
        assert self._waiting is None, "one request at a time"
        self._on_host = on_host
        answer = self.answer()
        if self._failure is None and self._transport is not None:
            self._transport.write(frames.encode_frame(opcode, body))
        try:
            return await answer
        finally:
            self._on_host = None

    async def answer(self) -> tuple[int, bytes]:
        """The next frame that is not a host request."""
        if self._failure is not None:
            raise self._failure
        if self._unasked:
            return self._unasked.pop()
        self._waiting = asyncio.get_running_loop().create_future()
        try:
            return await self._waiting
        finally:
            self._waiting = None

    def close(self) -> None:
        """Close the socket at once."""
        if self._transport is not None:
            self._transport.abort()

    def _frame(self, opcode: int, body: bytes) -> None:
        if opcode == frames.HOST_REQUEST:
            self._answer_host(body)
        elif self._waiting is not None and not self._waiting.done():
            self._waiting.set_result((opcode, body))
        elif opcode in {frames.READY, frames.REFUSED} and not self._unasked:
            self._unasked.append((opcode, body))
        else:
            self._fail(SandboxProtocolError(what="frame out of place", opcode=opcode))

    def _answer_host(self, body: bytes) -> None:
        on_host = self._on_host
        if on_host is None or not body or len(body) > frames.HOST_TEXT_BYTES_MAX + 1:
            self._fail(SandboxProtocolError(what="host request out of place", length=len(body)))
            return
        try:
            reply = on_host(body[0], body[1:])
            assert len(reply) <= frames.HOST_TEXT_BYTES_MAX, "the reply to a sandbox is too long"
        except Exception as error:  # noqa: BLE001 - handed to whoever called, who sees it raised
            self._fail(error)
            return
        assert self._transport is not None
        self._transport.write(frames.encode_frame(frames.HOST_REPLY, reply))

    def _fail(self, error: Exception) -> None:
        """The first failure stands; the connection is of no more use."""
        if self._failure is None:
            self._failure = error
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(self._failure)
        if not isinstance(error, ConnectionLost):
            self.close()
