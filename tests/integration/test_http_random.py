"""Random requests against every endpoint: never a 5xx, never a traceback, always our error shape.

`HTTP_RANDOM_CASES` sets the number of requests, half of them against a fake chain and half against
a real one, `HTTP_RANDOM_SEED` the seed; a failure prints the request.
"""

import asyncio
import json
import logging
import os
import random
import string
from dataclasses import dataclass, replace

import aiohttp
import msgspec
import pytest
from http_fake_chain import ALICE, PEER, FakeChain, FakeDApp, RecordingService
from structlog.testing import capture_logs

from chain_engine.blocks.build import build_transaction, sign_transaction
from chain_engine.codec.canonical import encode
from chain_engine.crypto.accounts import account_of_key, encode_address
from chain_engine.crypto.keys import SecretKey
from chain_engine.http.application import build_application, serve
from chain_engine.http.chains import ChainDirectory
from chain_engine.http.peer.client import PeerAddress, PeerClient
from chain_engine.http.peer.handshake import HELLO_VERSION, Hello
from chain_engine.http.peer.network import PeerNetwork
from chain_engine.http.peer.server import PeerServer
from chain_engine.http.peer.settings import PeerSettings
from chain_engine.http.settings import HttpSettings
from chain_engine.ledger.kinds.account_transfer import TransferPayload
from chain_engine.mempool.pool import PoolLimits
from chain_engine.node.chain_node import ChainFiles, ChainNode, open_chain
from chain_engine.node.verification import SignatureVerifier
from chain_engine.primitives.errors import REGISTRY
from mainchain.genesis import SUPPLY_UNITS, build_genesis, parse_genesis
from mainchain.ledger.machine import MainLedger

CASES = int(os.environ.get("HTTP_RANDOM_CASES", "1500"))
SEED = int(os.environ.get("HTTP_RANDOM_SEED", "1"))
AT_ONCE = 8
SETTINGS = HttpSettings(port=0, tokens_per_s=0, wait_ms_max=5, stream_heartbeat_ms=5)
PEERS = replace(PeerSettings(), strikes_max=10**9)
KEY = SecretKey(bytes([1]) * 32)


@dataclass
class Request:
    method: str
    path: str
    query: list
    headers: dict
    body: bytes | None


@dataclass
class Parts:
    """True things of the chain that is asked about."""

    raw: bytes
    tip_id: bytes
    chain_id: bytes
    transaction_ids: list


class Dice:
    """Draws requests that are partly right and partly wrong."""

    def __init__(self, seed, routes, true):
        self.random = random.Random(seed)
        self.routes = routes
        self.token = ""
        self.raw = true.raw
        self.parts = {
            "chain": ["shop", "main", true.chain_id.hex()],
            "block": ["0", "1", "latest", true.tip_id.hex()],
            "height": ["0", "1", "latest"],
            "id": [i.hex() for i in true.transaction_ids],
            "address": [encode_address(account_of_key(ALICE.public)), "00" * 20],
            "key": ["00", b"known".hex(), "00" * 1024],
            "peer": [PEER.hex()],
            "seq": ["0", "1"],
            "name": ["balance", "other"],
            "hash": ["00" * 32],
            "filename": ["index.html", "../index.html", "%2e%2e/x", ""],
        }
        self.parameters = [
            "before", "after", "limit", "from", "count", "height", "name", "wait", "timeout_ms"
        ]  # fmt: skip

    def request(self):
        dice = self.random
        method, path = dice.choice(self.routes)
        if dice.random() < 0.05:
            method = dice.choice(["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "POST", "GET"])
        for name, good in self.parts.items():
            while "{" + name + "}" in path:
                value = dice.choice(good) if dice.random() < 0.6 else self.text_for_path()
                path = path.replace("{" + name + "}", value, 1)
        query = [
            (dice.choice(self.parameters), self.value())
            for _ in range(dice.choice([0, 0, 1, 1, 2, 3]))
        ]
        body = self.body() if method not in ("GET", "HEAD", "OPTIONS") else None
        return Request(method, path, query, self.headers(), body)

    def text_for_path(self):
        dice = self.random
        kind = dice.randrange(6)
        if kind == 0:
            return str(dice.choice([-1, 2**63 - 1, 2**63, 2**64, 10**30, dice.randrange(10)]))
        if kind == 1:
            return bytes(dice.randrange(256) for _ in range(dice.choice([1, 20, 32, 33]))).hex()
        if kind == 2:
            return dice.choice(
                ["%00", "%ff", "..", "%2e%2e", "%2F", "~", "%F0%9F%92%A5", "a" * 500]
            )
        return "".join(dice.choice(string.ascii_letters + string.digits) for _ in range(8))

    def value(self):
        dice = self.random
        numbers = [0, 1, 20, 100, 101, -1, 2**63 - 1, 2**63, 10**40]
        texts = ["committed", "", "x", "\x00", "💥", "1e3", "Transferred", "null", "1\n2", "٣"]
        return str(dice.choice(numbers)) if dice.random() < 0.7 else dice.choice(texts)

    def headers(self):
        dice = self.random
        drawn = {
            "Content-Type": [
                "application/json", "application/msgpack", "text/plain", 'a/b; c="', "",
                "application/json; charset=utf-16",
            ],
            "Last-Event-ID": ["0", "1", "-1", "x"],
            "Range": ["bytes=0-1", "bytes=-1", "bytes=9-", "x"],
            "If-None-Match": ["*", '"x"', ",,,"],
            "If-Range": ['"x"'],
            "Origin": ["https://a.example", "null"],
            "Access-Control-Request-Method": ["POST"],
            "Content-Encoding": ["gzip", "identity", "br"],
            "X-Peer-Session": ["00" * 32, "x", *[self.token] * 20],
            "Accept": ["text/html"],
            "Cookie": ["a=b; c"],
        }  # fmt: skip
        likely = {"Content-Type": 0.7, "X-Peer-Session": 0.7}
        return {
            name: dice.choice(values)
            for name, values in drawn.items()
            if dice.random() < likely.get(name, 0.05)
        }

    def body(self):
        dice = self.random
        good = [
            encode([self.raw]),
            encode([self.raw, b"", b"junk", b"\xc1"]),
            json.dumps({"transactions": [self.raw.hex()]}).encode(),
            json.dumps({"transaction": self.raw.hex()}).encode(),
            encode([bytes(32), bytes([1]) * 32]),
            encode(Hello(HELLO_VERSION, bytes(32), KEY.public, KEY.public, b"n" * 32)),
        ]
        kind = dice.randrange(6)
        if kind == 0:
            return dice.choice(good)
        if kind == 1:
            return self.mutate(dice.choice(good))
        if kind == 2:
            return dice.randbytes(dice.randrange(200))
        if kind == 3:
            return json.dumps(self.json_value(3)).encode()
        if kind == 4:
            return msgspec.msgpack.encode(self.json_value(3))
        return dice.choice([b"[" * 5000, b"\x91" * 5000, b'{"a":' * 5000, b"\xde\xff\xff", b""])

    def mutate(self, body):
        changed = bytearray(body)
        for _ in range(self.random.randrange(1, 4)):
            changed[self.random.randrange(len(changed))] = self.random.randrange(256)
        return bytes(changed)

    def json_value(self, depth):
        dice = self.random
        kind = dice.randrange(7 if depth else 5)
        simple = [None, True, dice.randrange(-(2**63), 2**63), "text\ud7ff", 1.5]
        if kind < 5:
            return simple[kind]
        if kind == 5:
            return [self.json_value(depth - 1) for _ in range(3)]
        names = ["transactions", "transaction", "x"]
        return {name: self.json_value(depth - 1) for name in names}


def routes_of(application):
    """Every registered method and path, with the names of path parameters."""
    found = set()
    for route in application.router.routes():
        path = route.resource.canonical
        if route.method != "HEAD" and not path.endswith("/stream"):
            found.add((route.method, path))
    return sorted(found)


@pytest.mark.slow
async def test_no_random_request_makes_the_server_fail(tmp_path, caplog):
    (tmp_path / "index.html").write_text("<!doctype html><title>x</title>")
    chain, dapp = FakeChain(), FakeDApp("shop")
    for nonce in range(1, 4):
        chain.store.send_message(nonce)
        raw = chain.transfer(nonce)
        chain.pool[chain.transaction_id(raw)] = raw
        chain.commit()
    chains = ChainDirectory(chain)
    chains.add(dapp)
    peers = PeerServer(KEY, network=bytes(32), settings=PEERS)
    peers.add_chain(chain.chain_id, RecordingService())
    application = build_application(chains, settings=SETTINGS, peers=peers, web_root=tmp_path)
    parts = Parts(
        raw=chain.transfer(1),
        tip_id=chain.store.tip_id,
        chain_id=chain.chain_id,
        transaction_ids=list(chain.store.raws),
    )
    await shower(application, parts, bytes(32), caplog)


@pytest.mark.slow
async def test_no_random_request_makes_a_real_node_fail(tmp_path, caplog):
    """The same against a main chain with its storage, pool, rules and consensus."""
    chain_key = SecretKey(bytes([5]) * 32)
    genesis = build_genesis(parse_genesis(json.dumps(genesis_file(chain_key))))
    files = ChainFiles(tmp_path / "main")
    store, verifier = open_chain(files.store, genesis), SignatureVerifier()
    network = PeerNetwork(chain_key, [], network=store.chain_id)
    node = ChainNode(
        name="main", store=store, machine=MainLedger(store.chain_id, store.parameters),
        files=files, key=chain_key, network=network, verifier=verifier, pool_limits=PoolLimits(),
    )  # fmt: skip
    peers = PeerServer(KEY, network=store.chain_id, settings=PEERS)
    peers.add_chain(store.chain_id, node)
    application = build_application(ChainDirectory(node), settings=SETTINGS, peers=peers)
    first, second = transfers(chain_key, store.chain_id, 2)
    async with network:
        running = asyncio.create_task(node.run())
        await node.submit([first.raw])
        place = await node.wait_committed(first.id, 60_000)
        assert place is not None
        parts = Parts(
            raw=second.raw,
            tip_id=store.tip_id,
            chain_id=store.chain_id,
            transaction_ids=[first.id],
        )
        await shower(application, parts, store.chain_id, caplog)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    verifier.close()
    store.close()


def genesis_file(key):
    address = encode_address(account_of_key(key.public))
    return {
        "name": "random", "time_ms": 1_700_000_000_000,
        "parameters": {"block_interval_ms": 100, "idle_interval_ms": 1_000},
        "delegates": [{"name": "only", "key": key.public.hex()}],
        "balances": [{"address": address, "amount": str(SUPPLY_UNITS)}],
    }  # fmt: skip


def transfers(key, chain_id, count):
    payload = TransferPayload(recipient=bytes(20), asset="ACC", amount=1, memo="")
    return [
        sign_transaction(
            build_transaction(
                chain_id=chain_id, kind="account.transfer", sender=account_of_key(key.public),
                nonce=nonce, valid_until_height=10**6, fee=10**6, payload=payload,
            ),
            chain_id,
            [key],
        )
        for nonce in range(count)
    ]  # fmt: skip


async def shower(application, parts, network_id, caplog):
    """Send all cases and check that nothing broke."""
    dice = Dice(SEED, routes_of(application), parts)
    statuses = {}
    with capture_logs() as logs:
        async with serve(application, SETTINGS) as server, aiohttp.ClientSession() as session:
            peer = PeerClient(
                PeerAddress(server.url, KEY.public), SecretKey(bytes([2]) * 32), network_id,
                http=session, settings=PEERS, draw=bytes,
            )  # fmt: skip
            await peer.connect()
            dice.token = peer._token

            async def some(count):
                for _ in range(count):
                    request = dice.request()
                    status = await send(session, server.url, request)
                    statuses[status] = statuses.get(status, 0) + 1

            async with asyncio.TaskGroup() as tasks:
                for _ in range(AT_ONCE):
                    tasks.create_task(some(CASES // 2 // AT_ONCE))
    assert not [entry for entry in logs if entry["log_level"] in ("error", "critical")]
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    # the dice must also hit: not everything may be refused
    assert statuses.get(200, 0) > CASES // 40
    assert statuses.get(400, 0) > CASES // 40


async def send(session, root, request):
    """Send one request and check the shape of its answer; returns the status."""
    url = root + request.path
    try:
        async with session.request(
            request.method, url, params=request.query, headers=request.headers,
            data=request.body, allow_redirects=False,
        ) as response:  # fmt: skip
            content = await response.read()
    except ValueError:
        return 0  # the client itself refuses to send it
    shown = (request, response.status, content[:500])
    assert response.status < 500, shown
    assert b"Traceback" not in content, shown
    if response.status >= 400 and content:
        problem = json.loads(content)
        assert response.content_type == "application/problem+json", shown
        assert problem["code"] in REGISTRY, shown
        assert problem["status"] == response.status, shown
    return response.status
