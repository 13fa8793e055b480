"""A network of real node processes with the ECC DApp running on it, and how tests use it."""

import asyncio
import json
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acc.deploy import Deployed, deploy_dapp
from acc.devnet import Devnet, DevnetAccount
from acc.tour import DAPP
from acc.transactions import Order, prepare_transaction
from chain_engine.blocks.bridge import CallBody
from chain_engine.codec.canonical import encode
from chain_engine.crypto.keys import SecretKey
from chain_engine.http.client import ChainClient, SubmitOutcome
from chain_engine.ledger.audit import audit, audit_pair
from chain_engine.ledger.kinds.account_transfer import TransferPayload
from chain_engine.ledger.kinds.chain_send import SendPayload
from chain_engine.storage.chain_store import ChainStore
from sidechain_host.calls import CallPayload, encode_arguments

WAIT_S = 60.0
ACC = 1_000_000
RELAY_FEE = ACC
CALL_GAS = 900_000
DAY_MS = 24 * 3_600_000
PACE = {"block_interval_ms": 200, "idle_interval_ms": 1_000, "checkpoint_blocks": 1}
"""Chain parameters with which nothing in a test waits long."""


async def eventually(what: str, holds: Callable[[], Awaitable[Any]]) -> Any:
    """Wait for an effect of other processes; returns what `holds` gave."""
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        value = await holds()
        if value:
            return value
        await asyncio.sleep(0.05)
    message = f"waited {WAIT_S} s for {what}"
    raise AssertionError(message)


def copy_package(source: Path, folder: Path, **changes: Any) -> Path:
    """A copy of a package whose chain parameters are changed."""
    shutil.copytree(source, folder)
    manifest = json.loads((folder / "dapp.json").read_text())
    manifest["chain"] |= changes
    (folder / "dapp.json").write_text(json.dumps(manifest))
    return folder


@dataclass(frozen=True)
class Answer:
    """What a node answered to one submitted transaction."""

    status: int
    """HTTP status."""

    media_type: str
    """Of the body."""

    document: dict[str, Any]
    """The body."""

    @property
    def code(self) -> str:
        """Error code, or empty."""
        return self.document.get("code", "")


async def post_transaction(client: ChainClient, raw: bytes) -> Answer:
    """Submit one transaction and see the bare answer."""
    headers = {"Content-Type": "application/msgpack"}
    url = client.path + "/transactions"
    async with client.session().post(url, data=encode([raw]), headers=headers) as response:
        return Answer(
            response.status, response.content_type, await response.json(content_type=None)
        )


async def state_root(client: ChainClient) -> str:
    """Root of the committed state."""
    return (await client.status())["state_root"]


@dataclass
class RunningEcc:
    """The network, with clients of both chains at every node."""

    net: Devnet
    deployed: Deployed
    mains: list[ChainClient]
    eccs: list[ChainClient]
    seen: dict[str, int] = field(default_factory=dict)
    """Greatest height committed through here, by chain."""

    @property
    def main(self) -> ChainClient:
        """The main chain at the first node."""
        return self.mains[0]

    @property
    def ecc(self) -> ChainClient:
        """The ECC chain at the first node."""
        return self.eccs[0]

    def account(self, name: str) -> DevnetAccount:
        """A funded account."""
        return self.net.accounts[name]

    async def commit(self, client: ChainClient, key: SecretKey, order: Order) -> SubmitOutcome:
        """Commit an order; the receipt must say that it did what it should."""
        await self._catch_up(client)
        signed = await prepare_transaction(client, key, order)
        outcome = await client.submit_and_wait(signed.raw, timeout_ms=60_000)
        assert outcome.receipt is not None
        assert outcome.receipt["code"] == "", outcome.receipt
        assert outcome.height is not None
        self.seen[_chain(client)] = max(outcome.height, self.seen.get(_chain(client), 0))
        return outcome

    async def _catch_up(self, client: ChainClient) -> None:
        """Wait until a node has what was committed through others: nonces are asked of it."""

        async def has_it() -> bool:
            height: int = (await client.status())["height"]
            return height >= self.seen.get(_chain(client), 0)

        await eventually("a node to catch up", has_it)

    async def pay(self, sender: str, recipient: str, units: int, *, node: int = 0) -> SubmitOutcome:
        """Commit a transfer on the main chain."""
        payload = TransferPayload("ACC", self.account(recipient).account, units, "")
        order = Order("account.transfer", payload)
        return await self.commit(self.mains[node], self.account(sender).key, order)

    async def call(
        self, sender: str, method: str, arguments: dict[str, Any], *, node: int = 0
    ) -> SubmitOutcome:
        """Commit a call of the ECC contract."""
        payload = CallPayload(method, encode_arguments(arguments))
        order = Order("dapp.call", payload, gas_limit=CALL_GAS)
        return await self.commit(self.eccs[node], self.account(sender).key, order)

    async def send(
        self, sender: str, units: int, call: tuple[str, dict[str, Any]] | None = None
    ) -> SubmitOutcome:
        """Commit the main chain's side of a deposit to ECC."""
        body = b""
        if call is not None:
            body = encode(CallBody(call[0], encode_arguments(call[1]), gas_limit=CALL_GAS))
        payload = SendPayload(
            destination=self.deployed.chain_id, kind="CALL" if call else "TRANSFER", asset="ACC",
            amount=units, recipient=self.account(sender).account,
            expires_at_ms=time.time_ns() // 1_000_000 + DAY_MS, fee=RELAY_FEE, memo="", body=body,
        )  # fmt: skip
        order = Order("chain.send", payload)
        return await self.commit(self.main, self.account(sender).key, order)

    async def withdraw(self, sender: str, units: int) -> SubmitOutcome:
        """Commit ECC's side of a withdrawal to the sender's account on the main chain."""
        arguments = {"to": self.account(sender).address, "asset": "ACC", "amount": str(units),
                     "fee": str(RELAY_FEE)}  # fmt: skip
        return await self.call(sender, "withdraw", arguments)

    async def deposited(self, sender: str, units: int) -> None:
        """Deposit with the help of whoever relays, and wait until it is there."""
        before = await self.balance(self.ecc, sender)
        await self.send(sender, units)

        async def arrived() -> bool:
            return await self.balance(self.ecc, sender) >= before + units

        await eventually("a deposit", arrived)

    async def balance(self, client: ChainClient, name: str) -> int:
        """Units of ACC of a funded account."""
        return (await client.account(self.account(name).address)).balances.get("ACC", 0)

    async def open_escrow(self, payer: str, payee: str, units: int) -> int:
        """Open an escrow by a call on ECC; returns its id."""
        await self.call(payer, "escrow.open", self.escrow_offer(payer, payee, units))
        found = await self.ecc.query("escrows", payer=self.account(payer).address, order="desc")
        return int(found["data"][0]["id"])

    def escrow_offer(self, payer: str, payee: str, units: int) -> dict[str, Any]:
        """Arguments of `escrow.open` for one milestone."""
        now_s = int(time.time())
        return {
            "payer": self.account(payer).address, "payee": self.account(payee).address,
            "asset": "ACC", "kind": "goods", "agreement_hash": "11" * 32, "silence": "release",
            "accept_by": now_s + 3_600,
            "milestones": [{"amount": str(units), "deliver_by": now_s + 86_400,
                            "confirm_secs": 86_400}],
        }  # fmt: skip

    async def is_quiet(self) -> bool:
        """Whether no message or ack is on its way between the two chains."""
        (main,) = [c for c in await self.main.commitments() if c.peer == self.deployed.chain_id]
        (side,) = await self.ecc.commitments()
        return (
            main.outbox_size == side.ack_size == main.settle_next
            and side.outbox_size == main.ack_size == side.settle_next
        )

    def audit(self) -> list[tuple[dict[str, int], dict[str, int], list[Any]]]:
        """Per node, from its files: both chains' supplies and what is between them."""
        found = []
        for node in self.net.nodes:
            chains = node.home / "chains"
            side_file = chains / self.deployed.chain_id.hex() / "chain.sqlite"
            with (
                ChainStore.open(chains / "main" / "chain.sqlite", read_only=True) as main,
                ChainStore.open(side_file, read_only=True) as side,
            ):
                views = main.view(), side.view()
                crossings = audit_pair(views[0], main.chain_id, views[1], side.chain_id)
                found.append((audit(views[0]).supply, audit(views[1]).supply, crossings))
        return found


def _chain(client: ChainClient) -> str:
    """The same for every node's client of a chain."""
    return client.path.removeprefix(client.base_url)


@asynccontextmanager
async def running_ecc(folder: Path, **options: Any) -> AsyncIterator[RunningEcc]:
    """Start a network and deploy a quick ECC on it; `options` are those of `Devnet.create`."""
    package = copy_package(DAPP, folder / "ecc", **PACE)
    options = {"interval_ms": 200, "idle_interval_ms": 1_000, "dapps": ("ecc",)} | options
    async with AsyncExitStack() as stack:
        net = await stack.enter_async_context(Devnet.create(folder / "net", **options))
        mains = [await stack.enter_async_context(ChainClient(url)) for url in net.urls]
        deployed = await deploy_dapp(net, mains[0], package, net.accounts["issuer"])
        eccs = [await stack.enter_async_context(ChainClient(url, chain="ecc")) for url in net.urls]
        yield RunningEcc(net, deployed, mains, eccs)
