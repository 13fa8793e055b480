"""Nodes are killed while escrow calls run: both chains resume where they were, nothing is lost."""

import asyncio
import signal

import pytest
import pytest_asyncio
from support.running_ecc import ACC, RunningEcc, eventually, running_ecc

from acc.transactions import Order, prepare_transaction
from chain_engine.http.client import ChainClient
from chain_engine.primitives.errors import ChainError
from chain_engine.storage.chain_store import ChainStore
from sidechain_host.calls import CallPayload, encode_arguments

BUYERS = ("alice", "bob", "carol", "dave")

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ecc(tmp_path_factory):
    async with running_ecc(tmp_path_factory.mktemp("faults"), nodes=4) as running:
        for name in BUYERS:
            await running.send(name, 100 * ACC)
        await eventually("the deposits to be settled", running.is_quiet)
        yield running


class Load:
    """Escrow calls of one account, one after the other, until told to stop."""

    def __init__(self, ecc: RunningEcc, name: str, node: int) -> None:
        self.ecc, self.name, self.node = ecc, name, node
        self.committed: dict[bytes, int] = {}
        """What a node reported as committed: id and height."""

    async def run(self) -> None:
        arguments = self.ecc.escrow_offer(self.name, "merchant", ACC)
        payload = CallPayload("escrow.open", encode_arguments(arguments))
        order = Order("dapp.call", payload, gas_limit=900_000)
        url = self.ecc.net.urls[self.node]
        while True:
            try:
                async with ChainClient(url, chain="ecc") as client:
                    key = self.ecc.account(self.name).key
                    signed = await prepare_transaction(client, key, order)
                    outcome = await client.submit_and_wait(signed.raw)
            except ChainError:
                return  # the node is dead
            assert outcome.receipt is not None
            assert outcome.receipt["code"] == ""
            assert outcome.height is not None
            self.committed[signed.id] = outcome.height


def tips(ecc: RunningEcc, node: int) -> dict[str, tuple[int, bytes]]:
    """Height and state root of both chains as they stand in a dead node's files."""
    chains = ecc.net.nodes[node].home / "chains"
    found = {}
    for name, folder in (("main", "main"), ("ecc", ecc.deployed.chain_id.hex())):
        with ChainStore.open(chains / folder / "chain.sqlite", read_only=True) as store:
            assert store.state_root() == store.tip.state_root
            found[name] = (store.tip.height, store.tip.state_root)
    return found


async def test_all_four_killed_during_escrow_calls_resume_and_lose_nothing(ecc):
    loads = [Load(ecc, name, place) for place, name in enumerate(BUYERS)]
    tasks = [asyncio.create_task(load.run()) for load in loads]

    async def each_has_some() -> bool:
        return all(len(load.committed) >= 2 for load in loads)

    await eventually("calls by everybody", each_has_some)
    await asyncio.gather(*(ecc.net.kill(place, signal.SIGKILL) for place in range(4)))
    await asyncio.gather(*tasks)
    before = [tips(ecc, place) for place in range(4)]
    await asyncio.gather(*(ecc.net.restart(place) for place in range(4)))
    await all_at(ecc.mains, 1)
    await all_at(ecc.eccs, 1)
    for tip, main, side in zip(before, ecc.mains, ecc.eccs, strict=True):
        for name, client in (("main", main), ("ecc", side)):
            height, root = tip[name]
            assert (await client.header(height)).header.state_root == root
    committed = {i: h for load in loads for i, h in load.committed.items()}
    await all_at(ecc.eccs, max(committed.values()))
    for client in ecc.eccs:
        for identity, height in committed.items():
            assert (await client.transaction(identity))["height"] == height
    for place, name in enumerate(BUYERS):
        await ecc.call(name, "escrow.open", ecc.escrow_offer(name, "merchant", ACC), node=place)
    await check_supply(ecc)


async def test_a_node_that_was_down_catches_up_on_both_chains_and_votes_again(ecc):
    await ecc.net.kill(3, signal.SIGKILL)
    for name in BUYERS:
        await ecc.open_escrow(name, "merchant", ACC)
        await ecc.pay(name, "merchant", 1)
    await ecc.withdraw("alice", 2 * ACC)
    await eventually("the withdrawal to be settled", ecc.is_quiet)
    pairs = ((ecc.main, ecc.mains[3]), (ecc.ecc, ecc.eccs[3]))
    heights = [(await client.status())["height"] for client, _ in pairs]
    await ecc.net.restart(3)
    for (here, there), height in zip(pairs, heights, strict=True):
        await all_at([there], height)
        assert (await there.header(height)).id == (await here.header(height)).id
    # With another one gone, only its votes make a quorum.
    await ecc.net.kill(0, signal.SIGKILL)
    await ecc.pay("alice", "bob", 1, node=3)
    transfer = {"to": ecc.account("bob").address, "asset": "ACC", "amount": "1"}
    await ecc.call("alice", "transfer", transfer, node=3)
    await ecc.net.restart(0)
    await all_at(ecc.eccs, (await ecc.eccs[3].status())["height"])
    await check_supply(ecc)


async def all_at(clients: list[ChainClient], height: int) -> None:
    """Wait until all nodes serve a chain and are at a height."""

    async def there() -> bool:
        try:
            return min([(await client.status())["height"] for client in clients]) >= height
        except ChainError:
            return False  # its DApp is still starting

    await eventually("every node to be there", there)


async def check_supply(ecc: RunningEcc) -> None:
    """Recompute both supplies from the files of every node; all must say the same."""
    await eventually("nothing to be on its way", ecc.is_quiet)
    for clients in (ecc.mains, ecc.eccs):
        await all_at(clients, (await clients[0].status())["height"])
    supplies = ecc.audit()
    assert len({str(main) for main, _, _ in supplies}) == 1
    for _, _, crossings in supplies:
        assert [c.escrow - c.vouchers - c.in_flight for c in crossings] == [0] * len(crossings)
