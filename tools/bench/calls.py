"""Escrow calls per second of the ECC DApp: signed bytes in over HTTP to committed.

    python -m tools.bench.calls --nodes 1 --senders 420 --escrows 12

Every escrow takes five calls (open, accept, deliver, confirm half, confirm the rest). Each phase is
signed beforehand and timed by itself; the rate is all calls over the sum of the times.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acc.deploy import deploy_dapp
from acc.devnet import Devnet
from acc.tour import AGREEMENT_HASH, DAPP
from chain_engine.blocks.build import build_transaction, sign_transaction
from chain_engine.crypto.accounts import encode_address
from chain_engine.crypto.keys import SecretKey
from chain_engine.http.client import ChainClient
from chain_engine.ledger.kinds.chain_send import SendPayload
from mainchain.genesis import COIN, UNITS_PER_ACC
from sidechain_host.calls import CallPayload, encode_arguments
from tools.bench.rates import verify_rates
from tools.bench.throughput import submit_all, wait_included
from tools.bench.workload import NONCE_WINDOW, Sender, make_senders

CALL_FEE = 200_000
"""Units that pay for any of the calls."""

GAS = {
    name: method["gas"]
    for name, method in json.loads((DAPP / "dapp.json").read_text())["methods"].items()
}
"""Gas limits as the manifest suggests them."""

GAS["escrow.open"] = 150_000
"""The manifest's hint is for 20 milestones; these escrows have one, which uses 98,000."""

POLL_S = 0.1
PRICE = 1_000
DAY_S = 86_400


@dataclass
class Parties:
    """The accounts of the benchmark and their nonces on the ECC chain."""

    chain_id: bytes
    """The ECC chain."""

    senders: list[Sender]
    """Accounts; each pays the next one."""

    nonces: dict[int, int] = field(default_factory=dict)
    """Next nonce by place."""

    def call(self, place: int, method: str, arguments: dict[str, Any]) -> bytes:
        """One signed call."""
        sender = self.senders[place]
        nonce = self.nonces.get(place, 0)
        self.nonces[place] = nonce + 1
        tx = build_transaction(
            chain_id=self.chain_id, kind="dapp.call", sender=sender.account, nonce=nonce,
            valid_until_height=1_000_000, fee=CALL_FEE, gas_limit=GAS[method],
            payload=CallPayload(method, encode_arguments(arguments)),
        )  # fmt: skip
        return sign_transaction(tx, self.chain_id, [SecretKey(sender.secret)]).raw

    def address(self, place: int) -> str:
        """Address of an account; places wrap around."""
        return encode_address(self.senders[place % len(self.senders)].account)


async def fund(net: Devnet, main: ChainClient, ecc: ChainClient, parties: Parties) -> None:
    """Send ACC to every account on the ECC chain, through the bridge."""
    chain_id = bytes.fromhex((await main.status())["chain_id"])
    payers = [account for name, account in net.accounts.items() if name != "treasury"]
    raws = []
    nonces = {p.name: (await main.account(p.address)).nonce for p in payers}
    for place, sender in enumerate(parties.senders):
        payer = payers[place % len(payers)]
        payload = SendPayload(
            parties.chain_id, "TRANSFER", COIN, 100 * UNITS_PER_ACC, sender.account,
            (int(time.time()) + DAY_S) * 1000, UNITS_PER_ACC, "", b"",
        )  # fmt: skip
        tx = build_transaction(
            chain_id=chain_id, kind="chain.send", sender=payer.account, nonce=nonces[payer.name],
            valid_until_height=1_000_000, fee=10_000, payload=payload,
        )  # fmt: skip
        nonces[payer.name] += 1
        raws.append(sign_transaction(tx, chain_id, [payer.key]).raw)
    outcomes = await main.submit_many(raws)
    assert all(o.error is None for o in outcomes), "deposits are accepted"
    height = 0
    while (await ecc.commitments())[0].ack_size < len(raws):
        height = await _next_block(ecc, height)


async def _next_block(client: ChainClient, height: int) -> int:
    """Wait until the chain is above a height."""
    while (tip := int((await client.status())["height"])) <= height:
        await asyncio.sleep(POLL_S)
    return tip


async def run_phase(
    net: Devnet, ecc: ChainClient, raws: list[bytes], body: int
) -> tuple[float, list[int]]:
    """Post one phase and wait until it is committed; seconds and block sizes."""
    before = (await ecc.status())["height"]
    start = time.perf_counter()
    following = asyncio.create_task(wait_included(ecc, before, len(raws)))
    accepted = await submit_all(net.urls[:1], raws, body, 4, chain="ecc")
    assert accepted == len(raws), f"accepted {accepted} of {len(raws)}"
    result = await following
    return time.perf_counter() - start, result["block_sizes"]


async def measure(nodes: int, senders: int, escrows: int, body: int) -> dict[str, Any]:
    """Run all phases on a fresh devnet."""
    assert 5 * escrows <= NONCE_WINDOW, "an account's calls of a run fit its nonce window"
    with tempfile.TemporaryDirectory() as folder:
        net = Devnet.create(Path(folder) / "net", nodes=nodes, log_level="warning")
        async with net, ChainClient(net.url) as main:
            deployed = await deploy_dapp(net, main, DAPP, net.accounts["issuer"])
            async with ChainClient(net.url, chain="ecc", timeout_s=120) as ecc:
                parties = Parties(deployed.chain_id, make_senders(senders))
                await fund(net, main, ecc, parties)
                return await _phases(net, ecc, parties, escrows, body)


async def _phases(
    net: Devnet, ecc: ChainClient, parties: Parties, escrows: int, body: int
) -> dict[str, Any]:
    now_s = int(time.time())
    count = len(parties.senders)
    terms = {
        "asset": COIN, "kind": "goods", "agreement_hash": AGREEMENT_HASH, "silence": "release",
        "accept_by": now_s + DAY_S,
        "milestones": [
            {"amount": str(PRICE), "deliver_by": now_s + 2 * DAY_S, "confirm_secs": DAY_S}
        ],
    }  # fmt: skip
    opens = [
        parties.call(
            place,
            "escrow.open",
            {"payer": parties.address(place), "payee": parties.address(place + 1), **terms},
        )
        for _ in range(escrows)
        for place in range(count)
    ]
    results = {"escrow.open": await run_phase(net, ecc, opens, body)}
    ids = await _escrow_ids(ecc, parties)
    half = str(PRICE // 2)
    phases: list[tuple[str, int, Callable[[int], dict[str, Any]]]] = [
        ("escrow.accept", 1, lambda i: {"id": i, "agreement_hash": AGREEMENT_HASH}),
        ("escrow.deliver", 1, lambda i: {"id": i, "no": 0, "proof_hash": AGREEMENT_HASH}),
        ("escrow.confirm", 0, lambda i: {"id": i, "no": 0, "amount": half}),
        ("escrow.confirm", 0, lambda i: {"id": i, "no": 0, "amount": half}),
    ]
    for number, (method, side, arguments) in enumerate(phases):
        raws = [
            parties.call((payer + side) % count, method, arguments(identity))
            for payer, identity in ids
        ]
        results[f"{method} {number}"] = await run_phase(net, ecc, raws, body)
    closed = (await ecc.query("escrows", state="CLOSED", limit=1))["data"]
    assert closed, "the escrows were paid out"
    seconds = sum(took for took, _ in results.values())
    calls = 5 * len(ids)
    return {
        "calls": calls,
        "calls_per_s": round(calls / seconds),
        "phases": {
            name: {"per_s": round(len(ids) / took), "block_sizes": sizes}
            for name, (took, sizes) in results.items()
        },
    }


async def _escrow_ids(ecc: ChainClient, parties: Parties) -> list[tuple[int, int]]:
    """(payer's place, escrow id) of every open escrow."""
    places = {parties.address(n): n for n in range(len(parties.senders))}
    found: list[tuple[int, int]] = []
    cursor: dict[str, Any] = {}
    while True:
        page = await ecc.query("escrows", limit=100, **cursor)
        found += [(places[row["payer"]], int(row["id"])) for row in page["data"]]
        if not page["has_more"]:
            return found
        cursor = {"cursor": page["next_cursor"]}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=1)
    parser.add_argument("--senders", type=int, default=420)
    parser.add_argument("--escrows", type=int, default=12)
    parser.add_argument("--body", type=int, default=100)
    options = parser.parse_args()
    rates = verify_rates()
    result = asyncio.run(measure(options.nodes, options.senders, options.escrows, options.body))
    result = {"nodes": options.nodes, "body": options.body} | result
    print(json.dumps(result | {name: round(value) for name, value in rates.items()}))


if __name__ == "__main__":
    main()
