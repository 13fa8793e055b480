"""The system call filter: a classic BPF program, built by a pure function, installed once.

Default is EPERM, not kill: Abseil inside V8 probes the CPU count and names memory on its first
lock contention and shrugs at an error; a default of kill ended 4-17 % of healthy processes. What
only an attacker would try is killed.
"""

import ctypes
import errno
import struct
from typing import Final

from sidechain_host.sandbox.child import kernel

_SET_MODE_FILTER: Final = 1
_ALL_THREADS: Final = 1
_ALLOW: Final = 0x7FFF0000
_ERRNO: Final = 0x00050000

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENT_0, _ARGUMENT_2 = 0, 4, 16, 32
_X32_BIT: Final = 0x40000000
_PROT_EXEC: Final = 4


def _instruction(code: int, if_true: int, if_false: int, value: int) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def _answer(action: int) -> bytes:
    return _instruction(_RETURN, 0, 0, action)


def _when(number: int, body: list[bytes]) -> list[bytes]:
    """Run `body`, which must return, for this system call; skip it for others."""
    return [_instruction(_EQUAL, 0, len(body), number), *body]


def build_filter(machine: str, own_pid: int) -> list[bytes]:
    """The instructions for one machine; `own_pid` is the only target of tgkill."""
    kill, refuse = _answer(kernel.SECCOMP_KILL_PROCESS), _answer(_ERRNO | errno.EPERM)
    program = [
        _instruction(_LOAD, 0, 0, _ARCHITECTURE),
        _instruction(_EQUAL, 1, 0, kernel.AUDIT_ARCHITECTURE[machine]),
        kill,
        _instruction(_LOAD, 0, 0, _NUMBER),
    ]
    if machine == "x86_64":
        # Without this the 32-bit-pointer numbers of the same calls would slip past.
        program += [_instruction(_AT_LEAST, 0, 1, _X32_BIT), kill]
    for number in kernel.ALLOWED[machine].values():
        program += _when(number, [_answer(_ALLOW)])
    for number in kernel.MAPPING[machine].values():
        program += _when(
            number,
            [
                _instruction(_LOAD, 0, 0, _ARGUMENT_2),
                _instruction(_ANY_BIT, 0, 1, _PROT_EXEC),
                _answer(_ERRNO | errno.EACCES),
                _answer(_ALLOW),
            ],
        )
    program += _when(
        kernel.TGKILL[machine],
        [
            _instruction(_LOAD, 0, 0, _ARGUMENT_0),
            _instruction(_EQUAL, 0, 1, own_pid),
            _answer(_ALLOW),
            refuse,
        ],
    )
    for number in kernel.FATAL[machine].values():
        program += _when(number, [kill])
    return [*program, refuse]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def install_filter(machine: str, program: list[bytes]) -> None:
    """Put the filter on every thread of this process, for good. Needs no_new_privs."""
    code = ctypes.create_string_buffer(b"".join(program))
    header = _Program(len(program), ctypes.cast(code, ctypes.c_void_p))
    result = kernel.libc.syscall(
        kernel.SECCOMP[machine], _SET_MODE_FILTER, _ALL_THREADS, ctypes.byref(header)
    )
    if result:
        raise OSError(ctypes.get_errno(), f"seccomp ({result})")
