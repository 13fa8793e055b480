"""What confines a sandbox process, looked at from outside and tried from inside."""

import asyncio
import os
import platform
import signal
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sidechain_host.sandbox import supervisor
from sidechain_host.sandbox.child import harden, kernel, landlock, seccomp
from sidechain_host.sandbox.child.kernel import KernelFeatures
from sidechain_host.sandbox.errors import SandboxCrashed, SandboxUnavailable
from sidechain_host.sandbox.supervisor import spawn

PROBE = Path(__file__).parent / "probe_child.py"
ECHO = '(function () { "use strict"; return function () { return "" + this; }; })'

REFUSED = {
    "open": {"EPERM"},
    "open own memory": {"EPERM"},
    "create": {"EPERM"},
    "unlink": {"EPERM"},
    "stat": {"EPERM"},
    "list": {"EPERM"},
    "pipe": {"EPERM"},
    "memfd": {"EPERM"},
    "setuid": {"EPERM"},
    "prctl": {"EPERM"},
    "ioctl": {"EPERM"},
    "dup": {"EPERM"},
    "raise limits": {"EPERM"},
    "executable map": {"EACCES"},
    "signal another": {"EPERM"},
}
FATAL = [
    "socket",
    "connect",
    "fork",
    "exec",
    "kill the parent",
    "ptrace",
    "bpf",
    "io_uring",
    "read the parent",
]


@asynccontextmanager
async def open_probe(monkeypatch):
    monkeypatch.setattr(supervisor, "CHILD_MAIN", PROBE)
    sandbox = await spawn("runner", scripts=[])
    try:
        yield sandbox
    finally:
        await sandbox.close()


def read_threads(pid):
    """The `status` of every thread of a process."""
    states = []
    for thread in Path(f"/proc/{pid}/task").iterdir():
        pairs = (line.split(":", 1) for line in (thread / "status").read_text().splitlines())
        states.append({key: value.split() for key, value in pairs})
    return states


def read_descriptors(pid):
    return [str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir()]


def read_process(pid, name):
    return Path(f"/proc/{pid}/{name}").read_bytes().decode()


async def test_every_thread_of_the_child_is_confined():
    sandbox = await spawn("runner", scripts=[ECHO])
    try:
        states = read_threads(sandbox.pid)
        limits = read_process(sandbox.pid, "limits")
    finally:
        await sandbox.close()
    assert sandbox.pid != os.getpid()
    assert len(states) >= 2  # Python's and V8's
    for state in states:
        assert state["Seccomp"] == ["2"]
        assert state["NoNewPrivs"] == ["1"]
        assert int(state["CapEff"][0], 16) == 0
        assert state["Uid"][0] != "0"
    for name in ("Max core file size", "Max file size", "Max processes"):
        line = next(line for line in limits.splitlines() if line.startswith(name))
        assert line.removeprefix(name).split()[:2] == ["0", "0"]


async def test_the_report_says_what_is_active():
    sandbox = await spawn("compiler", scripts=[ECHO])
    await sandbox.close()
    hardening = sandbox.report["hardening"]
    assert hardening["seccomp"] is True
    assert hardening["no_new_privs"] is True
    assert hardening["writable_executable_pages"] == 0
    assert hardening["uid"] != 0
    assert hardening["landlock_abi"] == kernel.read_features().landlock_abi
    assert sandbox.report["v8"]


async def test_the_child_has_no_files_and_no_environment():
    sandbox = await spawn("runner", scripts=[ECHO])
    try:
        targets = read_descriptors(sandbox.pid)
        environment = read_process(sandbox.pid, "environ")
    finally:
        await sandbox.close()
    assert all(t == "/dev/null" or t.startswith(("socket:", "pipe:")) for t in targets)
    assert len(targets) == 4
    assert set(environment.rstrip("\0").split("\0")) == {"TZ=UTC", "LC_ALL=C"}


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the probe's numbers")
async def test_what_the_child_tries_is_refused_on_both_threads(monkeypatch):
    async with open_probe(monkeypatch) as sandbox:
        for where in ("", "isolate:"):
            got = {
                name: (await sandbox.call((where + name).encode(), deadline_ms=20_000)).decode()
                for name in REFUSED
            }
            assert {n: g for n, g in got.items() if g not in REFUSED[n]} == {}


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the probe's numbers")
@pytest.mark.parametrize("name", FATAL)
async def test_what_only_an_attacker_tries_kills_the_child(monkeypatch, name):
    async with open_probe(monkeypatch) as sandbox:
        with pytest.raises(SandboxCrashed) as caught:
            await sandbox.call(f"isolate:{name}".encode(), deadline_ms=20_000)
    assert caught.value.values["exit_status"] == -signal.SIGSYS
    assert "forbidden system call" in str(caught.value.values["reason"])


async def test_without_seccomp_nothing_starts_unless_asked_for(monkeypatch):
    real = supervisor._arguments
    monkeypatch.setattr(supervisor, "CHILD_MAIN", PROBE)
    monkeypatch.setattr(supervisor, "_arguments", lambda *a, **k: [*real(*a, **k), "--weak"])
    with pytest.raises(SandboxUnavailable) as caught:
        await spawn("runner", scripts=[])
    assert "seccomp" in str(caught.value.values["reason"])
    assert "--unsafe-dev" in str(caught.value.values["reason"])
    sandbox = await spawn("runner", scripts=[], unsafe_dev=True)
    await sandbox.close()
    assert sandbox.report["hardening"]["seccomp"] is False


def test_the_plan_is_a_pure_function_of_the_kernel():
    strong = KernelFeatures("x86_64", seccomp=True, landlock_abi=7)
    weak = KernelFeatures("riscv64", seccomp=False, landlock_abi=0)
    assert harden.plan_hardening(strong, unsafe_dev=False) == harden.Plan("x86_64", True, 7)
    assert harden.plan_hardening(strong, unsafe_dev=True).seccomp
    assert not harden.plan_hardening(weak, unsafe_dev=True).seccomp
    with pytest.raises(harden.HardeningUnavailable, match="riscv64"):
        harden.plan_hardening(weak, unsafe_dev=False)


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_fits_and_ends_in_refusal(machine):
    program = seccomp.build_filter(machine, 1234)
    assert all(len(instruction) == 8 for instruction in program)
    assert len(program) < 4096
    assert program[-1] == bytes.fromhex("0600000001000500")
    numbers = [*kernel.ALLOWED[machine].values(), *kernel.MAPPING[machine].values()]
    fatal = list(kernel.FATAL[machine].values())
    assert len({*numbers, *fatal, kernel.TGKILL[machine]}) == len(numbers) + len(fatal) + 1


@pytest.mark.parametrize(("abi", "length"), [(1, 8), (3, 8), (4, 16), (5, 16), (6, 24), (7, 24)])
def test_a_landlock_ruleset_is_as_long_as_its_version_expects(abi, length):
    assert len(landlock.ruleset(abi)) == length


@pytest.mark.slow
async def test_forty_children_start_work_and_live():
    """A wrong system call list shows as rare, random deaths at the first lock contention."""

    async def one():
        sandbox = await spawn("runner", scripts=[ECHO])
        try:
            for n in range(5):
                assert await sandbox.call(str(n).encode(), deadline_ms=60_000) == str(n).encode()
        finally:
            await sandbox.close()

    for _ in range(10):
        await asyncio.gather(*(one() for _ in range(4)))
