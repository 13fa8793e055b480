"""Real node processes on loopback, shared by the tests of one module where they only read."""

import pytest
from support.running_ecc import eventually as wait_until

from acc.devnet import Devnet
from acc.transactions import Order, prepare_transaction
from chain_engine.http.client import ChainClient
from chain_engine.ledger.kinds.account_transfer import TransferPayload


@pytest.fixture
async def net(tmp_path):
    """Four running nodes, fresh keys, one block a quarter of a second while there is work."""
    devnet = Devnet.create(
        tmp_path / "net", nodes=4, interval_ms=250, idle_interval_ms=1_000, log_level="info"
    )
    async with devnet:
        yield devnet


@pytest.fixture
def eventually():
    """Wait for a condition that becomes true through other processes; never a fixed sleep."""

    async def wait(holds, what: str):
        return await wait_until(what, holds)

    return wait


@pytest.fixture
def pay():
    """Commit a transfer through one node and return (id, height)."""

    async def transfer(net, index: int, sender: str, recipient: str, units: int):
        async with ChainClient(net.urls[index]) as client:
            payload = TransferPayload("ACC", net.accounts[recipient].account, units, "")
            order = Order("account.transfer", payload)
            signed = await prepare_transaction(client, net.accounts[sender].key, order)
            outcome = await client.submit_and_wait(signed.raw, timeout_ms=20_000)
            if outcome.error is not None:
                raise outcome.error
            assert outcome.height is not None, "committed"
            return signed.id, outcome.height

    return transfer
