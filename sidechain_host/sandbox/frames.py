"""The frames between the node and one of its sandbox processes.

A frame is one opcode byte, the body's length as four big-endian bytes, and the body. The node is
always the one that asks; inside a `CALL` the child may ask back with `HOST_REQUEST` and then reads
nothing but the `HOST_REPLY`. Both sides run on one machine and start from one version, so there is
no negotiation.
"""

import struct
from typing import Final

HEADER: Final = struct.Struct(">BI")
"""Opcode and body length."""

BOOT: Final = 1
"""node -> child: UTF-8 source of a trusted script; answered by `OK`."""

SEAL: Final = 2
"""node -> child: the last boot value is the dispatcher; from here only LOAD and CALL. `OK`."""

LOAD: Final = 3
"""node -> child: UTF-8 source of a function, handed to the dispatcher as `this`. `RESULT`."""

CALL: Final = 4
"""node -> child: UTF-8 text, handed to the dispatcher as `this`. `RESULT`."""

HOST_REPLY: Final = 5
"""node -> child: UTF-8 text that answers the `HOST_REQUEST`."""

READY: Final = 16
"""child -> node, once, unasked: JSON report of the hardening and of the engine's version."""

REFUSED: Final = 17
"""child -> node, once, unasked, then exit: UTF-8 text, why this machine cannot run a sandbox."""

OK: Final = 18
"""child -> node: empty body."""

RESULT: Final = 19
"""child -> node: the text the dispatcher returned, UTF-8."""

SCRIPT_ERROR: Final = 20
"""child -> node: text of an exception that left a trusted script; the process is of no more use."""

HOST_REQUEST: Final = 21
"""child -> node: one byte kind, then UTF-8 text."""

FRAME_BYTES_MAX: Final = 64 * 1024 * 1024
"""Longest body in either direction."""

HOST_TEXT_BYTES_MAX: Final = 4 * 1024 * 1024
"""Longest text of a host request or of its reply."""

EXIT_BAD_FRAME: Final = 70
"""Exit code: a frame was longer than allowed, cut short, or out of place."""

EXIT_SELF_CHECK: Final = 71
"""Exit code: V8 does not behave as its flags promise."""

EXIT_REFUSED: Final = 78
"""Exit code: the kernel lacks what a sandbox needs; the reason went out as `REFUSED`."""


def encode_frame(opcode: int, body: bytes | memoryview) -> bytes:
    """The bytes of one frame; the caller has checked the body's length."""
    return HEADER.pack(opcode, len(body)) + body
