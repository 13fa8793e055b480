"""Files that a real node must refuse: a bad package by its admin socket, a bad genesis at start."""

import json
import os
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

import pytest

from acc.admin_client import AdminClient
from acc.devnet import Devnet
from chain_engine.http.client import ChainClient
from sidechain_host.manifest_reader import InvalidManifest
from sidechain_host.package import InvalidPackage, pack_files

BANK = Path(__file__).parents[1] / "support" / "dapps" / "bank"


def bank_files() -> dict[str, bytes]:
    return {
        path.relative_to(BANK).as_posix(): path.read_bytes()
        for path in BANK.rglob("*")
        if path.is_file()
    }


async def test_a_bad_package_is_refused_with_every_problem_and_nothing_of_it_is_kept(tmp_path):
    files = bank_files()
    manifest = json.loads(files["dapp.json"])
    manifest["name"] = "No Good Name"
    manifest["chain"]["checkpoint_blocks"] = 3
    manifest["methods"]["pay"]["arguments"]["amount"] = "float"
    manifest["permissions"]["files.read"] = ["/etc/passwd"]
    manifest["entry"] = "contract/missing.js"
    files["dapp.json"] = json.dumps(manifest).encode()
    async with Devnet.create(tmp_path, nodes=1) as net, ChainClient(net.url) as client:
        admin = AdminClient(net.nodes[0].home / "admin.sock")
        before = (await client.status())["state_root"]
        with pytest.raises(InvalidManifest) as caught:
            await admin.add_package(pack_files(files).raw)
        problems = caught.value.values["problems"]
        paths = {problem["path"] for problem in problems}
        assert all(problem["reason"] and problem["fix"] for problem in problems)
        for start in ("name", "chain", "methods.pay", "permissions", "entry"):
            assert any(path.startswith(start) for path in paths), (start, paths)
        for raw in (b"", b"junk", pack_files(bank_files()).raw[:-1]):
            with pytest.raises(InvalidPackage):
                await admin.add_package(raw)
        assert await admin.dapps() == []
        assert not any((net.nodes[0].home / "packages").iterdir())
        # The socket is the owner's alone, and no such route is public.
        assert (net.nodes[0].home / "admin.sock").stat().st_mode & 0o777 == 0o600
        async with client.session().post(f"{net.url}/admin/v1/packages", data=b"x") as response:
            assert response.status == 404
        assert (await client.status())["state_root"] == before


async def test_a_node_with_a_bad_genesis_ends_and_names_every_field(tmp_path):
    net = Devnet.create(tmp_path / "net", nodes=1)
    file = net.home / "genesis.json"
    genesis = json.loads(file.read_text())
    genesis["parameters"]["block_interval_ms"] = -1
    genesis["delegates"][0]["key"] = "zz"
    genesis["balances"][0]["amount"] = "1.5"
    genesis["colour"] = "blue"
    file.write_text(json.dumps(genesis))
    process = await create_subprocess_exec(
        sys.executable, "-m", "acc", "node", "run", "--home", str(net.nodes[0].home),
        stdin=DEVNULL, stdout=PIPE, stderr=PIPE, env=dict(os.environ),
    )  # fmt: skip
    out, err = await process.communicate()
    said = (out + err).decode()
    assert process.returncode != 0
    assert "Traceback" not in said
    assert "INVALID_GENESIS" in said
    for path in ("block_interval_ms", "delegates", "balances", "colour"):
        assert path in said, path
    await net.stop()
