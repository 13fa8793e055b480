"""`acc demo --once` as a user starts it: how it ends when all goes well, or not, and on Ctrl-C."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from support.processes import Process, descendants_of, find_process
from support.running_ecc import eventually

from acc.cli.output import ExitCode

WAIT_S = 100

RESULT = {
    "ok", "nodes", "main_height", "sidechain_height", "deposit_ms", "escrow_ms", "withdrawal_ms",
    "finality_ms_median", "supply_conserved",
}  # fmt: skip


@dataclass
class Demo:
    """A running demo."""

    process: asyncio.subprocess.Process
    lines: list[str]
    children: dict[int, Process]

    def nodes(self) -> list[Process]:
        """Its node processes."""
        return [child for child in descendants_of(self.process.pid) if "node" in child.command]

    def watch(self) -> None:
        """Remember every process below it."""
        self.children |= {child.pid: child for child in descendants_of(self.process.pid)}

    async def read_until(self, start: str) -> None:
        """Read lines up to one that begins so."""
        while not self.lines or not self.lines[-1].startswith(start):
            await self._read_line()
            self.watch()

    async def end(self) -> tuple[int, str]:
        """Read the rest; exit code and standard error."""
        while await self._read_line():
            self.watch()
        assert self.process.stderr is not None
        notes = await self.process.stderr.read()
        return await self.process.wait(), notes.decode()

    async def _read_line(self) -> bool:
        assert self.process.stdout is not None
        async with asyncio.timeout(WAIT_S):
            line = (await self.process.stdout.readline()).decode()
        if line:
            self.lines.append(line.rstrip("\n"))
        return bool(line)

    async def all_gone(self) -> None:
        """Wait until no process is left of it."""

        async def none_left() -> bool:
            left = {pid: find_process(pid) for pid in self.children}
            # a number may have been given to somebody else meanwhile
            return all(
                process is None or process.command != self.children[pid].command
                for pid, process in left.items()
            )

        await eventually("every process to end", none_left)


@pytest.fixture
def demo(tmp_path):
    """Start `acc demo` with these further words, in an empty folder."""

    @contextlib.asynccontextmanager
    async def start(*words: str) -> AsyncIterator[Demo]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "acc", "demo", "--port", "21000", *words,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE, start_new_session=True, cwd=tmp_path,
            env=os.environ | {"TMPDIR": str(tmp_path)},
        )  # fmt: skip
        try:
            yield Demo(process, [], {})
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    return start


async def test_the_tour_ends_with_one_json_line_and_leaves_no_process(demo, tmp_path):
    async with demo("--once") as running:
        await running.read_until("1 ")
        assert len(running.nodes()) == 4
        code, notes = await running.end()
        await running.all_gone()
    assert code == 0, notes
    result = json.loads(running.lines[-1])
    assert set(result) == RESULT
    assert (result["ok"], result["nodes"], result["supply_conserved"]) == (True, 4, True)
    for name in RESULT - {"ok", "supply_conserved"}:
        assert isinstance(result[name], int)
        assert result[name] > 0
    steps = [line.split()[0] for line in running.lines[:-1] if not line.startswith(" ")]
    assert sorted(set(steps), key=int) == [str(number) for number in range(1, 12)]
    committed = [line for line in running.lines if "proof checked" in line]
    assert len(committed) >= 9, "each step is a committed transaction"
    assert all("height" in line and "id" in line for line in committed)
    assert "4 nodes are running" in notes
    assert not list(tmp_path.iterdir()), "its network is gone as well"


async def test_a_step_that_fails_says_so_in_the_last_line(demo):
    async with demo("--once") as running:
        await running.read_until("3 ")
        for node in running.nodes()[:3]:
            os.kill(node.pid, signal.SIGKILL)
        code, notes = await running.end()
        await running.all_gone()
    assert code == 1
    said = json.loads(running.lines[-1])
    assert set(said) == {"ok", "step", "code", "fix"}
    assert said["ok"] is False
    assert all(isinstance(said[name], str) and said[name] for name in ("step", "code", "fix"))
    assert "node.log" in notes


@pytest.mark.parametrize(("sig", "line"), [(signal.SIGTERM, ""), (signal.SIGINT, "3 ")])
async def test_ctrl_c_leaves_no_process_behind(demo, tmp_path, sig, line):
    async with demo("--once") as running:
        if line:
            await running.read_until(line)
        else:

            async def nodes_start() -> bool:
                return len(running.nodes()) == 4

            await eventually("the nodes to start", nodes_start)
            running.watch()
        os.kill(running.process.pid, sig)
        code, notes = await running.end()
        await running.all_gone()
    assert code == ExitCode.INTERRUPTED
    assert "Traceback" not in notes
    assert not list(tmp_path.iterdir())
