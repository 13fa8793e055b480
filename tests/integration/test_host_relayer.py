"""Relaying is anybody's: without ours nothing is lost, with several nothing happens twice."""

import asyncio

from support.bridge_chains import ALICE, BOB, key_of
from support.dapp_chain import address, read_dapp
from support.dapp_node import event_of, eventually, holds, main_genesis, reachable, running_node

from chain_engine.ledger.audit import audit_pair
from sidechain_host.relayer import Relayer


async def test_strangers_relay_when_ours_is_stopped_and_several_do_no_harm(tmp_path):
    package, genesis = read_dapp("bank"), main_genesis()
    async with running_node(tmp_path, genesis, relay=False) as node:
        chain_id = await node.register(package)
        node.dapps.packages.add(package)
        await node.dapps.install("bank")
        async with node.client("bank") as side, node.client() as main:
            await eventually(lambda: reachable(side))
            await asyncio.gather(node.send(chain_id, ALICE, 700), node.send(chain_id, BOB, 500))
            assert (await side.account(address(ALICE))).balances == {}

            relayers = [Relayer(main, side, key_of(900 + n), poll_ms=50) for n in range(3)]
            tasks = [asyncio.create_task(relayer.run()) for relayer in relayers]
            await eventually(lambda: holds(side, ALICE, 700))
            await eventually(lambda: holds(side, BOB, 500))
            await eventually(lambda: settled(main, 2))
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

            delivered = await side.events(name="MessageDelivered")
            assert [e["data"]["status"] for e in delivered.data] == ["DELIVERED"] * 2
            sidechain = node.dapps._chains.find("bank")
            audit_pair(node.main.store.view(), node.main.chain_id, sidechain.store.view(), chain_id)
            assert await Relayer(main, side, key_of(903)).step() is False
            assert await event_of(side, "MessageSent") is None


async def settled(main, count):
    return len((await main.events(name="MessageSettled")).data) == count
