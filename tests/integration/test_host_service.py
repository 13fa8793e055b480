"""DApps of a node: installed by hash, started, stopped, restarted, crossed to and from."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
from support.bridge_chains import ALICE, BOB, RELAY_FEE
from support.dapp_chain import address, read_dapp
from support.dapp_node import (
    event_of,
    eventually,
    holds,
    main_genesis,
    reachable,
    runner_pid,
    running_node,
)

from chain_engine.blocks.bridge import CallBody
from chain_engine.codec.canonical import encode
from chain_engine.ledger.audit import audit_pair
from chain_engine.primitives.errors import ChainError, NotFound
from sidechain_host.calls import CallPayload, encode_arguments
from sidechain_host.package import PackageMismatch
from sidechain_host.packages import PackageStore
from sidechain_host.service import DAppHost


async def test_a_dapp_is_installed_crossed_to_and_from_and_survives(tmp_path):
    package, genesis = read_dapp("bank"), main_genesis()
    async with running_node(tmp_path, genesis) as node:
        chain_id = await node.register(package)
        node.dapps.packages.add(package)
        status = await node.dapps.install("bank")
        assert (status.chain_id, status.state, status.error) == (chain_id, "running", "")
        async with node.client("bank") as side, node.client() as main:
            await eventually(lambda: reachable(side))
            body = CallBody("deposit.open", encode_arguments({"to": address(BOB)}), 500_000)
            sent = await node.send(chain_id, ALICE, 900, kind="CALL", body=encode(body))
            assert sent["code"] == ""
            await eventually(lambda: event_of(side, "Opened"))
            settled = await eventually(lambda: event_of(main, "MessageSettled"))
            assert settled["data"]["status"] == "DELIVERED"

            await node.send(chain_id, BOB, 9_000_000)
            await eventually(lambda: holds(side, BOB, 9_000_000))
            description = (await side.describe_dapp())["description"]
            assert description["package"] == package.hash.hex()
            paid = CallPayload(
                "lock.pay", encode_arguments({"id": 1, "to": address(BOB), "amount": "400"})
            )
            receipt = await node.submit(BOB, "dapp.call", paid, chain="bank", gas=500_000)
            assert receipt["code"] == ""
            out = CallPayload(
                "withdraw",
                encode_arguments(
                    {"to": address(BOB), "asset": "ACC", "amount": "300", "fee": str(RELAY_FEE)}
                ),
            )
            before = (await main.account(address(BOB))).balances["ACC"]
            assert (await node.submit(BOB, "dapp.call", out, chain="bank", gas=500_000))[
                "code"
            ] == ""
            await eventually(lambda: holds(main, BOB, before + 300))
            await eventually(lambda: event_of(side, "MessageSettled"))
            held = await side.query("held", account=address(BOB), asset="ACC")
            assert int(held["free"]) == (await side.account(address(BOB))).balances["ACC"]
        sidechain = node.dapps._chains.find("bank")
        audit_pair(node.main.store.view(), node.main.chain_id, sidechain.store.view(), chain_id)
        height = sidechain.store.tip.height

    await restarted(tmp_path, genesis, chain_id, height)


async def restarted(tmp_path, genesis, chain_id, height):
    """The same folder once more: the DApp goes on where it was."""
    async with running_node(tmp_path, genesis) as node, node.client("bank") as side:
        await eventually(lambda: reachable(side))
        assert (await side.header()).header.height >= height
        (status,) = node.dapps.host.installed()
        assert status.state == "running"
        pid = await eventually(lambda: runner_pid(node))
        os.kill(pid, signal.SIGKILL)
        count = CallPayload("count", "{}")
        receipt = await node.submit(BOB, "dapp.call", count, chain="bank", gas=200_000)
        assert receipt["code"] == ""
        assert await runner_pid(node) != pid

        await node.dapps.host.stop(chain_id)
        with pytest.raises(ChainError):
            await side.header()
        assert node.dapps.host.installed()[0].state == "stopped"
        await node.dapps.host.start(chain_id)
        await eventually(lambda: reachable(side))
        await node.dapps.host.remove(chain_id)
        assert node.dapps.host.installed() == []
        with pytest.raises(NotFound):
            await node.dapps.host.start(chain_id)


async def test_a_package_with_one_wrong_byte_is_refused_at_install(tmp_path):
    package = read_dapp("bank")
    damaged = bytearray(package.raw)
    damaged[-2] ^= 1

    async def download(_: bytes, path: Path, __: int) -> Path:
        await asyncio.to_thread(path.write_bytes, bytes(damaged))
        return path

    store = PackageStore(tmp_path)
    with pytest.raises(PackageMismatch):
        await store.fetch(package.hash, len(package.raw), download)
    assert store.find_package(package.hash) is None


async def test_a_package_damaged_on_disk_is_fetched_again(tmp_path):
    package = read_dapp("bank")
    store = PackageStore(tmp_path)
    store.add(package).write_bytes(b"damaged")
    with pytest.raises(PackageMismatch):
        store.read(package.hash)

    async def download(_: bytes, path: Path, __: int) -> Path:
        await asyncio.to_thread(path.write_bytes, package.raw)
        return path

    assert (await store.fetch(package.hash, len(package.raw), download)).raw == package.raw
    assert store.read(package.hash).files == package.files


async def test_a_dapp_that_crashes_is_started_again_and_can_be_stopped(tmp_path):
    package, genesis = read_dapp("bank"), main_genesis()
    launched = asyncio.Queue()

    async def crash(loaded):
        pid = loaded.machine.runner.process.pid
        launched.put_nowait(pid)
        raise OSError("the disk is gone")

    async with running_node(tmp_path, genesis) as node:
        chain_id = await node.register(package)
        node.dapps.packages.add(package)
        registration = node.dapps._registration("bank")
    packages = PackageStore(tmp_path / "packages")
    host = DAppHost(tmp_path / "dapps", packages, launch=crash, first_delay_s=0.01)
    async with host:
        await host.install(registration, None)
        pids = [await asyncio.wait_for(launched.get(), 60) for _ in range(2)]
        assert pids[0] != pids[1]
        status = host.status(chain_id)
        assert "disk" in status.error
        assert status.restarts >= 1
        await host.stop(chain_id)
        assert host.status(chain_id).state == "stopped"
    again = DAppHost(tmp_path / "dapps", packages, launch=crash)
    async with again:
        assert [(s.chain_id, s.state) for s in again.installed()] == [(chain_id, "stopped")]


async def test_a_dapp_installed_twice_at_once_runs_once(tmp_path):
    package, genesis = read_dapp("bank"), main_genesis()
    async with running_node(tmp_path, genesis) as node:
        await node.register(package)
        registration = node.dapps._registration("bank")
    launched = []

    async def launch(loaded):
        launched.append(loaded)
        await asyncio.get_running_loop().create_future()

    async def download(_: bytes, path: Path, __: int) -> Path:
        await asyncio.to_thread(path.write_bytes, package.raw)
        return path

    store = PackageStore(tmp_path / "packages of another node")
    async with DAppHost(tmp_path / "dapps", store, launch=launch) as host:
        both = await asyncio.gather(*(host.install(registration, download) for _ in range(2)))
        assert len({status.chain_id for status in both}) == 1

        async def has_started():
            return bool(launched)

        await eventually(has_started)
        tasks = [task for task in asyncio.all_tasks() if task.get_name().startswith("dapp ")]
        assert len(tasks) == 1


async def test_only_the_registered_package_of_this_host_is_installed(tmp_path):
    package, genesis = read_dapp("bank"), main_genesis()
    async with running_node(tmp_path, genesis) as node:
        await node.register(package)
        with pytest.raises(ChainError):
            await node.dapps.install("bank")  # no peer has it
        with pytest.raises(NotFound):
            await node.dapps.install("nothing")
        assert node.dapps.host.installed() == []
