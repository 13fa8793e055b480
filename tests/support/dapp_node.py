"""A whole node in one process: main chain, HTTP API, DApps in the real sandbox, relayers."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.bridge_chains import (
    ALICE,
    BOB,
    BOND,
    CAROL,
    account_of,
    genesis_entries,
    key_of,
    parameters_of,
)
from support.dapp_chain import address, delegates_of

from acc.dapps import NodeDApps
from chain_engine.blocks.build import build_transaction, sign_transaction
from chain_engine.blocks.genesis import Genesis
from chain_engine.http.application import build_application, serve
from chain_engine.http.chains import ChainDirectory
from chain_engine.http.client import ChainClient
from chain_engine.http.peer.network import PeerNetwork
from chain_engine.http.peer.server import PeerServer
from chain_engine.http.settings import HttpSettings
from chain_engine.ledger.kinds.chain_send import SendPayload
from chain_engine.mempool.pool import PoolLimits
from chain_engine.node.chain_node import ChainFiles, ChainNode, clock_ms, open_chain
from chain_engine.node.verification import SignatureVerifier
from chain_engine.primitives.errors import ChainError
from mainchain.ledger.kinds.chain_register import RegisterPayload
from mainchain.ledger.machine import MainLedger
from sidechain_host.genesis import MainAnchor, build_sidechain_genesis
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
                chain_id=chain_id,
                kind=kind,
                sender=account_of(key),
                nonce=account.nonce,
                valid_until_height=tip.header.height + 1000,
                fee=FEE,
                gas_limit=gas,
                payload=payload,
            )
            signed = sign_transaction(tx, chain_id, [key])
            return (await client.submit_and_wait(signed.raw, timeout_ms=30_000)).receipt

    async def send(self, chain_id: bytes, key: Any, amount: int, **more: Any) -> Any:
        """Send ACC from the main chain to the account of `key` on the sidechain."""
        fields = {"kind": "TRANSFER", "fee": 10_000, "body": b""} | more
        payload = SendPayload(
            destination=chain_id,
            asset="ACC",
            amount=amount,
            recipient=account_of(key),
            expires_at_ms=clock_ms() + DAY_MS,
            memo="",
            **fields,
        )
        return await self.submit(key, "chain.send", payload)

    async def register(self, package) -> bytes:
        store = self.main.store
        anchor = MainAnchor(store.chain_id, store.tip, store.delegates, store.parameters)
        start = build_sidechain_genesis(
            package, name="bank", delegates=delegates_of(KEY), anchor=anchor
        )
        payload = RegisterPayload(
            name="bank",
            package_hash=package.hash,
            package_bytes=len(package.raw),
            parameters=start.genesis.parameters,
            delegates=start.genesis.delegates,
            genesis=start.block.header,
            anchor_height=store.tip.height,
            bond=BOND,
        )
        assert (await self.submit(CAROL, "chain.register", payload))["code"] == ""
        return start.chain_id


def main_genesis() -> Genesis:
    parameters = parameters_of(
        block_interval_ms=50, idle_interval_ms=1000, trusting_period_ms=DAY_MS
    )
    entries = genesis_entries({account_of(k): {"ACC": 10**12} for k in (ALICE, BOB, CAROL)})
    return Genesis(1, "acc", clock_ms() - 1000, parameters, delegates_of(KEY), entries, ())


@asynccontextmanager
async def running_node(folder: Path, genesis: Genesis, *, relay: bool = True):
    store = open_chain(folder / "main" / "chain.sqlite", genesis)
    verifier = SignatureVerifier(1)
    network = PeerNetwork(KEY, [], network=store.chain_id)
    main = ChainNode(
        name="main",
        store=store,
        machine=MainLedger(store.chain_id, store.parameters),
        files=ChainFiles(folder / "main"),
        key=KEY,
        network=network,
        verifier=verifier,
        pool_limits=PoolLimits(),
    )
    chains = ChainDirectory(main)
    dapps = NodeDApps(
        folder=folder,
        main=main,
        key=KEY,
        peers=[],
        network=network,
        chains=chains,
        verifier=verifier,
        pool_limits=PoolLimits(),
        runner=RunnerSettings(),
        wanted=(),
        relay=relay,
    )
    server = PeerServer(KEY, network=store.chain_id, packages=dapps.packages)
    settings = HttpSettings(port=0)
    application = build_application(chains, settings=settings, peers=server)
    tasks: list[asyncio.Task[None]] = []
    try:
        async with serve(application, settings) as running, network:
            tasks = [
                asyncio.create_task(work) for work in (main.run(), dapps.run(running.url, server))
            ]
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


async def eventually(check, *, timeout_s: float = 10.0):
    """Wait until `check` is true; it says what it waits for by its name."""
    async with asyncio.timeout(timeout_s):
        while not (found := await check()):  # noqa: ASYNC110 - a question to an API
            await asyncio.sleep(0.02)
        return found


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
