"""Four real nodes: kill -9 at any time loses nothing and stops nobody else."""

import asyncio
import signal

from chain_engine.http.client import ChainClient
from chain_engine.storage.chain_store import ChainStore


async def height_of(url: str) -> int:
    async with ChainClient(url) as client:
        return (await client.status())["height"]


async def test_the_others_go_on_and_a_killed_node_catches_up_and_forges_again(net, pay, eventually):
    await pay(net, 0, "alice", "bob", 1)
    await net.kill(2, signal.SIGKILL)
    ids = [await pay(net, 0, "alice", "bob", n + 2) for n in range(3)]
    await net.restart(2)
    await net.kill(2, signal.SIGKILL)
    ids.append(await pay(net, 1, "carol", "bob", 7))
    await net.restart(2)

    async def caught_up():
        return await height_of(net.urls[2]) >= ids[-1][1]

    await eventually(caught_up, "node 3 to catch up")
    async with ChainClient(net.urls[2]) as client:
        for identity, height in ids:
            found = await client.transaction(identity)
            assert found["height"] == height
    key = net.nodes[2].public_key
    start = await height_of(net.url)

    async def forged_again():
        async with ChainClient(net.url) as client:
            blocks = (await client.blocks(limit=20))["data"]
        return any(b["header"]["forger"] == key and b["header"]["height"] > start for b in blocks)

    async def keep_paying():
        while True:
            await pay(net, 0, "alice", "bob", 1)

    load = asyncio.create_task(keep_paying())
    try:
        await eventually(forged_again, "a block forged by node 3")
    finally:
        load.cancel()
        await asyncio.gather(load, return_exceptions=True)


async def test_all_four_killed_resume_where_they_were(net, pay, eventually):
    ids = [await pay(net, n, "alice", "bob", n + 1) for n in range(4)]
    heights = [await height_of(url) for url in net.urls]
    for index in range(4):
        await net.kill(index, signal.SIGKILL)
    for node in net.nodes:
        with ChainStore.open(
            node.home / "chains" / "main" / "chain.sqlite", read_only=True
        ) as store:
            assert store.state_root() == store.tip.state_root
    for index in range(4):
        await net.restart(index)
    after = await pay(net, 3, "alice", "bob", 9)
    assert after[1] > max(heights)
    for url in net.urls:

        async def has_all(url=url):
            async with ChainClient(url) as client:
                found = [await client.find_transaction(i) for i, _ in [*ids, after]]
            return all(found)

        await eventually(has_all, "every node to have every committed transaction")
    roots = set()
    common = min([await height_of(url) for url in net.urls])
    for url in net.urls:
        async with ChainClient(url) as client:
            roots.add((await client.header(common)).header.state_root)
    assert len(roots) == 1
