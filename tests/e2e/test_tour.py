"""The tour as a library: every step it tells of is on the chain, and a failing one is named."""

import re

import pytest
from support.running_ecc import PACE, copy_package

import acc.tour
from acc.devnet import Devnet
from chain_engine.http.client import ChainClient
from chain_engine.primitives.errors import ChainError


async def test_the_tour_passes_and_its_second_run_fails_at_a_named_step(tmp_path, monkeypatch):
    quick = copy_package(acc.tour.DAPP, tmp_path / "ecc", **PACE)
    monkeypatch.setattr(acc.tour, "DAPP", quick)
    lines: list[str] = []
    pace = {"interval_ms": 200, "idle_interval_ms": 1_000}
    async with Devnet.create(tmp_path / "net", nodes=2, dapps=("ecc",), **pace) as net:
        result = await acc.tour.run_tour(net, lines.append)
        assert (result["ok"], result["nodes"], result["supply_conserved"]) == (True, 2, True)
        told = [m for line in lines if (m := re.search(r"height (\d+), id ([0-9a-f]{16})", line))]
        assert len(told) >= 10
        async with ChainClient(net.url) as main, ChainClient(net.url, chain="ecc") as side:
            for match in told:
                height, start = int(match[1]), match[2]
                found = [
                    tx["id"]
                    for client in (main, side)
                    if height <= (await client.status())["height"]
                    for tx in (await client.block_transactions(height))["data"]
                ]
                assert [i for i in found if i.startswith(start)], match[0]
        with pytest.raises(ChainError) as caught:
            await acc.tour.run_tour(net, lines.append)
    assert (caught.value.code, caught.value.values["step"]) == ("CHAIN_EXISTS", "deploy")
    assert caught.value.fix
