"""What lies in a devnet's folder, and how it is made.

devnet.json      what follows, with addresses and URLs
genesis.json     the main chain's genesis file
password         opens every key of this devnet
wallet/*.json    funded accounts
node-1/ ...      home of each node: node.toml, node.json (its key), node.log, its data
"""

import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from acc.devnet_file import (
    DEVNET_FILE,
    GENESIS_FILE,
    PASSWORD_FILE,
    WALLET_FOLDER,
    AccountEntry,
    DevnetFile,
    NodeEntry,
)
from acc.files import create_private_file, replace_file
from acc.keystore import (
    create_keystore,
    decrypt_key,
    keystore_path,
    load_keystore,
    read_password_file,
)
from acc.ports import draw_free_ports, find_free_ports, is_port_free
from acc.settings import NodeSettings, PeerSettings, load_settings, save_settings
from chain_engine.crypto.accounts import decode_address
from chain_engine.crypto.keys import SecretKey
from mainchain.genesis import (
    SUPPLY_UNITS,
    UNITS_PER_ACC,
    BalanceFile,
    DelegateFile,
    GenesisFile,
    ParametersFile,
)

NODE_KEY = "node"
"""Name of a node's own keystore, in its home."""

ACCOUNT_NAMES = ("alice", "bob", "issuer", "custodian", "merchant", "carol", "dave")
"""Funded accounts that every devnet has."""

TREASURY = "treasury"
"""The account that holds the rest of the supply."""

FUNDS_UNITS = 1_000_000 * UNITS_PER_ACC
"""What every named account begins with: 1,000,000 ACC."""

CHECKPOINT_BLOCKS = 5
"""Devnets make bridge checkpoints twice as often as public networks."""


@dataclass(frozen=True, slots=True)
class DevnetAccount:
    """A funded account with its key opened."""

    name: str
    """Such as `alice`."""

    address: str
    """Its address."""

    account: bytes
    """The 20 bytes of the address."""

    key: SecretKey
    """Its secret key."""


@dataclass(frozen=True, slots=True)
class DevnetOptions:
    """What a new devnet is made of."""

    nodes: int = 4
    """Delegates, each with its own process."""

    port: int | None = None
    """First port to try, then upwards; None lets the system choose all."""

    interval_ms: int = 500
    """Least time between two blocks of the main chain."""

    idle_interval_ms: int = 5_000
    """Longest time without a block."""

    account_names: Sequence[str] = ACCOUNT_NAMES
    """Accounts to fund."""

    dapps: Sequence[str] = ()
    """Chains every node runs as soon as they are registered."""

    relay: bool = True
    """Whether the nodes relay bridge messages."""

    unsafe_dev: bool = False
    """Whether DApps may run without isolation where the kernel has none."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least important line in the nodes' logs."""


def write_devnet(home: Path, options: DevnetOptions) -> DevnetFile:
    """Make everything in a devnet's folder; `devnet.json` comes last.

    Raises:
        NoFreePort: not enough free ports.
    """
    ports = _choose_ports(options.nodes, options.port)
    home.mkdir(parents=True, exist_ok=True)
    password = secrets.token_urlsafe(24)
    create_private_file(home / PASSWORD_FILE, f"{password}\n".encode())
    accounts = _write_accounts(home, options, password)
    nodes = _write_node_keys(home, ports, password)
    genesis = _build_genesis(nodes, accounts, options)
    genesis_text = json.dumps(genesis.model_dump(), indent=2)
    (home / GENESIS_FILE).write_text(genesis_text + "\n", encoding="utf-8")
    for node in nodes:
        _write_settings(home, node, nodes, options)
    file = DevnetFile(nodes=nodes, accounts=accounts)
    _save_devnet(home, file)
    return file


def load_accounts(home: Path, file: DevnetFile) -> dict[str, DevnetAccount]:
    """Open every account of a devnet.

    Raises:
        KeystoreNotFound: a keystore is missing.
        KeystoreDamaged: a keystore was altered.
        WrongPassword: the password file was altered.
    """
    password = read_password_file(home / file.password_file)
    accounts = {}
    for entry in file.accounts:
        keystore = load_keystore(keystore_path(home / file.wallet, entry.name))
        key = decrypt_key(keystore, password)
        account = decode_address(keystore.address)
        accounts[entry.name] = DevnetAccount(entry.name, keystore.address, account, key)
    return accounts


def move_to_free_ports(home: Path, file: DevnetFile) -> DevnetFile:
    """Give nodes whose ports are taken new ones; return what `devnet.json` says now."""
    ports = [_port_of(node.url) for node in file.nodes]
    if all(is_port_free(port) for port in ports):
        return file
    free = find_free_ports(len(ports), min(ports))
    nodes = [
        node.model_copy(update={"url": _url(port)})
        for node, port in zip(file.nodes, free, strict=True)
    ]
    for node, port in zip(nodes, free, strict=True):
        old = load_settings(home / node.home, environment={})
        changes = {"listen_port": port, "peers": _peers_of(node, nodes)}
        save_settings(old.model_copy(update=changes))
    moved = file.model_copy(update={"nodes": nodes})
    _save_devnet(home, moved)
    return moved


def _choose_ports(count: int, first: int | None) -> list[int]:
    return draw_free_ports(count) if first is None else find_free_ports(count, first)


def _url(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def _port_of(url: str) -> int:
    return int(url.rsplit(":", 1)[1])


def _write_accounts(home: Path, options: DevnetOptions, password: str) -> list[AccountEntry]:
    funds = dict.fromkeys(options.account_names, FUNDS_UNITS)
    funds[TREASURY] = SUPPLY_UNITS - sum(funds.values())
    entries = []
    for name, amount in funds.items():
        keystore = create_keystore(home / WALLET_FOLDER, name, password, purpose="devnet")
        entries.append(AccountEntry(name=name, address=keystore.address, amount=str(amount)))
    return entries


def _write_node_keys(home: Path, ports: Sequence[int], password: str) -> list[NodeEntry]:
    nodes = []
    for number, port in enumerate(ports, start=1):
        name = f"node-{number}"
        keystore = create_keystore(home / name, NODE_KEY, password, purpose="devnet")
        nodes.append(
            NodeEntry(name=name, home=name, url=_url(port), public_key=keystore.public_key)
        )
    return nodes


def _build_genesis(
    nodes: Sequence[NodeEntry], accounts: Sequence[AccountEntry], options: DevnetOptions
) -> GenesisFile:
    return GenesisFile(
        name="acc-devnet",
        time_ms=time.time_ns() // 1_000_000,
        parameters=ParametersFile(
            block_interval_ms=options.interval_ms,
            idle_interval_ms=max(options.idle_interval_ms, options.interval_ms),
            checkpoint_blocks=CHECKPOINT_BLOCKS,
        ),
        delegates=[DelegateFile(name=node.name, key=node.public_key) for node in nodes],
        balances=[BalanceFile(address=a.address, amount=a.amount) for a in accounts],
    )


def _write_settings(
    home: Path, node: NodeEntry, nodes: Sequence[NodeEntry], options: DevnetOptions
) -> None:
    save_settings(
        NodeSettings(
            home=home / node.home,
            name=node.name,
            listen_port=_port_of(node.url),
            genesis=home / GENESIS_FILE,
            key_file=Path(f"{NODE_KEY}.json"),
            key_password_file=home / PASSWORD_FILE,
            peers=_peers_of(node, nodes),
            dapps=tuple(options.dapps),
            relay=options.relay,
            unsafe_dev=options.unsafe_dev,
            log_level=options.log_level,
        )
    )


def _peers_of(node: NodeEntry, nodes: Sequence[NodeEntry]) -> tuple[PeerSettings, ...]:
    return tuple(
        PeerSettings(url=other.url, public_key=other.public_key)
        for other in nodes
        if other.name != node.name
    )


def _save_devnet(home: Path, file: DevnetFile) -> None:
    replace_file(home / DEVNET_FILE, (json.dumps(file.model_dump(), indent=2) + "\n").encode())
