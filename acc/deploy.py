"""Deploying a DApp: pack, hand the package to a node, register the chain, wait until it runs."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from acc.admin_client import AdminClient
from acc.devnet import Devnet, DevnetAccount
from acc.transactions import Order, prepare_transaction
from chain_engine.blocks.genesis import Genesis
from chain_engine.http.client import ChainClient
from chain_engine.primitives.errors import ChainError, NotFound
from mainchain.genesis import build_genesis, load_genesis
from mainchain.ledger.kinds.chain_register import BOND_UNITS_MIN, RegisterPayload
from sidechain_host.genesis import MainAnchor, build_sidechain_genesis, read_package_manifest
from sidechain_host.package import pack_directory

RUNNING_TIMEOUT_S = 60.0
"""How long the nodes may take to fetch, check and start a registered DApp."""


class DeployFailed(ChainError):
    """A DApp was not deployed."""

    code = "DEPLOY_FAILED"
    title = "The DApp was not deployed."
    fix = "See `reason`, and the nodes' logs."
    status = 500


@dataclass(frozen=True, slots=True)
class Deployed:
    """A DApp that runs on every node."""

    chain_id: bytes
    """Its chain."""

    genesis: Genesis
    """Its beginning, built here."""

    package_hash: bytes
    """SHA-256 of its package."""

    height: int
    """Main chain height of the registration."""

    transaction_id: bytes
    """The registration."""


async def deploy_dapp(
    net: Devnet, main: ChainClient, folder: Path, owner: DevnetAccount
) -> Deployed:
    """Deploy a DApp folder on a devnet: register its chain, and install it on every node.

    Raises:
        DeployFailed: the registration was refused or a node does not run it in time.
        ChainError: a node cannot be reached or refuses the DApp.
    """
    deployed = await register_dapp(net, main, folder, owner)
    await asyncio.gather(
        *(
            _install(node.home / "admin.sock", url, deployed.chain_id)
            for node, url in zip(net.nodes, net.urls, strict=True)
        )
    )
    return deployed


async def _install(socket: Path, url: str, chain_id: bytes) -> None:
    """Install a chain by its id on one node, which may learn of the registration later."""
    deadline = time.monotonic() + RUNNING_TIMEOUT_S
    while True:
        try:
            await AdminClient(socket).install(chain_id.hex())
        except NotFound as error:
            if time.monotonic() > deadline:
                raise DeployFailed(node=url, reason=error.detail) from error
            await asyncio.sleep(0.1)
        else:
            break
    await _until_running(url, chain_id)


async def register_dapp(
    net: Devnet, main: ChainClient, folder: Path, owner: DevnetAccount
) -> Deployed:
    """Hand a DApp folder to the first node and register its chain; nobody needs to run it yet.

    Raises:
        DeployFailed: the package or the registration was refused.
    """
    package = pack_directory(folder)
    name = read_package_manifest(package).name
    await AdminClient(net.nodes[0].home / "admin.sock").add_package(package.raw)
    genesis_file = build_genesis(load_genesis(net.home / "genesis.json"))
    tip = await main.header("latest")
    anchor = MainAnchor(
        bytes.fromhex((await main.status())["chain_id"]),
        tip.header,
        tip.delegates,
        genesis_file.parameters,
    )
    built = build_sidechain_genesis(
        package, name=name, delegates=genesis_file.delegates, anchor=anchor
    )
    payload = RegisterPayload(
        name=name,
        package_hash=package.hash,
        package_bytes=len(package.raw),
        parameters=built.genesis.parameters,
        delegates=genesis_file.delegates,
        genesis=built.block.header,
        anchor_height=tip.header.height,
        bond=BOND_UNITS_MIN,
    )
    signed = await prepare_transaction(main, owner.key, Order("chain.register", payload))
    outcome = await main.submit_and_wait(signed.raw)
    if outcome.error is not None:
        raise outcome.error
    if outcome.height is None:
        raise DeployFailed(reason="the registration was not committed in time")
    return Deployed(built.chain_id, built.genesis, package.hash, outcome.height, signed.id)


async def _until_running(url: str, chain_id: bytes) -> None:
    deadline = time.monotonic() + RUNNING_TIMEOUT_S
    async with ChainClient(url, chain=chain_id.hex()) as client:
        while True:
            try:
                await client.status()
            except ChainError as error:
                if time.monotonic() > deadline:
                    raise DeployFailed(node=url, reason=error.detail) from error
                await asyncio.sleep(0.1)
            else:
                return
