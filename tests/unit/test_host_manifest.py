"""Manifest, schemas and genesis file: every error at once, each with its path."""

import json
from typing import Any

import pytest
from support.bridge_chains import ALICE, BOB, account_of, build_main, key_of
from support.dapp_chain import address, delegates_of, genesis_of, read_dapp

from chain_engine.blocks.parameters import parameters_hash
from sidechain_host.calls import Arguments, BadArguments, UnknownMethod, encode_arguments
from sidechain_host.genesis import (
    InvalidDAppGenesis,
    MainAnchor,
    build_sidechain_genesis,
    machine_hash,
    read_package_genesis,
    read_package_manifest,
)
from sidechain_host.manifest import Manifest
from sidechain_host.manifest_reader import InvalidManifest, read_manifest
from sidechain_host.package import pack_files
from sidechain_host.schema import fields_schema

GOOD: dict[str, Any] = {
    "name": "shop",
    "version": "1.0.0",
    "engine": 1,
    "permissions": {"bridge.call": ["buy"], "bridge.deposit": ["ACC"]},
    "roles": {"seller": "who sells"},
    "methods": {
        "buy": {
            "roles": ["seller"],
            "arguments": {
                "item": "id",
                "price": "u",
                "note": "text:8?",
                "who": "account?",
                "parts": {
                    "type": "list",
                    "max": 2,
                    "optional": True,
                    "items": {"type": "object", "fields": {"n": {"type": "int", "max": 9}}},
                },
                "size": {"type": "enum", "values": ["S", "M"], "optional": True},
            },
        }
    },
    "queries": {"items": {"arguments": {"limit": "int?", "open": "bool?"}}},
    "tables": {
        "items": {
            "fields": {"id": "id", "owner": "account", "text": "text:200", "hash": "hash?"},
            "key": "id",
            "indexes": {"by_owner": ["owner"]},
        }
    },
}
PATHS = ["contract/index.js"]


def problems_of(manifest: Any, paths=PATHS) -> dict[str, str]:
    raw = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
    with pytest.raises(InvalidManifest) as refusal:
        read_manifest(raw, paths)
    assert all(p.fix and p.reason for p in refusal.value.problems)
    return {p.path: p.reason for p in refusal.value.problems}


def read(manifest=None) -> Manifest:
    return read_manifest(json.dumps(manifest or GOOD).encode(), PATHS)


def test_a_good_manifest_has_defaults_and_tables():
    manifest = read()
    (table,) = manifest.build_tables()
    assert (table.key, table.indexes[0].fields) == (("id",), ("owner",))
    assert manifest.chain.fees.asset == "ACC"


def test_every_error_is_told_at_once_with_its_path():
    broken = json.loads(json.dumps(GOOD))
    broken |= {"engine": 2, "name": "Shop!", "surprise": 1}
    broken["chain"] = {"block_interval_ms": 1, "epoch_blocks": 10, "fees": {"gas_price": -1}}
    broken["permissions"] |= {
        "bridge.call": ["buy", "steal"],
        "net.open": True,
        "bridge.deposit": ["acc"],
    }
    broken["methods"]["buy"]["roles"] = ["nobody"]
    broken["methods"]["buy"]["arguments"] |= {
        "Bad": "u",
        "odd": "float",
        "deep": {"type": "list", "items": "u?"},
        "more": {"type": "enum", "values": ["a", "a"]},
        "extra": {"type": "u", "fields": {}},
    }
    broken["queries"]["items"]["arguments"]["filter"] = {"type": "object", "fields": {}}
    broken["tables"]["items"]["key"] = ["id", "gone"]
    broken["tables"]["items"]["indexes"] = {"by_text": ["text"], "Twice": ["owner", "owner"]}
    broken["tables"]["nested"] = {"fields": {"o": {"type": "object", "fields": {}}}, "key": "o"}
    found = problems_of(broken, paths=[])
    assert set(found) >= {
        "engine",
        "name",
        "surprise",
        "entry",
        "chain.block_interval_ms",
        "chain.fees.gas_price",
        "permissions.bridge.call.1",
        "permissions.net.open",
        "permissions.bridge.deposit.0",
        "methods.buy.roles",
        "methods.buy.arguments.Bad",
        "methods.buy.arguments.odd",
        "methods.buy.arguments.deep.items",
        "methods.buy.arguments.more.values",
        "methods.buy.arguments.extra.fields",
        "queries.items.arguments.filter",
        "tables.items.key",
        "tables.items.indexes.by_text",
        "tables.items.indexes.Twice",
        "tables.nested.fields.o",
        "tables.nested.key",
    }


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{",
        b'{"name": "a", "name": "b"}',
        b'{"x": 1.5}',
        b'{"x": NaN}',
        b"\xff",
        b"[" * 5000,
        b" " * 300_000,
    ],
)
def test_what_is_no_json_object_is_refused(raw):
    assert problems_of(raw)


def test_consistency_of_chain_parameters_is_checked():
    chain = {
        "idle_interval_ms": 100,
        "block_interval_ms": 1000,
        "epoch_blocks": 10,
        "checkpoint_blocks": 3,
        "transaction_gas_max": 2_000_000,
        "block_gas_max": 1_000_000,
    }
    assert set(problems_of(GOOD | {"chain": chain})) == {
        "chain.idle_interval_ms",
        "chain.checkpoint_blocks",
        "chain.transaction_gas_max",
    }


def test_arguments_are_checked_whole_and_tagged():
    arguments = Arguments(read())
    text = encode_arguments(
        {
            "item": 5,
            "price": "12",
            "note": "hi",
            "parts": [{"n": 9}],
            "who": address(ALICE),
            "size": "M",
        }
    )
    wire = json.loads(bytes(arguments.of_method("buy", text)))
    assert wire == {
        "item": 5,
        "price": "n12",
        "note": "shi",
        "parts": [{"n": 9}],
        "who": "s" + address(ALICE),
        "size": "sM",
    }
    bad = {
        "item": 0,
        "price": "-1",
        "note": "x" * 9,
        "parts": [{"n": 10}, {"m": 1}],
        "who": "A1",
        "size": "L",
        "other": None,
    }
    with pytest.raises(BadArguments) as refusal:
        arguments.of_method("buy", encode_arguments(bad))
    listed = refusal.value.values["problems"]
    assert isinstance(listed, list)
    assert {p["path"] for p in listed} == {
        "item",
        "price",
        "note",
        "parts[0].n",
        "parts[1].m",
        "parts[1].n",
        "who",
        "size",
        "other",
    }


@pytest.mark.parametrize(
    "price", ["01", "1.0", "1e3", "+1", " 1", "9223372036854775808", 1, None, True]
)
def test_an_amount_is_a_decimal_string_in_range(price):
    with pytest.raises(BadArguments):
        Arguments(read()).of_method("buy", encode_arguments({"item": 1, "price": price}))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"item": 1,"price":"1"}',
        '{"price":"1","item":1}',
        '{"item":1,"item":1,"price":"1"}',
        '{"item":1.0,"price":"1"}',
        '{"item":1,"price":"\\u0031"}',
        '{"item":1,"price":"1"}' + " " * 40_000,
    ],
)
def test_only_the_canonical_text_of_arguments_is_taken(text):
    with pytest.raises(BadArguments):
        Arguments(read()).of_method("buy", text)


def test_queries_take_texts_of_an_address():
    arguments = Arguments(read())
    assert json.loads(bytes(arguments.of_query("items", {"limit": "7", "open": "true"}))) == {
        "limit": 7,
        "open": True,
    }
    for texts in (
        {"limit": "-7"},
        {"limit": "x"},
        {"open": "yes"},
        {"page": "1"},
        {"limit": "9" * 400},
    ):
        with pytest.raises(BadArguments):
            arguments.of_query("items", texts)
    with pytest.raises(UnknownMethod):
        arguments.of_query("buy", {})


def test_schemas_are_json_schema():
    schema = fields_schema(read().methods["buy"].arguments)
    assert schema["required"] == ["item", "price"]
    assert schema["properties"]["parts"]["items"]["properties"]["n"]["maximum"] == 9
    assert schema["additionalProperties"] is False


def genesis_problems(**sections: Any) -> set[str]:
    files = read_dapp("bank").files | {"genesis.json": json.dumps(sections).encode()}
    package = pack_files(files)
    with pytest.raises(InvalidDAppGenesis) as refusal:
        read_package_genesis(package, read_package_manifest(package))
    return {p.path for p in refusal.value.problems}


def test_a_bad_genesis_file_tells_every_problem():
    found = genesis_problems(
        assets={"ACC": {}, "OTHER": {}, "COIN": {"balances": {"nobody": "1", address(BOB): "-1"}}},
        rows={
            "nowhere": [],
            "stats": [{"owner": address(BOB), "metric": "added"}, {"x": 1}, 5],
            "notes": [{"id": 1, "owner": address(BOB), "size": "1", "text": "a", "tags": []}] * 2,
        },
        counters={"$locks": 1, "a": 0},
        extra={},
        params=[],
    )
    assert found == {
        "assets.ACC",
        "assets.OTHER",
        "assets.COIN.balances.nobody",
        f"assets.COIN.balances.{address(BOB)}",
        "rows.nowhere",
        "rows.stats.0.count",
        "rows.stats.1",
        "rows.stats.2",
        "rows.notes.1",
        "counters.$locks",
        "rows.$counters.1.value",
        "extra",
        "params",
    }


def test_every_node_builds_the_same_genesis_and_any_difference_is_another_chain():
    main = build_main()
    package = read_dapp("bank")
    first, second = genesis_of(main, package), genesis_of(main, package)
    assert first.block == second.block
    assert first.chain_id != genesis_of(main, package, "other").chain_id
    assert first.genesis.parameters.machine_hash == machine_hash(package.hash)
    anchor = MainAnchor(main.chain_id, main.tip, main.delegates, main.parameters)
    others = build_sidechain_genesis(
        package, name="dapp", delegates=delegates_of(key_of(51)), anchor=anchor
    )
    assert others.chain_id != first.chain_id
    assert parameters_hash(others.genesis.parameters) == parameters_hash(first.genesis.parameters)
    assert account_of(ALICE) != account_of(BOB)
