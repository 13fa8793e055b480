"""Sandbox processes are real, their deaths harm nobody, and hostile packages are stopped."""

import asyncio
import json
import os
import signal
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from support.processes import find_process, runners_of
from support.running_ecc import (
    ACC,
    RunningEcc,
    copy_package,
    eventually,
    post_transaction,
    running_ecc,
    state_root,
)

from acc.admin_client import AdminClient
from acc.deploy import deploy_dapp, register_dapp
from acc.transactions import Order, prepare_transaction
from chain_engine.http.client import ChainClient
from sidechain_host.calls import CallPayload
from sidechain_host.limits import TRANSACTION_GAS_MAX
from sidechain_host.sandbox.compiler import ContractRefused
from sidechain_host.sandbox.errors import SandboxCrashed

HOSTILE = Path(__file__).parents[1] / "support" / "dapps" / "hostile"

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ecc(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    async with running_ecc(folder, nodes=4, dapps=("ecc", "hostile", "endless")) as running:
        await running.deposited("alice", 100 * ACC)
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hostile(ecc, tmp_path_factory):
    """The hostile DApp at every node; `mallory` is carol."""
    folder = write_hostile(ecc, tmp_path_factory.mktemp("package") / "hostile")
    await deploy_dapp(ecc.net, ecc.main, folder, ecc.account("issuer"))
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(ChainClient(url, chain="hostile"))
            for url in ecc.net.urls
        ]


def write_hostile(ecc: RunningEcc, folder: Path) -> Path:
    """The hostile package, with fuel for carol."""
    copy_package(HOSTILE, folder)
    genesis = json.loads((folder / "genesis.json").read_text())
    genesis["assets"]["FUEL"]["balances"] = {ecc.account("carol").address: str(10**12)}
    (folder / "genesis.json").write_text(json.dumps(genesis))
    return folder


async def attack(ecc: RunningEcc, chain: ChainClient, method: str, gas: int = 10_000_000):
    """Commit an attack; returns its outcome, when every node has it."""
    order = Order("dapp.call", CallPayload(method, "{}"), gas_limit=gas)
    signed = await prepare_transaction(chain, ecc.account("carol").key, order)
    answer = await post_transaction(chain, signed.raw)
    assert answer.status == 200, answer.document
    outcome = await chain.wait_committed(signed.id, timeout_ms=60_000)
    for url in ecc.net.urls:
        async with ChainClient(url, chain=chain.path.rpartition("/")[2]) as other:
            await all_at([other], outcome.height)
    return outcome


async def heights(*clients: ChainClient) -> list[int]:
    return [(await client.status())["height"] for client in clients]


async def test_the_runner_is_another_process_behind_seccomp_on_every_node(ecc):
    seen = set()
    for node in ecc.net.nodes:
        runners = runners_of(node.pid)
        assert runners, "a DApp runs, so there is a runner"
        for runner in runners:
            assert runner.pid not in {n.pid for n in ecc.net.nodes}
            assert (runner.status["Seccomp"], runner.status["NoNewPrivs"]) == ("2", "1")
            assert int(runner.status["PPid"]) == node.pid
            # The filter is the runner's own: the node needs files and sockets.
            assert find_process(node.pid).status["Seccomp"] == "0"
            assert int(runner.status["CapEff"], 16) == int(runner.status["CapPrm"], 16) == 0
            seen.add(runner.pid)
    assert len(seen) >= 4


async def test_killed_runners_are_replaced_and_the_dapp_goes_on_from_its_last_block(ecc):
    await ecc.call("alice", "transfer", _transfer(ecc, 1))
    before = await heights(*ecc.eccs)
    killed = [runner.pid for node in ecc.net.nodes for runner in runners_of(node.pid)]
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    outcome = await ecc.call("alice", "transfer", _transfer(ecc, 2), node=1)
    assert outcome.height > min(before)
    alive = [runner.pid for node in ecc.net.nodes for runner in runners_of(node.pid)]
    assert not set(alive) & set(killed)
    for node in ecc.net.nodes:
        assert runners_of(node.pid), "a new one"

    await all_at(ecc.eccs, outcome.height)
    roots = {(await client.header(outcome.height)).header.state_root for client in ecc.eccs}
    assert len(roots) == 1


async def test_one_killed_runner_at_a_time_while_calls_run(ecc):
    for place, node in enumerate(ecc.net.nodes):
        for runner in runners_of(node.pid):
            os.kill(runner.pid, signal.SIGKILL)
        outcome = await ecc.call("alice", "transfer", _transfer(ecc, 1), node=place)
        assert outcome.height is not None


async def test_queries_go_on_after_the_reading_process_is_killed(ecc):
    (node, client) = (ecc.net.nodes[0], ecc.ecc)
    writers = {runner.pid for runner in runners_of(node.pid)}
    before = await client.query("info")
    readers = {runner.pid for runner in runners_of(node.pid)}
    assert len(readers) >= 2, "one executes blocks, one answers"
    for pid in readers:
        os.kill(pid, signal.SIGKILL)

    async def answered():
        try:
            return await client.query("info") == before
        except SandboxCrashed:
            return False  # the one that was on its way when its process died

    await eventually("the query to be answered again", answered)
    assert not {runner.pid for runner in runners_of(node.pid)} & (readers | writers)
    await ecc.call("alice", "transfer", _transfer(ecc, 1))


@pytest.mark.parametrize(
    ("method", "code"),
    [
        ("loop", "OUT_OF_GAS"),
        ("memory", "OUT_OF_GAS"),
        ("recursion", "TOO_DEEP"),
        ("fs", "MODULE_DENIED"),
        ("outside", "MODULE_DENIED"),
        ("socket", "MODULE_DENIED"),
        ("topLevel", "OUT_OF_GAS"),
    ],
)
async def test_an_attack_ends_with_its_code_and_the_next_call_works(ecc, hostile, method, code):
    runners = {runner.pid for node in ecc.net.nodes for runner in runners_of(node.pid)}
    outcome = await attack(ecc, hostile[0], method, TRANSACTION_GAS_MAX)
    assert outcome.receipt["code"] == code
    left = {runner.pid for node in ecc.net.nodes for runner in runners_of(node.pid)}
    assert left >= runners, "gas ends it, not the death of a process"
    after = await attack(ecc, hostile[1], "still")
    assert (after.receipt["code"], after.receipt["events"][-1]["name"]) == ("", "Still")


@pytest.mark.parametrize("method", ["loop", "memory"])
async def test_main_chain_and_ecc_keep_their_pace_under_attack(ecc, hostile, method):
    clients = (ecc.main, ecc.ecc, hostile[0])
    busy = [asyncio.create_task(_keep_paying(ecc)), asyncio.create_task(_keep_calling(ecc))]
    try:
        before = await heights(*clients)
        for _ in range(5):
            outcome = await attack(ecc, hostile[0], method)
            assert outcome.receipt["code"] == "OUT_OF_GAS"
        after = await heights(*clients)
    finally:
        for task in busy:
            task.cancel()
        ended = await asyncio.gather(*busy, return_exceptions=True)
    assert all(isinstance(end, asyncio.CancelledError) for end in ended), ended
    main, side, attacked = (b - a for a, b in zip(before, after, strict=True))
    assert attacked >= 5
    assert main >= attacked, "the main chain makes at least as many blocks as the attacked one"
    assert side >= attacked / 2


@pytest.mark.parametrize("name", ["loop", "memory"])
async def test_a_query_that_never_ends_is_refused_and_stops_nothing(ecc, hostile, name):
    async def answer():
        url = f"{hostile[2].path}/queries/{name}"
        async with hostile[2].session().get(url) as response:
            assert response.content_type == "application/problem+json"
            document = await response.json(content_type=None)
        # Another test may have killed the reading process: the first question after it says so.
        return None if document["code"] == "SANDBOX_CRASHED" else document

    document = await eventually("the query to be answered", answer)
    # On a slow machine the wall clock ends it before the gas does.
    ended = (document["code"], document["values"].get("refusal"))
    assert ended in {("QUERY_REFUSED", "OUT_OF_GAS"), ("SANDBOX_TIMEOUT", None)}
    await ecc.pay("alice", "bob", 1)
    assert (await attack(ecc, hostile[2], "still")).receipt["code"] == ""


async def test_a_package_whose_entry_never_ends_runs_and_every_call_of_it_is_charged(ecc, tmp_path):
    folder = write_hostile(ecc, tmp_path / "endless")
    manifest = json.loads((folder / "dapp.json").read_text())
    (folder / "dapp.json").write_text(json.dumps(manifest | {"name": "endless"}))
    (folder / "contract" / "index.js").write_text("for (;;);\n")
    await deploy_dapp(ecc.net, ecc.main, folder, ecc.account("issuer"))
    async with ChainClient(ecc.net.urls[3], chain="endless") as chain:
        before = await heights(ecc.main, ecc.ecc)
        outcome = await attack(ecc, chain, "still")
        assert outcome.receipt["code"] == "OUT_OF_GAS"
        assert int(outcome.receipt["fee"]) > 0
    await ecc.call("alice", "transfer", _transfer(ecc, 1))
    await ecc.pay("alice", "bob", 1)
    assert all(b > a for a, b in zip(before, await heights(ecc.main, ecc.ecc), strict=True))


@pytest.mark.parametrize(
    ("name", "line", "source"),
    [
        ("evil-a", 2, "exports.methods = { still: (ctx) =>\n  eval('1') };"),
        ("evil-b", 1, "exports.methods = { still: async (ctx) => ctx.emit('Still', {}) };"),
        ("evil-c", 3, "exports.methods = {\n  still: (ctx) =>\n    /(a+)+$/.test('aaaa!') };"),
        ("evil-d", 1, "import fs from 'fs';"),
    ],
)
async def test_a_package_with_forbidden_code_is_refused_at_install_with_file_and_line(
    ecc, tmp_path, name, line, source
):
    folder = write_hostile(ecc, tmp_path / name)
    manifest = json.loads((folder / "dapp.json").read_text())
    (folder / "dapp.json").write_text(json.dumps(manifest | {"name": name}))
    (folder / "contract" / "bad.js").write_text(source)
    registered = await register_dapp(ecc.net, ecc.main, folder, ecc.account("issuer"))
    for node in ecc.net.nodes[:2]:
        admin = AdminClient(node.home / "admin.sock")
        with pytest.raises(ContractRefused) as caught:
            await admin.install(registered.chain_id.hex())
        (error,) = caught.value.values["errors"]
        assert (error["file"], error["line"]) == ("contract/bad.js", line)
        assert error["reason"]
        assert error["fix"]
        assert name not in {dapp["name"] for dapp in await admin.dapps()}
    root = await state_root(ecc.ecc)
    await ecc.pay("alice", "bob", 1)
    assert await state_root(ecc.ecc) == root


def _transfer(ecc: RunningEcc, units: int) -> dict[str, str]:
    return {"to": ecc.account("bob").address, "asset": "ACC", "amount": str(units)}


async def _keep_paying(ecc: RunningEcc) -> None:
    while True:
        await ecc.pay("bob", "alice", 1, node=1)


async def _keep_calling(ecc: RunningEcc) -> None:
    while True:
        await ecc.call("alice", "transfer", _transfer(ecc, 1), node=2)


async def all_at(clients: list[ChainClient], height: int) -> None:
    async def there() -> bool:
        return min(await heights(*clients)) >= height

    await eventually("every node to have the block", there)
