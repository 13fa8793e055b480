"""No file, no TCP, no abstract socket, no signal outwards, by Landlock (linux/landlock.h).

It binds only the calling thread and threads started later, so it has to come before V8's isolate.
"""

import ctypes
import os
import struct
from typing import Final

from sidechain_host.sandbox.child import kernel

_TCP_SINCE: Final = 4
_SCOPES_SINCE: Final = 6
_TCP_BIND_AND_CONNECT: Final = 3
_SCOPE_SOCKETS_AND_SIGNALS: Final = 3


def file_rights(abi: int) -> int:
    """Bit set of every file access right this version knows; what is handled is denied."""
    bits = 13
    bits += abi >= 2  # noqa: PLR2004 - versions of the kernel's table: refer
    bits += abi >= 3  # noqa: PLR2004 - truncate
    bits += abi >= 5  # noqa: PLR2004 - ioctl on devices
    return (1 << bits) - 1


def ruleset(abi: int) -> bytes:
    """The attributes for landlock_create_ruleset(2), as long as this version expects."""
    fields = [file_rights(abi)]
    if abi >= _TCP_SINCE:
        fields.append(_TCP_BIND_AND_CONNECT)
    if abi >= _SCOPES_SINCE:
        fields.append(_SCOPE_SOCKETS_AND_SIGNALS)
    return struct.pack(f"{len(fields)}Q", *fields)


def restrict(abi: int) -> None:
    """Deny everything the ruleset handles, to this thread and its future threads."""
    attributes = ruleset(abi)
    descriptor = kernel.check(
        kernel.libc.syscall(
            kernel.LANDLOCK_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0
        ),
        "landlock_create_ruleset",
    )
    kernel.check(
        kernel.libc.syscall(kernel.LANDLOCK_RESTRICT_SELF, descriptor, 0), "landlock_restrict_self"
    )
    os.close(descriptor)
