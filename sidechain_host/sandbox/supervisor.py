"""Starts, asks, watches and ends sandbox processes.

One `SandboxProcess` is one child. After a deadline, a death, a protocol fault or a cancelled call
its state is unknown, so it is killed and never used again; the owner starts another.
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Sequence
from typing import TypeVar

from sidechain_host.sandbox import frames
from sidechain_host.sandbox.connection import ConnectionLost, FrameConnection, OnHost
from sidechain_host.sandbox.errors import (
    SandboxCrashed,
    SandboxError,
    SandboxProtocolError,
    SandboxScriptError,
    SandboxTimeout,
    SandboxUnavailable,
)
from sidechain_host.sandbox.settings import (
    CHILD_MAIN,
    ENVIRONMENT,
    FIXED_FLAGS,
    Role,
    SandboxLimits,
    find_engine,
    read_boot_scripts,
)

T = TypeVar("T")

_MIB = 1024 * 1024
_OUTPUT_BYTES_MAX = 4096

_SIGNAL_REASONS = {
    signal.SIGSYS: "it made a forbidden system call",
    signal.SIGTRAP: "V8 gave up, most likely at its heap limit",
    signal.SIGABRT: "V8 gave up, most likely at its memory limit",
    signal.SIGILL: "V8 gave up on an internal check",
    signal.SIGSEGV: "memory fault",
    signal.SIGBUS: "memory fault",
    signal.SIGKILL: "it was killed from outside, most likely for want of memory",
    signal.SIGXCPU: "it used up its processor time",
}

_EXIT_REASONS = {
    0: "it ended by itself",
    frames.EXIT_BAD_FRAME: "it met a broken frame",
    frames.EXIT_SELF_CHECK: "V8 does not behave as its flags promise",
    frames.EXIT_REFUSED: "the kernel cannot confine it",
}


class SandboxProcess:
    """One running sandbox process."""

    def __init__(
        self, process: subprocess.Popen[bytes], connection: FrameConnection, limits: SandboxLimits
    ) -> None:
        self._process = process
        self._connection = connection
        self._limits = limits
        self._pidfd = os.pidfd_open(process.pid)
        self._closed = False
        self._output = ""
        self.report: dict[str, object] = {}
        """What the child said at READY: `v8`, `caged`, `hardening`."""

    @property
    def pid(self) -> int:
        """Process id of the child."""
        return self._process.pid

    @property
    def closed(self) -> bool:
        """Whether this process is of no more use."""
        return self._closed

    async def load(self, source: str) -> bytes:
        """Evaluate a function's source and hand it to the dispatcher; its reply.

        Raises: as `call`.
        """
        return await self._ask(frames.LOAD, source.encode(), self._limits.start_ms)

    async def call(self, body: bytes, *, deadline_ms: int, on_host: OnHost | None = None) -> bytes:
        """Hand `body` (UTF-8) to the dispatcher and return its text.

        `on_host` answers the run's synchronous questions; what it raises ends the process and
        comes out here.

        Raises:
            SandboxTimeout: no answer within `deadline_ms`.
            SandboxCrashed: the process died.
            SandboxScriptError: a trusted script threw.
            SandboxProtocolError: a frame was too long or out of place.
        """
        return await self._ask(frames.CALL, body, deadline_ms, on_host)

    def memory_bytes(self) -> int:
        """Memory this process really costs: its proportional set size, or resident if hidden."""
        for name, field in (("smaps_rollup", "Pss:"), ("status", "VmRSS:")):
            try:
                with open(f"/proc/{self.pid}/{name}", encoding="ascii") as lines:  # noqa: PTH123 - procfs
                    found = [line for line in lines if line.startswith(field)]
            except PermissionError:
                continue
            if found:
                return int(found[0].split()[1]) * 1024
        return 0

    async def close(self) -> None:
        """Kill the process, if it lives, and wait until it is gone."""
        if self._closed:
            return
        self._closed = True
        self._connection.close()
        self._process.kill()
        gone = asyncio.ensure_future(self._gone())
        try:
            await asyncio.shield(gone)
        except asyncio.CancelledError:
            # Whoever is cancelled here is ending something; it ends with the process really gone.
            await gone
            raise

    async def boot(self, scripts: Sequence[str]) -> None:
        """Wait for READY, evaluate the trusted scripts and seal. `spawn` does this."""
        opcode, body = await self._guard(self._connection.answer(), self._limits.start_ms)
        if opcode == frames.REFUSED:
            await self.close()
            raise SandboxUnavailable(reason=body.decode())
        if opcode != frames.READY:
            await self.close()
            raise SandboxProtocolError(what="not ready", opcode=opcode)
        self.report = json.loads(body)
        for script in scripts:
            await self._ask(frames.BOOT, script.encode(), self._limits.start_ms)
        await self._ask(frames.SEAL, b"", self._limits.start_ms)

    async def _ask(
        self, opcode: int, body: bytes, deadline_ms: int, on_host: OnHost | None = None
    ) -> bytes:
        if len(body) > frames.FRAME_BYTES_MAX:
            raise SandboxProtocolError(what="request too long", length=len(body))
        request = self._connection.request(opcode, body, on_host)
        answer, text = await self._guard(request, deadline_ms)
        expected = frames.OK if opcode in {frames.BOOT, frames.SEAL} else frames.RESULT
        if answer == expected:
            return text
        await self.close()
        if answer == frames.SCRIPT_ERROR:
            raise SandboxScriptError(message=text.decode("utf-8", "replace"))
        raise SandboxProtocolError(what="unexpected answer", opcode=answer)

    async def _guard(self, request: Awaitable[T], deadline_ms: int) -> T:
        """Await `request`; whatever goes wrong, the process is dead afterwards."""
        try:
            async with asyncio.timeout(deadline_ms / 1000):
                return await request
        except TimeoutError:
            await self.close()
            raise SandboxTimeout(deadline_ms=deadline_ms) from None
        except ConnectionLost:
            raise await self._crash() from None
        except BaseException:
            await self.close()
            raise

    async def _crash(self) -> SandboxError:
        """Why the process died by itself."""
        self._closed = True
        await self._gone()
        code = self._process.returncode
        return SandboxCrashed(reason=_reason(code), exit_status=code, output=self._output)

    async def _gone(self) -> None:
        """Wait for the exit, keep the last words, release every descriptor."""
        if self._pidfd < 0:
            return
        loop = asyncio.get_running_loop()
        ended = loop.create_future()

        def on_exit() -> None:
            loop.remove_reader(self._pidfd)
            if not ended.done():
                ended.set_result(None)

        loop.add_reader(self._pidfd, on_exit)
        try:
            await ended
        finally:
            loop.remove_reader(self._pidfd)
        os.close(self._pidfd)
        self._pidfd = -1
        self._process.wait()
        self._output = _drain(self._process)


def _reason(exit_status: int) -> str:
    """A sentence for an exit status; negative ones are signals."""
    known: str | None
    if exit_status < 0:
        known = next((why for sig, why in _SIGNAL_REASONS.items() if sig == -exit_status), None)
    else:
        known = _EXIT_REASONS.get(exit_status)
    return known or f"exit status {exit_status}"


def _drain(process: subprocess.Popen[bytes]) -> str:
    """The end of what the dead process wrote to its standard error."""
    assert process.stderr is not None
    with process.stderr as pipe:
        return pipe.read()[-_OUTPUT_BYTES_MAX:].decode("utf-8", "replace")


def _arguments(
    role: Role, limits: SandboxLimits, *, descriptor: int, unsafe_dev: bool
) -> list[str]:
    flags = [*FIXED_FLAGS, f"--max-heap-size={limits.heap_mib}"]
    return [
        *(sys.executable, "-I", "-S", "-B", str(CHILD_MAIN)),
        *("--role", role),
        *("--fd", str(descriptor)),
        *("--parent", str(os.getpid())),
        *("--engine", str(find_engine())),
        f"--flags={' '.join(flags)}",
        *("--data-extra-bytes", str((limits.heap_mib + limits.extra_mib) * _MIB)),
        *("--cpu-seconds", str(limits.cpu_seconds)),
        *(["--unsafe-dev"] if unsafe_dev else []),
    ]


def _start(arguments: list[str], descriptor: int) -> subprocess.Popen[bytes]:
    """Fork and exec, about a millisecond; the child gets one socket and a pipe, never a file."""
    return subprocess.Popen(  # noqa: S603 - our own script
        arguments,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        pass_fds=(descriptor,),
        env=ENVIRONMENT,
        cwd="/",
    )


async def spawn(
    role: Role,
    *,
    limits: SandboxLimits | None = None,
    unsafe_dev: bool = False,
    scripts: Sequence[str] | None = None,
) -> SandboxProcess:
    """Start a sandbox process, hardened and with its trusted scripts evaluated.

    `scripts` replaces the role's own boot scripts (see `settings.BOOT_SCRIPTS`).

    Raises:
        SandboxUnavailable: the kernel cannot confine it and `unsafe_dev` is not set.
        SandboxTimeout, SandboxCrashed, SandboxScriptError: it did not come up.
    """
    limits = limits or SandboxLimits()
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            fd = theirs.fileno()
            process = _start(_arguments(role, limits, descriptor=fd, unsafe_dev=unsafe_dev), fd)
        except BaseException:
            ours.close()
            raise
    ours.setblocking(False)
    loop = asyncio.get_running_loop()
    try:
        _, connection = await loop.create_connection(FrameConnection, sock=ours)
    except BaseException:
        # Cancelled before anybody owns the process.
        process.kill()
        process.wait()
        _drain(process)
        ours.close()
        raise
    sandbox = SandboxProcess(process, connection, limits)
    try:
        await sandbox.boot(read_boot_scripts(role) if scripts is None else scripts)
    except BaseException:
        await sandbox.close()
        raise
    return sandbox
