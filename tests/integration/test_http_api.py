"""The generic resources of a chain, over a real server."""

import asyncio
import json

import aiohttp
import jsonschema
import msgspec
import pytest
from http_fake_chain import ALICE, BOB, PEER, FakeChain, FakeDApp
from openapi_spec_validator import OpenAPIV31SpecValidator

from chain_engine.blocks.bridge import verify_commitment
from chain_engine.blocks.certificate import verify_certificate
from chain_engine.codec.canonical import encode
from chain_engine.crypto.accounts import account_of_key, encode_address
from chain_engine.crypto.keys import InvalidSignature
from chain_engine.crypto.merkle import verify_inclusion
from chain_engine.http.application import build_application, serve
from chain_engine.http.bodies import outgoing
from chain_engine.http.chains import ChainDirectory
from chain_engine.http.client import ChainClient
from chain_engine.http.errors import (
    InvalidParameter,
    NodeUnreachable,
    NoSuchRoute,
    NotReady,
    RemoteError,
)
from chain_engine.http.settings import HttpSettings
from chain_engine.primitives.errors import ChainError, NotFound

SETTINGS = HttpSettings(port=0, tokens_per_s=0)
ALICE_ADDRESS = encode_address(account_of_key(ALICE.public))


@pytest.fixture
def chain():
    chain = FakeChain()
    for height in range(1, 6):
        chain.store.send_message(height)
        raw = chain.transfer(nonce=height)
        chain.pool[chain.transaction_id(raw)] = raw
        chain.commit()
    return chain


@pytest.fixture
def dapp():
    dapp = FakeDApp("shop")
    dapp.commit()
    return dapp


@pytest.fixture
async def server(chain, dapp):
    chains = ChainDirectory(chain)
    chains.add(dapp)
    async with serve(build_application(chains, settings=SETTINGS), SETTINGS) as running:
        yield running


@pytest.fixture
async def client(server):
    async with ChainClient(server.url) as client:
        yield client


@pytest.fixture
async def http(server):
    async with aiohttp.ClientSession(server.url) as session:
        yield session


async def test_the_server_listens_on_loopback_unless_told_otherwise(server):
    assert HttpSettings().host == "127.0.0.1"
    assert server.url.startswith("http://127.0.0.1:")


async def test_status_tells_chain_height_and_prices(client, chain):
    status = await client.status()
    assert status["chain_id"] == chain.chain_id.hex()
    assert status["height"] == 5
    assert status["time"] == "2023-11-14T22:13:25.000Z"
    assert status["fees"] == {
        "asset": "ACC", "byte_fee": "1", "gas_price": "1", "relay_fee": "1"
    }  # fmt: skip
    assert status["node"]["peers"] == 3


async def test_a_header_bundle_is_enough_to_verify_the_certificate(client, chain):
    bundle = await client.header(3)
    assert bundle.header == chain.store.blocks[3].block.header
    assert bundle.certificate.block_id == bundle.id
    verify_certificate(bundle.certificate, bundle.delegates, chain.chain_id)
    assert (await client.header(0)).certificate is None
    assert (await client.header()).header.height == 5


async def test_blocks_are_paged_downwards_without_gap_or_repeat(client):
    seen, before = [], None
    while True:
        page = await client.blocks(before=before, limit=4)
        seen += [block["header"]["height"] for block in page["data"]]
        if not page["has_more"]:
            break
        before = int(page["next_cursor"])
    assert seen == [5, 4, 3, 2, 1, 0]


async def test_a_block_is_found_by_height_id_and_as_latest(client):
    by_height = await client.block(4)
    assert await client.block(by_height["header"]["id"]) == by_height
    assert (await client.block())["header"]["height"] == 5
    with pytest.raises(NotFound):
        await client.block(6)
    with pytest.raises(NotFound):
        await client.block("ab" * 32)


async def test_a_block_lists_its_transactions_in_pages(client, chain):
    for nonce in range(10, 35):
        raw = chain.transfer(nonce)
        chain.pool[chain.transaction_id(raw)] = raw
    chain.commit()
    first = await client.block_transactions(6)
    second = await client.block_transactions(6, after=int(first["next_cursor"]))
    assert [tx["nonce"] for tx in first["data"] + second["data"]] == list(range(10, 35))
    assert not second["has_more"]


async def test_a_transaction_shows_amounts_as_decimal_strings(client, chain):
    identity = next(iter(chain.store.raws))
    view = await client.transaction(identity)
    assert view["id"] == identity.hex()
    assert view["fee"] == str(2**60)
    assert view["sender"] == ALICE_ADDRESS
    assert view["payload_values"] == [BOB.hex(), 5]
    assert view["receipt"]["events"][0]["data"]["text"] == "a\nb"
    assert await client.find_transaction(bytes(32)) is None


async def test_an_account_shows_nonce_balances_and_history(client):
    account = await client.account(ALICE_ADDRESS)
    assert account.nonce == 3
    assert account.balances == {"ACC": 2**62}
    assert (await client.account(account_of_key(ALICE.public).hex())).nonce == 3
    page = await client.account_transactions(ALICE_ADDRESS, limit=3)
    rest = await client.account_transactions(ALICE_ADDRESS, before=int(page["next_cursor"]))
    assert [tx["nonce"] for tx in page["data"] + rest["data"]] == [5, 4, 3, 2, 1]


async def test_message_and_ack_proofs_lead_to_the_header_of_their_height(client, chain):
    for height in (2, 5):
        header = chain.store.blocks[height].block.header
        proof = await client.prove_message(PEER, 1, height=height)
        verify_commitment(header.bridge_root, proof.commitment)
        record = proof.commitment.commitment
        verify_inclusion(record.outbox_root, encode(proof.entry.message), proof.entry.path)
        ack = await client.prove_ack(PEER, 0, height=height)
        verify_inclusion(record.ack_root, encode(ack.entry.ack), ack.entry.path)
    with pytest.raises(NotFound):
        await client.prove_message(PEER, 3, height=2)
    with pytest.raises(NotFound):
        await client.prove_message(bytes(32), 0)


async def test_commitments_and_messages_are_what_a_relayer_reads(client, chain):
    assert await client.commitments(height=3) == [chain.store.commitments[3]]
    assert await client.messages(PEER, from_seq=2) == chain.store.outbox[2:]


async def test_state_is_proven_present_and_absent(client, chain):
    known = await client.prove_state(b"known")
    assert bytes.fromhex(known["value"]) == b"value"
    assert known["state_root"] == chain.store.tip.state_root.hex()
    assert (await client.prove_state(b"unknown"))["value"] is None


async def test_a_batch_is_answered_one_by_one_and_taken_as_one_list(client, chain):
    good = chain.transfer(20)
    forged = good[:-1] + bytes([good[-1] ^ 1])
    outcomes = await client.submit_many([good, b"junk", good])
    assert outcomes[0].error is None
    assert outcomes[0].id == outcomes[2].id == chain.transaction_id(good)
    assert outcomes[1].id is None
    assert outcomes[1].error.code == "MALFORMED"
    assert chain.submitted == [3]
    with pytest.raises(ChainError) as refused:
        await client.submit(forged)
    assert type(refused.value) in (InvalidSignature, *ChainError.__subclasses__())


async def test_a_thousand_transactions_fit_one_body_and_one_more_does_not(client, chain):
    raws = [chain.transfer(nonce) for nonce in range(1001)]
    assert len(await client.submit_many(raws[:1000])) == 1000
    with pytest.raises(ChainError, match="limit=1000"):
        await client.submit_many(raws)


async def test_json_bodies_are_taken_as_well(http, chain):
    body = {"transactions": [chain.transfer(30).hex()]}
    async with http.post("/api/v1/transactions", json=body) as response:
        assert response.status == 200
        assert (await response.json())["data"][0]["status"] == "accepted"


async def test_waiting_ends_with_the_commit(client, chain):
    raw = chain.transfer(40)
    identity = await client.submit(raw)
    waiting = asyncio.create_task(client.wait_committed(identity))
    both = asyncio.create_task(client.submit_many([raw], wait_ms=20_000))
    await chain.wait_submitted(2)
    chain.commit()
    outcome = await waiting
    assert outcome.height == 6
    assert outcome.receipt["code"] == ""
    assert (await both)[0].height == 6
    # the same transaction once more: the same answer
    assert (await client.submit_many([raw]))[0].id == identity


async def test_what_is_not_committed_in_time_says_so(client, chain):
    identity = await client.submit(chain.transfer(50))
    with pytest.raises(ChainError) as late:
        await client.wait_committed(identity, timeout_ms=30)
    assert late.value.code == "DEADLINE_EXCEEDED"


async def test_a_simulation_answers_with_a_receipt(client, chain):
    answer = await client.simulate(chain.transfer(9))
    assert answer["receipt"]["gas"] == 7
    with pytest.raises(ChainError) as refused:
        await client.simulate(b"junk")
    assert refused.value.code == "MALFORMED"


async def test_events_are_paged_by_cursor(client):
    page = await client.events(limit=2)
    assert [event["cursor"] for event in page.data] == [1, 2]
    rest = await client.events(after=page.next_cursor)
    assert [event["cursor"] for event in rest.data] == [3, 4, 5]
    assert not rest.has_more
    end = await client.events(after=rest.next_cursor)
    assert end.data == []
    assert end.next_cursor == 5
    assert (await client.events(name="Nothing")).data == []


async def test_a_dapp_has_the_same_resources_and_its_queries(server, dapp):
    for name in ("shop", dapp.chain_id.hex()):
        async with ChainClient(server.url, chain=name) as client:
            assert (await client.status())["name"] == "shop"
            assert await client.query("balance", account="A1") == {"asked": {"account": "A1"}}
            with pytest.raises(NotFound):
                await client.query("nothing")
    async with ChainClient(server.url) as client:
        assert [chain["name"] for chain in await client.chains()] == ["main", "shop"]
        with pytest.raises(NoSuchRoute):
            await client.query("balance")


async def test_an_unknown_chain_is_not_found(server):
    async with ChainClient(server.url, chain="nobody") as client:
        with pytest.raises(NotFound):
            await client.status()


async def test_a_dead_node_is_unreachable():
    async with ChainClient("http://127.0.0.1:9") as client:
        with pytest.raises(NodeUnreachable):
            await client.status()


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "NO_SUCH_ROUTE"),
        ("POST", "/api/v1/status", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/api/v1/status?x=1", 400, "UNKNOWN_PARAMETER"),
        ("GET", "/api/v1/blocks?limit=0", 400, "INVALID_PARAMETER"),
        ("GET", "/api/v1/blocks?limit=101", 400, "INVALID_PARAMETER"),
        ("GET", "/api/v1/blocks?limit=1&limit=2", 400, "INVALID_PARAMETER"),
        ("GET", "/api/v1/blocks?before=-1", 400, "INVALID_PARAMETER"),
        ("GET", "/api/v1/blocks/99", 404, "NOT_FOUND"),
        ("GET", "/api/v1/blocks/xyz", 400, "INVALID_PARAMETER"),
        ("GET", "/api/v1/blocks/" + "AB" * 32, 400, "INVALID_PARAMETER"),
        ("GET", "/api/v1/headers/9223372036854775808", 400, "INVALID_PARAMETER"),
        ("GET", "/api/v1/accounts/nobody", 400, "INVALID_ADDRESS"),
        ("GET", "/api/v1/transactions/00", 400, "INVALID_PARAMETER"),
        ("GET", "/api/v1/events?after=x", 400, "INVALID_PARAMETER"),
        ("POST", "/api/v1/transactions", 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("GET", "/api/v1/dapp", 404, "NO_SUCH_ROUTE"),
        ("GET", "/api/v1/chains/main/dapp", 404, "NOT_FOUND"),
    ],
)
async def test_every_mistake_is_a_problem_with_its_status_and_code(
    http, method, path, status, code
):
    async with http.request(method, path) as response:
        problem = await response.json(content_type="application/problem+json")
        assert (response.status, problem["code"]) == (status, code)
        assert problem["status"] == status
        assert problem["request_id"] == response.headers["X-Request-ID"]
        assert problem["title"]
        assert problem["fix"]
        assert problem["retryable"] is False


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"\xc1", "application/msgpack", 400, "MALFORMED_REQUEST"),
        (b"\x90", "application/msgpack", 400, "MALFORMED_REQUEST"),
        (encode([1]), "application/msgpack", 400, "MALFORMED_REQUEST"),
        (b"{", "application/json", 400, "MALFORMED_REQUEST"),
        (b'{"transactions": ["zz"]}', "application/json", 400, "MALFORMED_REQUEST"),
        (b'{"transactions": []}', "application/json", 400, "MALFORMED_REQUEST"),
        (b'{"transactions": ["00"], "x": 1}', "application/json", 400, "MALFORMED_REQUEST"),
        (b"[" * 100_000, "application/json", 400, "MALFORMED_REQUEST"),
        (b"\x91" * 100_000, "application/msgpack", 400, "MALFORMED_REQUEST"),
        (b"x" * (SETTINGS.submit_bytes_max + 1), "application/msgpack", 413, "LIMIT_EXCEEDED"),
    ],
)
async def test_broken_bodies_are_refused(http, body, content_type, status, code):
    headers = {"Content-Type": content_type}
    async with http.post("/api/v1/transactions", data=outgoing(body), headers=headers) as response:
        problem = await response.json(content_type=None)
        assert (response.status, problem["code"]) == (status, code)


async def test_a_compressed_body_is_refused_unopened(http):
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    async with http.post("/api/v1/transactions", data=b"bomb", headers=headers) as response:
        assert response.status == 415


async def test_every_error_of_a_json_body_is_named_with_its_path(http):
    async with http.post(
        "/api/v1/transactions/simulate", json={"transaction": 5, "more": 1}
    ) as response:
        problem = await response.json(content_type=None)
    assert {error["path"] for error in problem["values"]["errors"]} == {"transaction", "more"}


async def test_immutable_answers_have_an_etag_and_are_not_sent_twice(http):
    for path in ("/api/v1/blocks/3", "/api/v1/headers/3"):
        async with http.get(path) as response:
            etag = response.headers["ETag"]
            assert "immutable" in response.headers["Cache-Control"]
        async with http.get(path, headers={"If-None-Match": etag}) as response:
            assert response.status == 304
            assert await response.read() == b""
        async with http.get(path, headers={"If-None-Match": '"other"'}) as response:
            assert response.status == 200
    async with http.get("/api/v1/blocks/latest") as response:
        assert "ETag" not in response.headers


async def test_the_openapi_documents_are_valid(http):
    for path in ("/openapi.json", "/api/v1/chains/shop/openapi.json"):
        async with http.get(path) as response:
            document = await response.json()
        OpenAPIV31SpecValidator(document).validate()
    assert "/api/v1/chains/shop/queries/balance" in document["paths"]
    assert "/api/v1/chains/shop/status" in document["paths"]


async def test_every_answer_fits_the_schema_in_the_openapi_document(http, chain):
    async with http.get("/openapi.json") as response:
        document = await response.json()
    block = chain.store.blocks[3].block
    examples = {
        "chain": "shop", "block": "0", "height": "0", "id": next(iter(chain.store.raws)).hex(),
        "address": ALICE_ADDRESS, "key": b"known".hex(), "peer": PEER.hex(), "seq": "1",
        "name": "balance",
    }  # fmt: skip
    assert block.transactions
    checked = 0
    for path, operations in document["paths"].items():
        operation = operations.get("get")
        if operation is None or path.endswith(("/stream", "/wait")):
            continue
        async with http.get(path.format(**examples)) as response:
            if response.status == 404 and "/chains/" in path:
                continue  # the small DApp has no messages or transactions
            assert response.status == 200, path
            answer = await response.json()
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        validator = jsonschema.Draft202012Validator(schema | {"components": document["components"]})
        validator.validate(answer)
        checked += 1
    body = {"transactions": [chain.transfer(77).hex(), "00"]}
    async with http.post("/api/v1/transactions", json=body) as response:
        answer = await response.json()
    schema = document["paths"]["/api/v1/transactions"]["post"]["responses"]["200"]
    jsonschema.Draft202012Validator(
        schema["content"]["application/json"]["schema"] | {"components": document["components"]}
    ).validate(answer)
    assert checked > 20


async def test_health_and_readiness(http, chain):
    for path in ("/healthz", "/readyz"):
        async with http.get(path) as response:
            assert response.status == 200
        async with http.head(path) as response:
            assert response.status == 200
            assert await response.read() == b""
    application = build_application(
        ChainDirectory(chain), settings=SETTINGS, readiness=lambda: "catching up"
    )
    async with (
        serve(application, SETTINGS) as running,
        aiohttp.ClientSession() as session,
        session.get(running.url + "/readyz") as response,
    ):
        problem = await response.json(content_type=None)
        assert (response.status, problem["code"]) == (503, NotReady.code)
        assert problem["values"] == {"reason": "catching up"}


async def test_an_address_that_asks_too_much_is_told_when_to_come_back(chain):
    settings = HttpSettings(port=0, tokens_per_s=0.001, tokens_max=3)
    application = build_application(ChainDirectory(chain), settings=settings)
    async with serve(application, settings) as running, aiohttp.ClientSession() as session:
        for _ in range(3):
            async with session.get(running.url + "/healthz") as response:
                assert response.status == 200
        async with session.get(running.url + "/healthz") as response:
            assert response.status == 429
            assert int(response.headers["Retry-After"]) > 0
            assert (await response.json(content_type=None))["retryable"] is True


async def test_other_origins_read_only_when_configured(chain):
    for origins, allowed in (
        ((), None),
        (("https://a.example",), "https://a.example"),
        (("*",), "*"),
    ):
        settings = HttpSettings(port=0, tokens_per_s=0, cors_origins=origins)
        application = build_application(ChainDirectory(chain), settings=settings)
        async with serve(application, settings) as running, aiohttp.ClientSession() as session:
            headers = {"Origin": "https://a.example"}
            async with session.get(running.url + "/healthz", headers=headers) as response:
                assert response.headers.get("Access-Control-Allow-Origin") == allowed
            asked = headers | {"Access-Control-Request-Method": "POST"}
            url = running.url + "/api/v1/transactions"
            async with session.options(url, headers=asked) as response:
                assert response.status == 204
                assert response.headers.get("Access-Control-Allow-Origin") == allowed
                assert ("Access-Control-Allow-Methods" in response.headers) == bool(allowed)
            async with session.get(
                running.url + "/healthz", headers={"Origin": "https://b.example"}
            ) as response:
                expected = "*" if origins == ("*",) else None
                assert response.headers.get("Access-Control-Allow-Origin") == expected


async def test_a_bug_is_answered_without_its_secrets(chain, capsys):
    chain.details = {"broken": object()}
    application = build_application(ChainDirectory(chain), settings=SETTINGS)
    async with (
        serve(application, SETTINGS) as running,
        aiohttp.ClientSession() as session,
        session.get(f"{running.url}/api/v1/accounts/{ALICE_ADDRESS}") as response,
    ):
        text = await response.text()
        assert response.status == 500
    problem = json.loads(text)
    assert problem["code"] == "INTERNAL"
    assert "Traceback" not in text
    assert problem["request_id"] in capsys.readouterr().out


async def test_an_answer_that_takes_too_long_is_cut_off(chain):
    settings = HttpSettings(port=0, tokens_per_s=0, deadline_ms=50)
    application = build_application(ChainDirectory(chain), settings=settings)
    async with serve(application, settings) as running, ChainClient(running.url) as client:
        with pytest.raises(ChainError) as cut:
            await client.wait_committed(bytes(32), timeout_ms=10_000)
    assert cut.value.code == "DEADLINE_EXCEEDED"


async def test_too_many_connections_are_closed_at_once(chain):
    settings = HttpSettings(port=0, tokens_per_s=0, connections_max=1)
    application = build_application(ChainDirectory(chain), settings=settings)
    async with (
        serve(application, settings) as running,
        ChainClient(running.url) as first,
        ChainClient(running.url) as second,
    ):
        await first.status()
        with pytest.raises(NodeUnreachable):
            await second.status()
        await first.status()


async def test_an_error_of_an_unknown_code_is_a_remote_error():
    from chain_engine.http.problem import error_of

    error = error_of(msgspec.json.decode(b'{"code": "FROM_THE_FUTURE", "detail": "x"}'))
    assert isinstance(error, RemoteError)
    assert error.values["remote_code"] == "FROM_THE_FUTURE"


@pytest.mark.parametrize(
    "raw",
    [
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nA\x00: b\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nA: " + b"b" * 20_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 200 + b"\r\n",
        b"POST /api/v1/transactions HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        (
            b"POST /api/v1/transactions HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        ),
        (
            b"POST /api/v1/transactions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"
        ),
    ],
)
async def test_what_is_no_http_gets_a_problem_and_harms_nobody(server, client, raw, caplog):
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(raw)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b" 400 " in head.split(b"\r\n")[0]
    assert json.loads(body)["code"] == "MALFORMED_REQUEST"
    assert (await client.status())["height"] == 5
    assert not caplog.records


async def test_a_connection_that_asks_nothing_is_closed(chain):
    settings = HttpSettings(port=0, tokens_per_s=0, first_request_s=0.05)
    application = build_application(ChainDirectory(chain), settings=settings)
    async with serve(application, settings) as running, ChainClient(running.url) as client:
        await client.status()
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost:")
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
        await client.status()


async def test_a_transaction_is_proven_under_the_roots_of_its_header(client, chain):
    identity = next(iter(chain.store.raws))
    proof = await client.prove_transaction(identity)
    header = chain.store.blocks[proof.height].block.header
    receipt = chain.store.receipts[identity].receipt
    verify_inclusion(header.receipts_root, encode(receipt), proof.receipt_path)


async def test_a_node_may_give_shorter_pages(chain):
    settings = HttpSettings(port=0, tokens_per_s=0, page_items_max=2)
    application = build_application(ChainDirectory(chain), settings=settings)
    async with serve(application, settings) as running, ChainClient(running.url) as client:
        async with aiohttp.ClientSession() as http, http.get(f"{client.path}/blocks") as response:
            assert len((await response.json())["data"]) == 2
        with pytest.raises(InvalidParameter):
            await client.blocks(limit=3)
