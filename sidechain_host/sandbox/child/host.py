"""The synchronous question from trusted JavaScript to the node, through a shared buffer.

The runtime writes kind and text into the buffer and calls a native function. That runs `ask` on
the isolate's thread: a frame goes out, the reply frame is awaited, the text is put into the buffer.
Contracts never see the function or the buffer.

Layout: four 32-bit words (kind; length in units; reply form; reply length in units), then data.
Requests are UTF-16 units. Replies are one byte per unit when they are ASCII (form 0), else UTF-16
units (form 1).
"""

import codecs
from typing import Final

from sidechain_host.sandbox.child.channel import Channel, exit_now
from sidechain_host.sandbox.frames import (
    EXIT_BAD_FRAME,
    HOST_REPLY,
    HOST_REQUEST,
    HOST_TEXT_BYTES_MAX,
)

DATA_OFFSET: Final = 16
"""Bytes before the data."""

BUFFER_BYTES: Final = DATA_OFFSET + 2 * HOST_TEXT_BYTES_MAX
"""Room for the longest text; the kernel supplies pages only when they are touched."""

codecs.lookup("utf-16-le")  # now: in the sandbox its module could not be opened any more

_ASCII: Final = 0
_UTF16: Final = 1


class HostLink:
    """Answers the runtime's questions over the channel."""

    def __init__(self, channel: Channel, memory: memoryview) -> None:
        self._channel = channel
        self._words = memory[:DATA_OFFSET].cast("I")
        self._data = memory[DATA_OFFSET:]

    def ask(self) -> None:
        """Carry one question to the node and its answer back; any fault ends the process."""
        try:
            self._exchange()
        except BaseException as error:  # noqa: BLE001 - ends the process
            # An exception cannot pass through C: ctypes would print it and go on with old data.
            exit_now(EXIT_BAD_FRAME, f"host request: {error!r}")

    def _exchange(self) -> None:
        kind, units = self._words[0], self._words[1]
        text = bytes(self._data[: 2 * units]).decode("utf-16-le").encode()
        if len(text) > HOST_TEXT_BYTES_MAX:
            raise ValueError("the text is too long")
        self._channel.send(HOST_REQUEST, bytes((kind,)) + text)
        frame = self._channel.receive()
        if frame is None:
            exit_now(0, "the node has gone")
        opcode, reply = frame
        if opcode != HOST_REPLY or len(reply) > HOST_TEXT_BYTES_MAX:
            raise ValueError("the reply is out of place or too long")
        self._put(reply)

    def _put(self, reply: bytes) -> None:
        if reply.isascii():
            form, units, data = _ASCII, len(reply), reply
        else:
            data = reply.decode().encode("utf-16-le")
            form, units = _UTF16, len(data) // 2
        self._words[2], self._words[3] = form, units
        self._data[: len(data)] = data
