"""Nodes that talk to each other over real connections on loopback."""

from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
import pytest
from http_fake_chain import RecordingService, until

from chain_engine.codec.canonical import encode
from chain_engine.crypto.keys import SecretKey
from chain_engine.http.application import build_application, serve
from chain_engine.http.chains import ChainDirectory
from chain_engine.http.errors import (
    BadAnswer,
    NotReady,
    PeerBanned,
    PeerUnavailable,
    PeerUnproven,
    ProtocolViolation,
)
from chain_engine.http.peer.client import PeerAddress, PeerClient
from chain_engine.http.peer.guard import PeerGuard
from chain_engine.http.peer.network import PeerNetwork
from chain_engine.http.peer.server import PeerServer
from chain_engine.http.peer.settings import PeerSettings
from chain_engine.http.settings import HttpSettings
from chain_engine.primitives.errors import LimitExceeded, NotFound

NETWORK = bytes([9]) * 32
CHAIN, OTHER = bytes([1]) * 32, bytes([2]) * 32
KEYS = [SecretKey(bytes([n]) * 32) for n in range(1, 6)]
SETTINGS = replace(PeerSettings(), backoff_first_ms=1, backoff_max_ms=5)
HTTP = HttpSettings(port=0, tokens_per_s=0)


@asynccontextmanager
async def node(key, service, *, port=0, settings=SETTINGS, guard=None):
    peers = PeerServer(key, network=NETWORK, settings=settings, guard=guard)
    peers.add_chain(CHAIN, service)
    http = replace(HTTP, port=port)
    application = build_application(ChainDirectory(), settings=http, peers=peers)
    async with serve(application, http) as server:
        yield PeerAddress(server.url, key.public)


@asynccontextmanager
async def network_of(key, *addresses, settings=SETTINGS, **more):
    network = PeerNetwork(key, addresses, network=NETWORK, settings=settings, **more)
    async with network:
        yield network


@asynccontextmanager
async def client_of(key, address, network=NETWORK, settings=SETTINGS):
    async with aiohttp.ClientSession() as http:
        yield PeerClient(
            address, key, network, http=http, settings=settings, draw=lambda n: bytes([7]) * n
        )


async def test_messages_reach_every_peer_in_order():
    services = [RecordingService() for _ in range(2)]
    async with (
        node(KEYS[1], services[0]) as first,
        node(KEYS[2], services[1]) as second,
        network_of(KEYS[0], first, second) as network,
    ):
        sent = [b"message %d" % n for n in range(1000)]
        for message in sent:
            network.broadcast(CHAIN, message)
        network.send(KEYS[2].public, CHAIN, b"only for you")
        await services[0].received.wait_above(999)
        await services[1].received.wait_above(1000)
        assert services[0].messages == [(KEYS[0].public, m) for m in sent]
        assert services[1].messages[-1] == (KEYS[0].public, b"only for you")
        assert max(services[0].batches) <= SETTINGS.batch_messages_max
        assert len(services[0].batches) < 100
        assert all(state.is_connected for state in network.peers())


async def test_messages_of_several_chains_arrive_at_their_chains():
    ours, others = RecordingService(), RecordingService()
    peers = PeerServer(KEYS[1], network=NETWORK)
    peers.add_chain(CHAIN, ours)
    peers.add_chain(OTHER, others)
    application = build_application(ChainDirectory(), settings=HTTP, peers=peers)
    async with serve(application, HTTP) as server:
        address = PeerAddress(server.url, KEYS[1].public)
        async with network_of(KEYS[0], address) as network:
            for n in range(6):
                network.broadcast(CHAIN if n % 2 else OTHER, b"%d" % n)
            await ours.received.wait_above(2)
            await others.received.wait_above(2)
            # a chain that the peer does not run must not block the others
            peers.remove_chain(OTHER)
            network.broadcast(OTHER, b"nobody hears this")
            network.broadcast(CHAIN, b"7")
            await ours.received.wait_above(3)
            assert network.peers()[0].is_connected
    assert [message for _, message in ours.messages] == [b"1", b"3", b"5", b"7"]


async def test_a_peer_that_comes_later_or_restarts_gets_the_messages():
    service = RecordingService()
    async with node(KEYS[1], service) as address:
        port = int(address.url.rpartition(":")[2])
    async with network_of(KEYS[0], address) as network:
        network.broadcast(CHAIN, b"early")
        for restart in range(2):
            async with node(KEYS[1], service, port=port):
                await network.wait_connected(1)
                network.broadcast(CHAIN, b"round %d" % restart)
                await service.received.wait_above(restart + 1)
    received = [message for _, message in service.messages]
    assert received == [b"early", b"round 0", b"round 1"]


async def test_a_peer_is_found_again_though_nothing_is_sent_to_it():
    service = RecordingService()
    async with node(KEYS[1], service) as address:
        port = int(address.url.rpartition(":")[2])
        network = PeerNetwork(KEYS[0], [address], network=NETWORK, settings=SETTINGS)
        await network.__aenter__()
        await network.wait_connected(1)
    with pytest.raises(PeerUnavailable):
        await network.fetch_blocks(CHAIN, 0, 1)
    assert not network.peers()[0].is_connected
    async with node(KEYS[1], service, port=port):
        await network.wait_connected(1)
        assert await network.fetch_blocks(CHAIN, 0, 1) == []
    await network.__aexit__()


async def test_another_key_at_the_address_gets_nothing():
    service = RecordingService()
    async with node(KEYS[2], service) as address:
        expected = PeerAddress(address.url, KEYS[1].public)
        async with client_of(KEYS[0], expected) as client:
            with pytest.raises(PeerUnproven):
                await client.send_messages(CHAIN, [b"secret"])
        async with client_of(KEYS[0], address, network=bytes(32)) as client:
            with pytest.raises(PeerUnproven):
                await client.send_messages(CHAIN, [b"wrong network"])
    assert service.messages == []


async def test_a_session_that_the_peer_forgot_is_renewed():
    service = RecordingService()
    async with node(KEYS[1], service) as address, client_of(KEYS[0], address) as client:
        await client.send_messages(CHAIN, [b"one"])
        client._token = "00" * 32
        await client.send_messages(CHAIN, [b"two"])
    assert [message for _, message in service.messages] == [b"one", b"two"]


async def test_without_a_session_nothing_is_taken():
    service = RecordingService()
    async with node(KEYS[1], service) as address, aiohttp.ClientSession(address.url) as http:
        for headers in ({}, {"X-Peer-Session": "00" * 32}, {"X-Peer-Session": "zz"}):
            for path in ("messages", "transactions/announce", "transactions/fetch"):
                url = f"/p2p/v1/{CHAIN.hex()}/{path}"
                async with http.post(url, data=encode([b"x"]), headers=headers) as response:
                    assert response.status == 401
            async with http.get(f"/p2p/v1/{CHAIN.hex()}/blocks?from=0&count=1") as response:
                assert response.status == 401
    assert service.messages == []


async def test_gossip_drops_the_oldest_and_never_waits():
    settings = replace(SETTINGS, gossip_hashes_max=10)
    async with network_of(
        KEYS[0], PeerAddress("http://127.0.0.1:9", KEYS[1].public), settings=settings
    ) as network:
        network.announce(CHAIN, [bytes([n]) * 32 for n in range(25)])
        for _ in range(settings.queue_messages_max + 5):
            network.broadcast(CHAIN, b"m")
        (state,) = network.peers()
    assert state.dropped == 15 + 5
    assert state.queued_messages == settings.queue_messages_max
    assert not state.is_connected


async def test_announcements_leave_out_the_peer_they_came_from():
    services = [RecordingService(), RecordingService()]
    async with (
        node(KEYS[1], services[0]) as first,
        node(KEYS[2], services[1]) as second,
        network_of(KEYS[0], first, second) as network,
    ):
        await network.wait_connected(2)
        network.announce(CHAIN, [bytes([1]) * 32], without=KEYS[1].public)
        network.announce(CHAIN, [bytes([2]) * 32])
        await services[1].received.wait_above(1)
        await services[0].received.wait_above(0)
    assert services[0].announced == [bytes([2]) * 32]
    assert services[1].announced == [bytes([1]) * 32, bytes([2]) * 32]


async def test_while_one_body_is_on_its_way_messages_gather_in_the_next():
    service = RecordingService()
    service.gate.clear()
    async with node(KEYS[1], service) as address, network_of(KEYS[0], address) as network:
        await network.wait_connected(1)
        network.broadcast(CHAIN, b"first")
        await until(lambda: not network.peers()[0].queued_messages)
        for n in range(50):
            network.broadcast(CHAIN, b"%d" % n)
        service.gate.set()
        await service.received.wait_above(50)
    assert service.batches == [1, 50]


async def test_bodies_are_collected_from_several_peers():
    services = [RecordingService() for _ in range(3)]
    hashes = [bytes([n]) * 32 for n in range(9)]
    for n, h in enumerate(hashes[:8]):
        services[n % 3].pool[h] = b"body %d" % n
    async with (
        node(KEYS[1], services[0]) as a,
        node(KEYS[2], services[1]) as b,
        node(KEYS[3], services[2]) as c,
        network_of(KEYS[0], a, b, c, PeerAddress("http://127.0.0.1:9", KEYS[4].public)) as network,
    ):
        found = await network.fetch_bodies(CHAIN, hashes, peer=KEYS[2].public)
    assert found == {h: b"body %d" % n for n, h in enumerate(hashes[:8])}


async def test_bodies_that_do_not_fit_one_answer_are_asked_for_again():
    settings = replace(SETTINGS, fetch_bytes_max=100, fetch_hashes_max=7)
    service = RecordingService()
    hashes = [bytes([n]) * 32 for n in range(20)]
    service.pool = {h: h + b"body" for h in hashes}
    async with (
        node(KEYS[1], service, settings=settings) as address,
        network_of(KEYS[0], address, settings=settings) as network,
    ):
        assert await network.fetch_bodies(CHAIN, hashes) == service.pool


async def test_blocks_come_from_whichever_peer_has_them():
    empty, full = RecordingService(), RecordingService()
    full.heights = [b"block %d" % n for n in range(10)]
    full.blocks = {bytes([4]) * 32: b"block 4"}
    async with (
        node(KEYS[1], empty) as a,
        node(KEYS[2], full) as b,
        network_of(KEYS[0], a, b) as network,
    ):
        assert await network.fetch_blocks(CHAIN, 3, 4, peer=KEYS[1].public) == full.heights[3:7]
        assert await network.fetch_blocks(CHAIN, 50, 4) == []
        assert await network.fetch_blocks(OTHER, 0, 4) == []
        assert await network.fetch_block(CHAIN, bytes([4]) * 32) == b"block 4"
        assert await network.fetch_block(CHAIN, bytes([5]) * 32) is None


async def test_large_blocks_arrive_in_answers_within_the_limit():
    settings = replace(SETTINGS, blocks_bytes_max=3_000_000)
    service = RecordingService()
    service.heights = [bytes([n]) * 1_000_000 for n in range(5)]
    async with (
        node(KEYS[1], service, settings=settings) as address,
        network_of(KEYS[0], address, settings=settings) as network,
    ):
        assert await network.fetch_blocks(CHAIN, 0, 5) == service.heights[:3]


async def test_nobody_to_ask_is_an_error():
    async with network_of(KEYS[0], PeerAddress("http://127.0.0.1:9", KEYS[1].public)) as network:
        with pytest.raises(PeerUnavailable):
            await network.fetch_blocks(CHAIN, 0, 1)
        assert await network.fetch_bodies(CHAIN, [bytes(32)]) == {}


async def test_a_peer_that_breaks_the_protocol_is_banned_after_three_strikes():
    service = RecordingService()
    service.error = ProtocolViolation(reason="nonsense")
    async with node(KEYS[1], service) as address, client_of(KEYS[0], address) as client:
        for _ in range(3):
            with pytest.raises(ProtocolViolation):
                await client.send_messages(CHAIN, [b"nonsense"])
        with pytest.raises(PeerBanned):
            await client.send_messages(CHAIN, [b"again"])
        service.error = None
        async with client_of(KEYS[2], address) as other:
            await other.send_messages(CHAIN, [b"fine"])
    assert service.messages == [(KEYS[2].public, b"fine")]


@pytest.mark.parametrize(
    "body",
    [
        b"\xc1",
        encode([1]),
        encode([b""] * 300),
        b"\x91" * 5000,
        b"x" * (SETTINGS.batch_bytes_max + 1),
    ],
)
async def test_broken_and_oversized_bodies_are_violations(body):
    guard = PeerGuard(SETTINGS, lambda: 0.0)
    service = RecordingService()
    async with (
        node(KEYS[1], service, guard=guard) as address,
        client_of(KEYS[0], address) as client,
    ):
        for _ in range(3):
            with pytest.raises((ProtocolViolation, LimitExceeded, PeerUnavailable)):
                await client._call("POST", f"/{CHAIN.hex()}/messages", body, 0)
    assert guard.is_banned(KEYS[0].public)
    assert service.messages == []


async def test_a_ban_holds_in_both_directions():
    guard = PeerGuard(SETTINGS, lambda: 0.0)
    service = RecordingService()
    async with (
        node(KEYS[1], service) as address,
        network_of(KEYS[0], address, guard=guard) as network,
    ):
        network.ban(KEYS[1].public, "lied about a block")
        network.broadcast(CHAIN, b"not for liars")
        assert network.peers()[0].is_banned
        assert network.peers()[0].queued_messages == 0
        with pytest.raises(PeerUnavailable):
            await network.fetch_blocks(CHAIN, 0, 1)


async def test_a_busy_peer_gets_the_same_messages_again():
    service = RecordingService()
    service.error = NotReady(reason="queue full")
    async with node(KEYS[1], service) as address, network_of(KEYS[0], address) as network:
        network.broadcast(CHAIN, b"patience")
        await until(lambda: network.peers()[0].error)
        service.error = None
        await service.received.wait_above(0)
    assert service.messages == [(KEYS[0].public, b"patience")]


async def test_a_peer_that_answers_nonsense_collects_strikes():
    class Liar(RecordingService):
        async def certified_blocks(self, _from_height, count):
            return [b"x"] * (count + 1)

    guard = PeerGuard(SETTINGS, lambda: 0.0)
    async with (
        node(KEYS[1], Liar()) as address,
        network_of(KEYS[0], address, guard=guard) as network,
    ):
        for _ in range(3):
            with pytest.raises((PeerUnavailable, BadAnswer)):
                await network.fetch_blocks(CHAIN, 0, 1)
        assert network.peers()[0].is_banned


async def test_a_node_leaves_itself_out_of_the_list():
    async with network_of(KEYS[0], PeerAddress("http://127.0.0.1:9", KEYS[0].public)) as network:
        assert network.peers() == []


async def test_a_block_has_an_address_of_its_own_for_everybody():
    service = RecordingService()
    identity = bytes([4]) * 32
    service.blocks[identity] = b"block"
    url = f"/p2p/v1/{CHAIN.hex()}/blocks/{identity.hex()}"
    async with node(KEYS[1], service) as address, aiohttp.ClientSession(address.url) as http:
        async with http.get(url, headers={"Range": "bytes=2-"}) as response:
            assert (response.status, await response.read()) == (206, b"ock")
            assert response.headers["ETag"] == f'"{identity.hex()}"'
        async with http.get(url, headers={"If-None-Match": f'"{identity.hex()}"'}) as response:
            assert response.status == 304
        async with http.get(url[:-2] + "00") as response:
            assert response.status == NotFound.status


async def test_a_body_that_is_another_one_is_asked_for_at_the_next_peer():
    wanted, wrong = bytes([5]) * 32, RecordingService()
    honest = RecordingService()
    wrong.pool = {wanted: b"something else"}
    honest.pool = {wanted: b"right"}
    async with (
        node(KEYS[1], wrong) as first,
        node(KEYS[2], honest) as second,
        network_of(KEYS[0], first, second) as network,
    ):
        await network.wait_connected(2)
        found = await network.fetch_bodies(
            CHAIN, [wanted], peer=KEYS[1].public, is_body=lambda _, raw: raw == b"right"
        )
        assert found == {wanted: b"right"}
