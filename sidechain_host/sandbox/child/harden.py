"""Gives up, step by step, everything a sandbox process does not need.

Two halves, because Landlock binds only later threads and process limits would forbid the isolate's
thread: `before_isolate`, then the isolate is made, then `after_isolate`. Every step is mandatory
where the kernel has it, and what is active is reported.
"""

import contextlib
import ctypes
import os
import resource
import struct
from dataclasses import asdict, dataclass
from typing import Final

from sidechain_host.sandbox.child import kernel, landlock, seccomp
from sidechain_host.sandbox.child.kernel import KernelFeatures

_NO_NEW_PRIVS: Final = 38
_PARENT_DEATH_SIGNAL: Final = 1
_SIGKILL: Final = 9
_CLONE_NEWIPC: Final = 0x08000000
_CLONE_NEWNET: Final = 0x40000000
_NOBODY: Final = 65534
_CAPABILITY_VERSION: Final = 0x20080522
_CAPABILITY_DATA_BYTES: Final = 24
_READ_EXEC: Final = 5
_STATM_DATA_FIELD: Final = 5


class HardeningUnavailable(Exception):
    """This kernel cannot confine a sandbox and nobody allowed running without."""


@dataclass(frozen=True)
class Plan:
    """Which of the optional walls will be built."""

    machine: str
    """CPU architecture, selects the system call numbers."""

    seccomp: bool
    """Install the system call filter."""

    landlock_abi: int
    """Restrict by Landlock of this version; 0: not."""


@dataclass(frozen=True)
class Report:
    """What confines this process, in the order it was done."""

    namespaces: bool
    """Own, empty network and IPC namespaces (only when started as root)."""

    uid: int
    """User the process runs as."""

    no_new_privs: bool
    """Neither this process nor anything it could start gains rights."""

    landlock_abi: int
    """Version of Landlock in force; 0: none."""

    writable_executable_pages: int
    """Mappings that are writable and executable at once; 0 is the only good answer."""

    data_bytes_max: int
    """Limit of private writable memory (RLIMIT_DATA)."""

    seccomp: bool
    """The system call filter is on every thread."""

    def as_dict(self) -> dict[str, object]:
        """Plain values, for the frame to the node."""
        return asdict(self)


def plan_hardening(features: KernelFeatures, *, unsafe_dev: bool) -> Plan:
    """Decide what to build. Pure.

    Raises:
        HardeningUnavailable: no seccomp, and `unsafe_dev` was not given.
    """
    if not features.seccomp and not unsafe_dev:
        raise HardeningUnavailable(
            f"the kernel offers no seccomp filter (machine {features.machine}): a DApp's code "
            "could reach this machine. Use Linux 4.14 or newer on x86_64 or aarch64 and a "
            "container profile that allows seccomp(2); or, only to develop with code you trust, "
            "start with --unsafe-dev."
        )
    return Plan(features.machine, features.seccomp, features.landlock_abi)


class Hardening:
    """Carries out a plan around the making of the isolate."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        # Opened now: after Landlock and the change of user nothing can be opened any more.
        self._maps = os.open("/proc/self/maps", os.O_RDONLY)
        self._statm = os.open("/proc/self/statm", os.O_RDONLY)
        self._namespaces = False

    def before_isolate(self, parent_pid: int) -> None:
        """Namespaces, user, capabilities, no_new_privs, death with the parent, Landlock."""
        if os.getuid() == 0:
            self._namespaces = _leave_namespaces()
            _become_nobody()
        _drop_capabilities()
        kernel.check(kernel.libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
        # After the change of user, which clears it.
        kernel.check(kernel.libc.prctl(_PARENT_DEATH_SIGNAL, _SIGKILL, 0, 0, 0), "pdeathsig")
        if os.getppid() != parent_pid:
            os._exit(0)
        if self._plan.landlock_abi:
            landlock.restrict(self._plan.landlock_abi)

    def after_isolate(self, *, data_extra_bytes: int, cpu_seconds: int) -> Report:
        """Writable code pages, resource limits, seccomp; closes the door behind itself."""
        self._protect_writable_code()
        left = len(self._writable_executable())
        uid = os.getuid()
        data_max = self._data_bytes() + data_extra_bytes
        os.close(self._maps)
        os.close(self._statm)
        _limit_resources(data_max, cpu_seconds)
        if self._plan.seccomp:
            seccomp.install_filter(
                self._plan.machine, seccomp.build_filter(self._plan.machine, os.getpid())
            )
        return Report(
            namespaces=self._namespaces,
            uid=uid,
            no_new_privs=True,
            landlock_abi=self._plan.landlock_abi,
            writable_executable_pages=left,
            data_bytes_max=data_max,
            seccomp=self._plan.seccomp,
        )

    def _writable_executable(self) -> list[tuple[int, int]]:
        os.lseek(self._maps, 0, os.SEEK_SET)
        text = b""
        while chunk := os.read(self._maps, 65536):
            text += chunk
        ranges = []
        for line in text.decode().splitlines():
            span, rights = line.split()[:2]
            if rights.startswith("rwx"):
                start, end = span.split("-")
                ranges.append((int(start, 16), int(end, 16)))
        return ranges

    def _protect_writable_code(self) -> None:
        """Take the write right from libffi's closure page; under --jitless there is no other."""
        for start, end in self._writable_executable():
            kernel.check(
                kernel.libc.mprotect(
                    ctypes.c_void_p(start), ctypes.c_size_t(end - start), _READ_EXEC
                ),
                "mprotect",
            )

    def _data_bytes(self) -> int:
        pages = os.pread(self._statm, 256, 0).split()[_STATM_DATA_FIELD]
        return int(pages) * resource.getpagesize()


def _leave_namespaces() -> bool:
    """Move to empty network and IPC namespaces; containers may forbid it, other walls stand."""
    return bool(kernel.libc.unshare(_CLONE_NEWNET | _CLONE_NEWIPC) == 0)


def _become_nobody() -> None:
    """Change the user; a rootless container has no other user, there the report says uid 0."""
    with contextlib.suppress(OSError):
        os.setgroups([])
        os.setresgid(_NOBODY, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, _NOBODY)


def _drop_capabilities() -> None:
    """Empty all three sets: permitted, effective, inheritable (capset(2), version 3)."""
    header = struct.pack("Ii", _CAPABILITY_VERSION, 0)
    kernel.check(kernel.libc.capset(header, bytes(_CAPABILITY_DATA_BYTES)), "capset")


def _limit_resources(data_bytes: int, cpu_seconds: int) -> None:
    limits = {
        resource.RLIMIT_DATA: data_bytes,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NPROC: 0,
    }
    if cpu_seconds:
        limits[resource.RLIMIT_CPU] = cpu_seconds
    for what, limit in limits.items():
        resource.setrlimit(what, (limit, limit))
