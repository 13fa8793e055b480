"""The tour: real transactions over HTTP, from an empty network to a withdrawn payment.

Every step is a committed transaction; the tour follows both chains as a light client and checks the
proof of each of its transactions itself. At the end it recomputes the supply out of the stored
state of every node.
"""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acc.deploy import deploy_dapp
from acc.devnet import Devnet, DevnetAccount
from acc.transactions import Order, prepare_transaction
from acc.verify import FollowedChain
from chain_engine.blocks.bridge import CallBody
from chain_engine.codec.canonical import encode
from chain_engine.http.client import ChainClient
from chain_engine.ledger.audit import audit_pair
from chain_engine.ledger.kinds.account_transfer import TransferPayload
from chain_engine.ledger.kinds.chain_send import SendPayload
from chain_engine.primitives.errors import ChainError
from chain_engine.storage.chain_store import ChainStore
from mainchain.genesis import COIN, UNITS_PER_ACC
from sidechain_host.calls import CallPayload, encode_arguments

DAPP = Path(__file__).parents[1] / "dapps" / "ecc"
"""The DApp the tour deploys."""

PRICE = 1_000 * UNITS_PER_ACC
"""What the buyer pays for the goods."""

FEES_ON_ECC = 20 * UNITS_PER_ACC
"""What each party takes along to pay for its own calls."""

RELAY_FEE = UNITS_PER_ACC
"""Fee of every bridge message of the tour."""

WAIT_S = 40.0
"""Longest wait for one effect of the bridge."""

DAY_MS = 24 * 3_600_000

Say = Callable[[str], None]


class TourFailed(ChainError):
    """A step of the tour did not do what it should."""

    code = "TOUR_FAILED"
    title = "A step of the tour did not do what it should."
    fix = "Read the lines above and the nodes' logs in the network's folder."
    status = 500


@dataclass(slots=True)
class Tour:
    """What the steps share."""

    net: Devnet
    """The network."""

    say: Say
    """Where the lines go."""

    main: ChainClient
    """The main chain at the first node."""

    ecc: ChainClient
    """The ECC chain at the first node."""

    followed_main: FollowedChain
    """Light client of the main chain."""

    followed_ecc: FollowedChain
    """Light client of the ECC chain."""

    ecc_id: bytes
    """Chain id of the ECC chain."""

    finality_ms: list[int] = field(default_factory=list)
    """From sending a main chain transaction to its committed receipt."""

    @property
    def buyer(self) -> DevnetAccount:
        """Who pays."""
        return self.net.accounts["alice"]

    @property
    def seller(self) -> DevnetAccount:
        """Who delivers."""
        return self.net.accounts["bob"]

    async def on_main(self, account: DevnetAccount, kind: str, payload: Any) -> str:
        """Commit a main chain transaction, check its proof, return `height, id` for a line."""
        started = time.monotonic()
        where = await self._commit(self.main, self.followed_main, account, Order(kind, payload))
        self.finality_ms.append(round((time.monotonic() - started) * 1000))
        return where

    async def on_ecc(
        self, account: DevnetAccount, method: str, arguments: dict[str, Any], gas_limit: int
    ) -> str:
        """The same for a call of the ECC DApp."""
        payload = CallPayload(method, encode_arguments(arguments))
        order = Order("dapp.call", payload, gas_limit=gas_limit)
        return await self._commit(self.ecc, self.followed_ecc, account, order)

    async def _commit(
        self, client: ChainClient, followed: FollowedChain, account: DevnetAccount, order: Order
    ) -> str:
        signed = await prepare_transaction(client, account.key, order)
        outcome = await client.submit_and_wait(signed.raw)
        if outcome.error is not None:
            raise outcome.error
        if outcome.height is None or outcome.receipt is None or outcome.receipt["code"]:
            raise TourFailed(transaction=signed.id, receipt=outcome.receipt)
        await followed.verify_transaction(client, signed)
        return f"height {outcome.height}, id {signed.id.hex()[:16]}…, proof checked"

    async def balance_on_main(self, account: DevnetAccount) -> int:
        """Units of ACC on the main chain."""
        return (await self.main.account(account.address)).balances.get(COIN, 0)

    async def balance_on_ecc(self, account: DevnetAccount) -> int:
        """Units of ACC on the ECC chain."""
        return (await self.ecc.account(account.address)).balances.get(COIN, 0)


async def run_tour(net: Devnet, say: Say) -> dict[str, Any]:
    """Walk through everything once; returns the summary object.

    Raises:
        ChainError: `values["step"]` names the step that failed.
    """
    async with AsyncExitStack() as stack:
        async with step("deploy"):
            tour = await _deploy(net, say, stack)
        async with step("fund"):
            await _fund(tour)
        async with step("deposit"):
            deposit_ms, escrow = await _deposit(tour)
        async with step("escrow"):
            escrow_ms = await _escrow(tour, escrow)
        async with step("withdraw"):
            withdrawal_ms = await _withdraw(tour)
        async with step("audit"):
            heights = await _audit(tour)
    return {
        "ok": True,
        "nodes": len(net.nodes),
        "main_height": heights[0],
        "sidechain_height": heights[1],
        "deposit_ms": deposit_ms,
        "escrow_ms": escrow_ms,
        "withdrawal_ms": withdrawal_ms,
        "finality_ms_median": round(statistics.median(tour.finality_ms)),
        "supply_conserved": True,
    }


@asynccontextmanager
async def step(name: str) -> AsyncIterator[None]:
    """Name the step in whatever error leaves it."""
    try:
        yield
    except ChainError as error:
        error.values.setdefault("step", name)
        raise


async def until(what: str, holds: Callable[[], Any]) -> Any:
    """Wait for an effect that comes with a later block; returns what `holds` gave."""
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        value = await holds()
        if value:
            return value
        await asyncio.sleep(0.1)
    raise TourFailed(waited_for=what, seconds=WAIT_S)


async def _deploy(net: Devnet, say: Say, stack: AsyncExitStack) -> Tour:
    main = await stack.enter_async_context(ChainClient(net.url))
    followed_main = FollowedChain.from_genesis_file(net.home / "genesis.json")
    deployed = await deploy_dapp(net, main, DAPP, net.accounts["issuer"])
    where = f"height {deployed.height}, id {deployed.transaction_id.hex()[:16]}…"
    say(f"1  ECC is registered and runs: chain {deployed.chain_id.hex()[:16]}…, {where}")
    say(f"   package {deployed.package_hash.hex()[:16]}… fetched by hash and run by all nodes")
    ecc = await stack.enter_async_context(ChainClient(net.url, chain="ecc"))
    followed_ecc = FollowedChain.from_genesis(deployed.genesis)
    return Tour(net, say, main, ecc, followed_main, followed_ecc, deployed.chain_id)


async def _fund(tour: Tour) -> None:
    treasury = tour.net.accounts["treasury"]
    for account, units in ((tour.buyer, 2 * PRICE), (tour.seller, FEES_ON_ECC)):
        payload = TransferPayload(COIN, account.account, units, "tour")
        where = await tour.on_main(treasury, "account.transfer", payload)
        tour.say(f"2  {account.name} is funded with {units // UNITS_PER_ACC} ACC: {where}")


async def _deposit(tour: Tour) -> tuple[int, int]:
    """The seller takes along fees; the buyer's deposit opens the escrow in one step."""
    where = await tour.on_main(
        tour.seller, "chain.send", _message(tour, tour.seller, FEES_ON_ECC, None)
    )
    tour.say(f"3  {tour.seller.name} sends {FEES_ON_ECC // UNITS_PER_ACC} ACC to ECC: {where}")
    now_s = int(time.time())
    arguments = {
        "payer": tour.buyer.address,
        "payee": tour.seller.address,
        "asset": COIN,
        "kind": "goods",
        "milestones": [
            {"amount": str(PRICE), "deliver_by": now_s + 86_400, "confirm_secs": 86_400}
        ],
        "agreement_hash": AGREEMENT_HASH,
        "silence": "release",
        "accept_by": now_s + 3_600,
    }
    started = time.monotonic()
    message = _message(tour, tour.buyer, PRICE + FEES_ON_ECC, ("escrow.open", arguments))
    where = await tour.on_main(tour.buyer, "chain.send", message)
    tour.say(f"4  {tour.buyer.name} sends {PRICE // UNITS_PER_ACC} ACC with a call: {where}")

    async def opened() -> Any:
        found = await tour.ecc.query("escrows", payer=tour.buyer.address)
        return found["data"]

    escrow = (await until("the escrow opened by the deposit", opened))[0]
    deposit_ms = round((time.monotonic() - started) * 1000)
    tour.say(f"   escrow {escrow['id']} is {escrow['state']} on ECC after {deposit_ms} ms")

    async def seller_has_fees() -> bool:
        return await tour.balance_on_ecc(tour.seller) > 0

    await until("the seller's deposit", seller_has_fees)
    return deposit_ms, int(escrow["id"])


AGREEMENT_HASH = "11" * 32
"""Hash of the document both parties mean."""


def _message(
    tour: Tour, account: DevnetAccount, amount: int, call: tuple[str, dict[str, Any]] | None
) -> SendPayload:
    body = b""
    if call is not None:
        method, arguments = call
        body = encode(CallBody(method, encode_arguments(arguments), gas_limit=1_000_000))
    return SendPayload(
        destination=tour.ecc_id,
        kind="CALL" if call else "TRANSFER",
        asset=COIN,
        amount=amount,
        recipient=account.account,
        expires_at_ms=time.time_ns() // 1_000_000 + DAY_MS,
        fee=RELAY_FEE,
        memo="",
        body=body,
    )


async def _escrow(tour: Tour, escrow: int) -> int:
    """Accept, deliver, confirm half, confirm the rest."""
    started = time.monotonic()
    calls: tuple[tuple[DevnetAccount, str, dict[str, Any], str], ...] = (
        (tour.seller, "escrow.accept", {"agreement_hash": AGREEMENT_HASH}, "accepts"),
        (tour.seller, "escrow.deliver", {"no": 0, "proof_hash": "22" * 32}, "delivers"),
        (tour.buyer, "escrow.confirm", {"no": 0, "amount": str(PRICE // 2)}, "confirms half"),
        (tour.buyer, "escrow.confirm", {"no": 0, "amount": str(PRICE // 2)}, "confirms the rest"),
    )
    for number, (account, method, arguments, what) in enumerate(calls, 5):
        where = await tour.on_ecc(account, method, {"id": escrow, **arguments}, 400_000)
        tour.say(f"{number}  {account.name} {what}: {where}")
    state = (await tour.ecc.query("escrow", id=escrow))["state"]
    if state != "CLOSED":
        raise TourFailed(escrow=escrow, state=state)
    return round((time.monotonic() - started) * 1000)


async def _withdraw(tour: Tour) -> int:
    """The seller takes the price home; the ack comes back and is settled."""
    before = await tour.balance_on_main(tour.seller)
    started = time.monotonic()
    arguments = {
        "to": tour.seller.address,
        "asset": COIN,
        "amount": str(PRICE),
        "fee": str(RELAY_FEE),
    }
    where = await tour.on_ecc(tour.seller, "withdraw", arguments, 400_000)
    tour.say(f"9  {tour.seller.name} withdraws {PRICE // UNITS_PER_ACC} ACC: {where}")

    async def arrived() -> bool:
        return await tour.balance_on_main(tour.seller) == before + PRICE

    await until("the withdrawal on the main chain", arrived)
    withdrawal_ms = round((time.monotonic() - started) * 1000)
    tour.say(f"   on the main chain after {withdrawal_ms} ms")
    await until("all messages to be settled", lambda: _is_quiet(tour))
    return withdrawal_ms


async def _is_quiet(tour: Tour) -> bool:
    """Whether no message or ack is on its way between the two chains."""
    (main,) = [c for c in await tour.main.commitments() if c.peer == tour.ecc_id]
    (side,) = await tour.ecc.commitments()
    delivered = main.outbox_size == side.ack_size and side.outbox_size == main.ack_size
    return (
        delivered and main.settle_next == main.outbox_size and side.settle_next == side.outbox_size
    )


async def _audit(tour: Tour) -> tuple[int, int]:
    """Recompute both supplies from the stored state of every node; all must agree."""
    for account in (tour.buyer, tour.seller):
        main, side = await tour.balance_on_main(account), await tour.balance_on_ecc(account)
        tour.say(
            f"10 {account.name}: {main / UNITS_PER_ACC:,.6f} ACC on the main chain, "
            f"{side / UNITS_PER_ACC:,.6f} on ECC"
        )
    heights = (0, 0)
    for node in tour.net.nodes:
        folder = node.home / "chains"
        with (
            ChainStore.open(folder / "main" / "chain.sqlite", read_only=True) as main_store,
            ChainStore.open(
                folder / tour.ecc_id.hex() / "chain.sqlite", read_only=True
            ) as side_store,
        ):
            audit_pair(
                main_store.view(), main_store.chain_id, side_store.view(), side_store.chain_id
            )
            heights = (main_store.tip.height, side_store.tip.height)
    count = len(tour.net.nodes)
    tour.say(f"11 supply conserved on both chains, recomputed from the state of {count} nodes")
    return heights
