"""The first state of a sidechain, the same on every node (docs/spec/12-packages.md section 5).

It follows from the package, the registered name and delegates, and one main-chain header older
than the registration. `chain.register` posts the header built here, and a node that installs the
chain builds it again and compares.
"""

import hashlib
import importlib.metadata
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from chain_engine.blocks.block import Block, Header, block_id
from chain_engine.blocks.delegates import DelegateSet
from chain_engine.blocks.genesis import Genesis, build_genesis_block
from chain_engine.blocks.light_client import trust_header
from chain_engine.blocks.parameters import ChainParameters
from chain_engine.crypto.hashing import tagged_hash
from chain_engine.ledger.assets import MAIN_COIN, is_symbol
from chain_engine.ledger.bridge.peers import commitments, open_peer
from chain_engine.ledger.genesis import genesis_entries
from chain_engine.ledger.ledger import Ledger
from chain_engine.ledger.machine import BlockContext
from chain_engine.primitives.errors import ChainError
from chain_engine.primitives.limits import AMOUNT_MAX
from chain_engine.state.tree import root_of_entries
from chain_engine.state.view import DictView
from sidechain_host import limits
from sidechain_host.addresses import account_of, is_address
from sidechain_host.manifest import Manifest, chain_parameters
from sidechain_host.manifest_reader import InvalidManifest, parse_json, read_manifest
from sidechain_host.package import GENESIS_PATH, MANIFEST_PATH, Package
from sidechain_host.program import COUNTERS, SYSTEM_TABLES
from sidechain_host.sandbox.version import sandbox_version
from sidechain_host.schema import Problem, to_wire
from sidechain_host.tables import BadRow, Table

HOST_MODULES: Final = Path(__file__).resolve().parent / "sandbox" / "js" / "modules"
_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,18}")


class InvalidDAppGenesis(ChainError):
    """A package's genesis file breaks rules; all of them are listed."""

    code = "INVALID_DAPP_GENESIS"
    title = "The package's genesis file is not valid."
    fix = "Correct every entry of `problems`; each has its path, what is wrong and what to write."
    status = 422

    def __init__(self, problems: list[Problem]) -> None:
        """Keep all problems."""
        self.problems = tuple(problems)
        super().__init__(
            problems=[{"path": p.path, "reason": p.reason, "fix": p.fix} for p in problems]
        )


class GenesisDiffers(ChainError):
    """The genesis that a node builds is not the registered one."""

    code = "GENESIS_DIFFERS"
    title = "The genesis built here is not the registered one."
    fix = "The registration was made from another package, other delegates or another host."
    status = 409


@dataclass(frozen=True)
class PackageGenesis:
    """`genesis.json`, read and checked."""

    params: Mapping[str, Any]
    """What contracts see as `ctx.params`."""

    entries: Mapping[bytes, bytes]
    """State rows: balances, supplies, tables and counters."""


@dataclass(frozen=True)
class MainAnchor:
    """What a sidechain's genesis knows about the main chain."""

    chain_id: bytes
    """The main chain."""

    header: Header
    """A committed header older than the registration."""

    delegates: DelegateSet
    """The set that signed it."""

    parameters: ChainParameters
    """The main chain's parameters."""


@dataclass(frozen=True)
class SidechainGenesis:
    """A sidechain's beginning."""

    genesis: Genesis
    """Everything that decides its first block."""

    block: Block
    """The block at height 0."""

    params: Mapping[str, Any]
    """What contracts see as `ctx.params`."""

    @property
    def chain_id(self) -> bytes:
        """The sidechain's id."""
        return block_id(self.block.header)


def read_package_manifest(package: Package) -> Manifest:
    """Read the manifest of a package.

    Raises:
        InvalidManifest: with every problem.
    """
    return read_manifest(package.files[MANIFEST_PATH], package.files)


def build_sidechain_genesis(
    package: Package, *, name: str, delegates: DelegateSet, anchor: MainAnchor
) -> SidechainGenesis:
    """Build the first block of a sidechain; its time is the anchor's.

    Raises:
        InvalidManifest, InvalidDAppGenesis: the package breaks rules.
        InvalidDelegates, InvalidParameters: the set or the parameters do.
    """
    manifest = read_package_manifest(package)
    parameters = chain_parameters(manifest.chain, machine_hash(package.hash))
    first = read_package_genesis(package, manifest)
    context = BlockContext(
        chain_id=bytes(32), height=0, time_ms=anchor.header.time_ms, seed=bytes(32), forger=b"",
        parameters=parameters,
    )  # fmt: skip
    ledger = Ledger(DictView(first.entries), context, anchor.chain_id)
    trusted = trust_header(
        anchor.chain_id, anchor.header, anchor.delegates, anchor.parameters.trusting_period_ms
    )
    open_peer(ledger, trusted, checkpoint_blocks=1, relay_fee=anchor.parameters.fees.relay_fee)
    written = {key: value for key, value in ledger.writes().items() if value is not None}
    entries = {**first.entries, **written}
    genesis = Genesis(
        version=1, name=name, time_ms=anchor.header.time_ms, parameters=parameters,
        delegates=delegates, entries=entries, commitments=commitments(DictView(entries)),
    )  # fmt: skip
    block = build_genesis_block(genesis, root_of_entries(entries))
    return SidechainGenesis(genesis, block, first.params)


def machine_hash(package_hash: bytes) -> bytes:
    """Return what the parameters fix about execution: package, sandbox scripts, flags, engine."""
    return tagged_hash("acc/dapp-machine", package_hash, host_digest())


@cache
def host_digest() -> bytes:
    """Hash over all that decides results on this host, the same on every CPU platform.

    The engine counts by its version: its library differs per platform and is checked by vectors.
    """
    version = sandbox_version()
    modules = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(HOST_MODULES.glob("*.js"))
    }
    parts = {
        "flags": version["flags"],
        "scripts": version["scripts"],
        "modules": modules,
        "engine": importlib.metadata.version("mini-racer"),
    }
    text = json.dumps(parts, sort_keys=True, separators=(",", ":")).encode()
    return tagged_hash("acc/dapp-host", text)


def read_package_genesis(package: Package, manifest: Manifest) -> PackageGenesis:
    """Read `genesis.json`.

    Raises:
        InvalidDAppGenesis: with every problem.
    """
    try:
        raw = parse_json(package.files[GENESIS_PATH], limits.GENESIS_BYTES_MAX)
    except InvalidManifest as e:
        raise InvalidDAppGenesis(list(e.problems)) from None
    problems: list[Problem] = []
    if not isinstance(raw, dict):
        raise InvalidDAppGenesis([Problem("", "not an object", "a JSON object")])
    problems.extend(
        Problem(name, "unknown section", "params, assets, rows or counters")
        for name in raw.keys() - {"params", "assets", "rows", "counters"}
    )
    sections = {name: _section(raw, name, problems) for name in ("params", "assets", "rows")}
    entries = _asset_entries(sections["assets"], manifest, problems)
    for table in manifest.build_tables():
        entries |= _row_entries(table, sections["rows"].pop(table.name, []), problems)
    problems.extend(
        Problem(f"rows.{name}", "no such table", "declare it") for name in sections["rows"]
    )
    entries |= _counter_entries(_section(raw, "counters", problems), problems)
    if problems:
        raise InvalidDAppGenesis(problems)
    return PackageGenesis(sections["params"], entries)


def _section(raw: dict[str, Any], name: str, problems: list[Problem]) -> dict[str, Any]:
    value = raw.get(name, {})
    if isinstance(value, dict):
        return dict(value)
    problems.append(Problem(name, "not an object", "a JSON object"))
    return {}


def _asset_entries(
    assets: dict[str, Any], manifest: Manifest, problems: list[Problem]
) -> dict[bytes, bytes]:
    allocations: dict[bytes, dict[str, int]] = {}
    totals: dict[str, int] = {}
    for symbol, spec in assets.items():
        path = f"assets.{symbol[:40]}"
        is_own = is_symbol(symbol) and symbol != MAIN_COIN
        if not is_own or symbol not in manifest.permissions.assets_issue:
            problems.append(Problem(path, "not an asset of this chain",
                                    "name it in assets.issue; ACC is taken"))  # fmt: skip
            continue
        holdings = spec.get("balances", {}) if isinstance(spec, dict) else None
        if not isinstance(holdings, dict) or spec.keys() - {"decimals", "balances"}:
            problems.append(Problem(path, "not decimals and balances", "{decimals, balances}"))
            continue
        for address, amount in holdings.items():
            if not (isinstance(amount, str) and _DECIMAL.fullmatch(amount)):
                problems.append(Problem(f"{path}.balances.{address[:40]}", "not an amount",
                                        "a decimal string"))  # fmt: skip
            elif not is_address(address):
                problems.append(Problem(f"{path}.balances.{address[:40]}", "not an address",
                                        "copy the whole address"))  # fmt: skip
            else:
                allocations.setdefault(account_of(address), {})[symbol] = int(amount)
                totals[symbol] = totals.get(symbol, 0) + int(amount)
        if totals.get(symbol, 0) > AMOUNT_MAX:
            problems.append(Problem(path, "too many units", f"at most {AMOUNT_MAX}"))
            return {}
    return genesis_entries(allocations)


def _row_entries(table: Table, rows: Any, problems: list[Problem]) -> dict[bytes, bytes]:
    entries: dict[bytes, bytes] = {}
    if not isinstance(rows, list):
        problems.append(Problem(f"rows.{table.name}", "not a list", "a list of rows"))
        return entries
    for place, raw in enumerate(rows):
        path = f"rows.{table.name}.{place}"
        found = len(problems)
        row = raw if isinstance(raw, dict) else {}
        if row is not raw or row.keys() - table.fields.keys():
            problems.append(Problem(path, "not a row", f"fields: {', '.join(table.fields)}"))
            continue
        for name, kind in table.fields.items():
            value = row.get(name)
            if value is not None:
                to_wire(value, kind, f"{path}.{name}", problems)
            elif not kind.optional:
                problems.append(Problem(f"{path}.{name}", "missing", f"give a {kind.kind}"))
        if len(problems) == found:
            _add_row(table, [row.get(name) for name in table.fields], path, entries, problems)
    return entries


def _add_row(
    table: Table, values: list[Any], path: str, entries: dict[bytes, bytes], problems: list[Problem]
) -> None:
    try:
        row = table.row_from_wire(values)
        key, data = table.key_of_row(row), table.encode_row(row)
    except BadRow as e:
        problems.append(Problem(path, str(e), "make it smaller"))
        return
    if key in entries:
        problems.append(Problem(path, "key occurs twice", "write each row once"))
    entries[key] = data
    entries.update(dict.fromkeys(table.index_keys(row), key))


def _counter_entries(counters: dict[str, Any], problems: list[Problem]) -> dict[bytes, bytes]:
    rows: list[Any] = []
    for name, value in counters.items():
        rows.append({"name": name, "value": value})
        if name.startswith("$"):
            problems.append(Problem(f"counters.{name[:40]}", "a name of the host", "without $"))
    table = SYSTEM_TABLES[COUNTERS]
    return _row_entries(table, rows, problems)
