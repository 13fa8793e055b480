"""A whole node in this process: main chain, API, a DApp installed by hash, a relayer."""

import asyncio
import os
import signal
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.bridge_chains import (
    ALICE,
    BOB,
    BOND,
    CAROL,
    RELAY_FEE,
    account_of,
    genesis_entries,
    key_of,
    parameters_of,
)
from support.dapp_chain import address, delegates_of, read_dapp

from acc.dapps import NodeDApps
from chain_engine.blocks.bridge import CallBody
from chain_engine.blocks.build import build_transaction, sign_transaction
from chain_engine.blocks.genesis import Genesis
from chain_engine.codec.canonical import encode
from chain_engine.http.application import build_application, serve
from chain_engine.http.chains import ChainDirectory
from chain_engine.http.client import ChainClient
from chain_engine.http.peer.network import PeerNetwork
from chain_engine.http.peer.server import PeerServer
from chain_engine.http.settings import HttpSettings
from chain_engine.ledger.audit import audit_pair
from chain_engine.ledger.kinds.chain_send import SendPayload
from chain_engine.mempool.pool import PoolLimits
from chain_engine.node.chain_node import ChainFiles, ChainNode, clock_ms, open_chain
from chain_engine.node.verification import SignatureVerifier
from chain_engine.primitives.errors import ChainError, NotFound
from mainchain.ledger.kinds.chain_register import RegisterPayload
from mainchain.ledger.machine import MainLedger
from sidechain_host.calls import CallPayload, encode_arguments
from sidechain_host.genesis import MainAnchor, build_sidechain_genesis
from sidechain_host.package import PackageMismatch
from sidechain_host.packages import PackageStore
from sidechain_host.runner import RunnerSettings

KEY = key_of(1)
FEE = 2_000_000
DAY_MS = 86_400_000


@dataclass
class Node:
    main: ChainNode
    dapps: NodeDApps
    url: str
    server: PeerServer

    def client(self, chain: str | None = None) -> ChainClient:
        return ChainClient(self.url, chain=chain)

    async def submit(self, key: Any, kind: str, payload: Any, *, chain=None, gas: int = 0) -> Any:
        """Submit a transaction and return its receipt."""
        async with self.client(chain) as client:
            tip = await client.header()
            chain_id = tip.header.chain_id if tip.header.height else tip.id
            account = await client.account(address(key))
            tx = build_transaction(
                chain_id=chain_id, kind=kind, sender=account_of(key), nonce=account.nonce,
                valid_until_height=tip.header.height + 1000, fee=FEE, gas_limit=gas,
                payload=payload,
            )  # fmt: skip
            signed = sign_transaction(tx, chain_id, [key])
            return (await client.submit_and_wait(signed.raw, timeout_ms=30_000)).receipt

    async def register(self, package) -> bytes:
        store = self.main.store
        anchor = MainAnchor(store.chain_id, store.tip, store.delegates, store.parameters)
        start = build_sidechain_genesis(
            package, name="bank", delegates=delegates_of(KEY), anchor=anchor
        )
        payload = RegisterPayload(
            name="bank", package_hash=package.hash, package_bytes=len(package.raw),
            parameters=start.genesis.parameters, delegates=start.genesis.delegates,
            genesis=start.block.header, anchor_height=store.tip.height, bond=BOND,
        )  # fmt: skip
        assert (await self.submit(CAROL, "chain.register", payload))["code"] == ""
        return start.chain_id


def main_genesis() -> Genesis:
    parameters = parameters_of(block_interval_ms=50, idle_interval_ms=1000, trusting_period_ms=DAY_MS)
    entries = genesis_entries({account_of(k): {"ACC": 10**12} for k in (ALICE, BOB, CAROL)})
    return Genesis(1, "acc", clock_ms() - 1000, parameters, delegates_of(KEY), entries, ())


@asynccontextmanager
async def running_node(folder: Path, genesis: Genesis, *, relay: bool = True):
    store = open_chain(folder / "main" / "chain.sqlite", genesis)
    verifier = SignatureVerifier(1)
    network = PeerNetwork(KEY, [], network=store.chain_id)
    main = ChainNode(name="main", store=store, machine=MainLedger(store.chain_id, store.parameters),
                     files=ChainFiles(folder / "main"), key=KEY, network=network,
                     verifier=verifier, pool_limits=PoolLimits())  # fmt: skip
    chains = ChainDirectory(main)
    dapps = NodeDApps(folder=folder, main=main, key=KEY, peers=[], network=network, chains=chains,
                      verifier=verifier, pool_limits=PoolLimits(), runner=RunnerSettings(),
                      wanted=(), relay=relay)  # fmt: skip
    server = PeerServer(KEY, network=store.chain_id, packages=dapps.packages)
    settings = HttpSettings(port=0)
    application = build_application(chains, settings=settings, peers=server)
    tasks: list[asyncio.Task[None]] = []
    try:
        async with serve(application, settings) as running, network:
            tasks = [asyncio.create_task(work) for work in (main.run(), dapps.run(running.url, server))]
            yield Node(main, dapps, running.url, server)
            assert not any(task.done() for task in tasks)
            await stopped(tasks)
    finally:
        await stopped(tasks)
        verifier.close()
        store.close()


async def stopped(tasks):
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def eventually(check, *, timeout_s: float = 60.0):
    """Wait until `check` is true; it says what it waits for by its name."""
    async with asyncio.timeout(timeout_s):
        while not (found := await check()):
            await asyncio.sleep(0.02)
        return found


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
            sent = SendPayload(chain_id, "CALL", "ACC", 900, account_of(ALICE),
                               clock_ms() + DAY_MS, 10_000, "", encode(body))  # fmt: skip
            assert (await node.submit(ALICE, "chain.send", sent))["code"] == ""
            await eventually(lambda: event_of(side, "Opened"))
            settled = await eventually(lambda: event_of(main, "MessageSettled"))
            assert settled["data"]["status"] == "DELIVERED"

            plain = SendPayload(chain_id, "TRANSFER", "ACC", 9_000_000, account_of(BOB),
                                clock_ms() + DAY_MS, 10_000, "", b"")  # fmt: skip
            await node.submit(ALICE, "chain.send", plain)
            await eventually(lambda: holds(side, BOB, 9_000_000))
            description = (await side.describe_dapp())["description"]
            assert description["package"] == package.hash.hex()
            paid = CallPayload("lock.pay", encode_arguments(
                {"id": 1, "to": address(BOB), "amount": "400"}))  # fmt: skip
            receipt = await node.submit(BOB, "dapp.call", paid, chain="bank", gas=500_000)
            assert receipt["code"] == ""
            out = CallPayload("withdraw", encode_arguments(
                {"to": address(BOB), "asset": "ACC", "amount": "300", "fee": str(RELAY_FEE)}))  # fmt: skip
            before = (await main.account(address(BOB))).balances["ACC"]
            assert (await node.submit(BOB, "dapp.call", out, chain="bank", gas=500_000))["code"] == ""
            await eventually(lambda: holds(main, BOB, before + 300))
            await eventually(lambda: event_of(side, "MessageSettled"))
            held = await side.query("held", account=address(BOB), asset="ACC")
            assert int(held["free"]) == (await side.account(address(BOB))).balances["ACC"]
        sidechain = node.dapps._chains.find("bank")
        audit_pair(node.main.store.view(), node.main.chain_id, sidechain.store.view(), chain_id)
        height = sidechain.store.tip.height

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


async def reachable(client):
    try:
        return await client.header()
    except ChainError:
        return None


async def event_of(client, name):
    return next(iter((await client.events(name=name)).data), None)


async def holds(client, key, amount):
    return (await client.account(address(key))).balances.get("ACC", 0) == amount


async def runner_pid(node):
    chain = node.dapps._chains.find("bank")
    process = chain.loaded.machine.runner.process
    return process.pid if process else None


async def test_a_package_with_one_wrong_byte_is_refused_at_install(tmp_path):
    package = read_dapp("bank")
    damaged = bytearray(package.raw)
    damaged[-2] ^= 1

    async def download(_: bytes, path: Path, __: int) -> Path:
        path.write_bytes(bytes(damaged))
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
        path.write_bytes(package.raw)
        return path

    assert (await store.fetch(package.hash, len(package.raw), download)).raw == package.raw
    assert store.read(package.hash).files == package.files
