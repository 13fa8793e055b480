"""Devnets of real node processes: started, used from the command line, killed, continued."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from acc.cli.main import main
from acc.devnet import Devnet, NodeDied
from chain_engine.http.client import ChainClient

WAIT_S = 60

PACE = {"interval_ms": 200, "idle_interval_ms": 400}
"""Blocks come quickly also while nothing happens."""


Acc = Callable[..., dict[str, Any]]


@pytest.fixture
def acc(capsys: pytest.CaptureFixture[str]) -> Acc:
    """Run one command with --json in this process and return what it printed."""

    def run(*words: object, code: int = 0) -> dict[str, Any]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([*(str(word) for word in words), "--json"])
        out, err = capsys.readouterr()
        assert (ended.value.code or 0) == code, out + err
        return json.loads(out)

    return run


@contextmanager
def running_devnet(home: Path, *words: object) -> Iterator[tuple[subprocess.Popen[str], Any]]:
    """`acc devnet` as a user starts it, and what it printed when all nodes were ready."""
    command = [
        sys.executable,
        "-m",
        "acc",
        "devnet",
        "--home",
        str(home),
        "--json",
        *(str(word) for word in words),
    ]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.stderr.read() if process.stderr else ""
        yield process, json.loads(line)
    finally:
        process.kill()
        process.communicate(timeout=WAIT_S)


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


async def all_dead(pids: list[int]) -> None:
    async with asyncio.timeout(WAIT_S):
        while any(is_alive(pid) for pid in pids):  # noqa: ASYNC110 - not our children
            await asyncio.sleep(0.02)


async def height_from(client: ChainClient, height: int) -> int:
    """The chain's height once it is at least `height`."""
    async with asyncio.timeout(WAIT_S):
        # another process's progress has no event to wait for
        while (now := (await client.status())["height"]) < height:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return now


def children_of(pids: list[int]) -> list[int]:
    found = []
    for pid in pids:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        found += [int(child) for child in text.split()]
    return found


@pytest.mark.parametrize("sig", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
async def test_no_process_is_left_however_the_devnet_ends(tmp_path: Path, sig: signal.Signals):
    with running_devnet(tmp_path, "--nodes", 2, "--port", 20_000) as (process, said):
        pids = [node["pid"] for node in said["nodes"]]
        pids += children_of(pids)
        assert all(is_alive(pid) for pid in pids)
        os.kill(process.pid, sig)
        process.communicate(timeout=WAIT_S)
        await all_dead(pids)
    assert process.returncode == (0 if sig != signal.SIGKILL else -signal.SIGKILL)


def test_a_payment_by_command_line_arrives(acc: Acc, tmp_path: Path):
    home = tmp_path / "net"
    with running_devnet(home, "--nodes", 1, "--port", 20_000):
        words = ("--amount", "12.5", "--devnet", home)
        sent = acc("tx", "transfer", "--from", "alice", "--to", "bob", "--wait", *words)
        assert (sent["ok"], sent["status"], sent["receipt"]["code"]) == (True, "committed", "")
        bob = acc("query", "account", "bob", "--devnet", home)
        assert bob["balances"] == {"ACC": "1000012500000"}
        seen = acc("query", "tx", sent["id"], "--devnet", home)
        assert (seen["height"], seen["kind"]) == (sent["height"], "account.transfer")
        block = acc("query", "block", sent["height"], "--devnet", home)
        assert block["transaction_count"] == 1
        names = [event["name"] for event in acc("query", "events", "--devnet", home)["data"]]
        assert "Transferred" in names
        blocks = acc("query", "blocks", "--devnet", home)["data"]
        assert [entry["header"]["height"] for entry in blocks][-1] == 0


def test_a_payment_beyond_the_balance_is_refused_with_code_and_fix(acc: Acc, tmp_path: Path):
    with running_devnet(tmp_path, "--nodes", 1, "--port", 20_000):
        words = ("--from", "alice", "--to", "bob", "--amount", "1000001", "--devnet", tmp_path)
        error = acc("tx", "transfer", *words, code=1)
        assert (error["ok"], error["code"]) == (False, "INSUFFICIENT_FUNDS")
        assert error["fix"]
        missing = acc("query", "tx", "ab" * 32, "--devnet", tmp_path, code=1)
        assert missing["code"] == "NOT_FOUND"
    gone = acc("query", "status", "--devnet", tmp_path, code=4)
    assert gone["code"] == "NODE_UNREACHABLE"


def test_a_taken_port_is_replaced_by_the_next_free_one_and_said(acc: Acc, tmp_path: Path):
    with running_devnet(tmp_path / "a", "--nodes", 1, "--port", 20_000) as (_, one):
        port = one["nodes"][0]["url"].rpartition(":")[2]
        with running_devnet(tmp_path / "b", "--nodes", 1, "--port", port) as (process, two):
            assert int(two["nodes"][0]["url"].rpartition(":")[2]) > int(port)
            process.terminate()
            _, notes = process.communicate(timeout=WAIT_S)
            assert f"Port {port} is taken" in notes
        again = acc("devnet", "--home", tmp_path / "a", code=3)
        assert again["code"] == "FOLDER_IN_USE"


async def test_a_devnet_goes_on_from_where_it_stopped(tmp_path: Path):
    async with Devnet.create(tmp_path, nodes=1, **PACE) as net, ChainClient(net.url) as client:
        key = net.accounts["alice"].address
        height = await height_from(client, 2)
        chain = (await client.status())["chain_id"]
    async with Devnet.open(tmp_path) as net, ChainClient(net.url) as client:
        status = await client.status()
        assert (status["chain_id"], net.accounts["alice"].address) == (chain, key)
        assert status["height"] >= height


async def test_a_node_that_cannot_start_says_why_and_the_others_are_stopped(tmp_path: Path):
    net = Devnet.create(tmp_path, nodes=2)
    settings = net.nodes[1].home / "node.toml"
    settings.write_text(settings.read_text() + "\n[limits]\npage_max = 0\n")
    with pytest.raises(NodeDied) as caught:
        await net.start()
    assert caught.value.values["node"] == "node-2"
    assert caught.value.values["exit_code"] == 3
    assert "limits.page_max" in str(caught.value.values["tail"])
    assert not any(node.is_running for node in net.nodes)
