"""What this kernel offers, and the numbers of its system calls.

`machine()` facts are a plain record, so that the decision what to do without seccomp is a pure
function of it.
"""

import ctypes
import os
import sys
from dataclasses import dataclass
from typing import Any, Final

libc: Any = ctypes.CDLL(None, use_errno=True)
"""The C library; calls report failure through `check`."""

SECCOMP_GET_ACTION_AVAIL: Final = 2
SECCOMP_KILL_PROCESS: Final = 0x80000000
LANDLOCK_CREATE_RULESET_VERSION: Final = 1

AUDIT_ARCHITECTURE: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""What seccomp calls an architecture (linux/audit.h)."""

SECCOMP: Final = {"x86_64": 317, "aarch64": 277}
"""Number of seccomp(2)."""

LANDLOCK_CREATE_RULESET: Final = 444
LANDLOCK_RESTRICT_SELF: Final = 446

ALLOWED: Final[dict[str, dict[str, int]]] = {
    "x86_64": {
        "read": 0, "write": 1, "close": 3, "poll": 7, "munmap": 11, "brk": 12,
        "rt_sigprocmask": 14, "rt_sigreturn": 15, "sched_yield": 24, "mremap": 25, "madvise": 28,
        "getpid": 39, "exit": 60, "gettid": 186, "futex": 202, "restart_syscall": 219,
        "clock_gettime": 228, "exit_group": 231, "ppoll": 271,
    },
    "aarch64": {
        "read": 63, "write": 64, "close": 57, "munmap": 215, "brk": 214,
        "rt_sigprocmask": 135, "rt_sigreturn": 139, "sched_yield": 124, "mremap": 216,
        "madvise": 233, "getpid": 172, "exit": 93, "gettid": 178, "futex": 98,
        "restart_syscall": 128, "clock_gettime": 113, "exit_group": 94, "ppoll": 73,
    },
}  # fmt: skip
"""System calls that pass unconditionally: memory, waiting, the open descriptors, the end."""

MAPPING: Final = {
    "x86_64": {"mmap": 9, "mprotect": 10},
    "aarch64": {"mmap": 222, "mprotect": 226},
}
"""Pass unless they ask for executable memory (third argument)."""

TGKILL: Final = {"x86_64": 234, "aarch64": 131}
"""Passes only towards ourselves: abort(3) ends with it."""

FATAL: Final[dict[str, dict[str, int]]] = {
    "x86_64": {
        "socket": 41, "connect": 42, "accept": 43, "bind": 49, "listen": 50, "socketpair": 53,
        "clone": 56, "fork": 57, "vfork": 58, "execve": 59, "kill": 62, "ptrace": 101,
        "rt_sigqueueinfo": 129, "pivot_root": 155, "chroot": 161, "mount": 165,
        "init_module": 175, "tkill": 200, "kexec_load": 246, "add_key": 248, "keyctl": 250,
        "unshare": 272, "accept4": 288, "perf_event_open": 298, "setns": 308,
        "process_vm_readv": 310, "process_vm_writev": 311, "finit_module": 313,
        "kexec_file_load": 320, "bpf": 321, "execveat": 322, "userfaultfd": 323,
        "pidfd_send_signal": 424, "io_uring_setup": 425, "io_uring_enter": 426,
        "io_uring_register": 427, "clone3": 435,
    },
    "aarch64": {
        "mount": 40, "pivot_root": 41, "chroot": 51, "unshare": 97, "kexec_load": 104,
        "init_module": 105, "ptrace": 117, "kill": 129, "tkill": 130, "rt_sigqueueinfo": 138,
        "socket": 198, "socketpair": 199, "bind": 200, "listen": 201, "accept": 202,
        "connect": 203, "add_key": 217, "keyctl": 219, "clone": 220, "execve": 221,
        "perf_event_open": 241, "accept4": 242, "setns": 268, "process_vm_readv": 270,
        "process_vm_writev": 271, "finit_module": 273, "bpf": 280, "execveat": 281,
        "userfaultfd": 282, "kexec_file_load": 294, "pidfd_send_signal": 424,
        "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "clone3": 435,
    },
}  # fmt: skip
"""System calls no sandbox ever makes by accident: the process is killed on the spot."""


@dataclass(frozen=True)
class KernelFeatures:
    """What the running kernel can do for a sandbox."""

    machine: str
    """CPU architecture as `uname -m` says it."""

    seccomp: bool
    """Whether seccomp filters with the action 'kill the process' exist and we know the numbers."""

    landlock_abi: int
    """Version of Landlock, 0 when there is none."""


def check(result: int, what: str) -> int:
    """Pass a C result on; raise OSError when it is negative."""
    if result < 0:
        raise OSError(ctypes.get_errno(), what)
    return result


def read_features() -> KernelFeatures:
    """Ask the kernel."""
    machine = os.uname().machine
    if sys.platform != "linux" or machine not in SECCOMP:
        return KernelFeatures(machine, seccomp=False, landlock_abi=0)
    action = ctypes.c_uint32(SECCOMP_KILL_PROCESS)
    missing = libc.syscall(SECCOMP[machine], SECCOMP_GET_ACTION_AVAIL, 0, ctypes.byref(action))
    abi = libc.syscall(
        LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), LANDLOCK_CREATE_RULESET_VERSION
    )
    return KernelFeatures(machine, seccomp=missing == 0, landlock_abi=max(abi, 0))
