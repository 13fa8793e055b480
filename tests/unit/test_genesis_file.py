"""The genesis file: every error at once, each with its path."""

import json

import pytest

from chain_engine.blocks.genesis import build_genesis_block, chain_id_of
from chain_engine.crypto.accounts import account_of_key, encode_address
from chain_engine.crypto.keys import SecretKey
from chain_engine.state.tree import EMPTY_ROOT
from mainchain.genesis import (
    SUPPLY_UNITS,
    InvalidGenesis,
    build_genesis,
    load_genesis,
    parse_genesis,
)

KEYS = [SecretKey(bytes([n + 1]) * 32) for n in range(4)]


def good_file() -> dict:
    return {
        "format": 1,
        "name": "acc-test",
        "time_ms": 1_700_000_000_000,
        "parameters": {"block_interval_ms": 200, "idle_interval_ms": 2_000},
        "delegates": [
            {"name": f"delegate-{n}", "key": key.public.hex(), "weight": 1}
            for n, key in enumerate(KEYS)
        ],
        "balances": [
            {"address": encode_address(account_of_key(KEYS[0].public)), "amount": str(SUPPLY_UNITS)}
        ],
    }


def problems_of(file: dict) -> str:
    with pytest.raises(InvalidGenesis) as refused:
        parse_genesis(json.dumps(file))
    return "\n".join(str(problem) for problem in refused.value.values["problems"])


def test_a_good_file_gives_the_same_chain_id_every_time():
    ids = set()
    for _ in range(2):
        genesis = build_genesis(parse_genesis(json.dumps(good_file())))
        ids.add(chain_id_of(build_genesis_block(genesis, EMPTY_ROOT)))
    assert len(ids) == 1


def test_the_order_of_delegates_in_the_file_does_not_matter():
    file = good_file()
    forward = build_genesis(parse_genesis(json.dumps(file)))
    file["delegates"].reverse()
    assert build_genesis(parse_genesis(json.dumps(file))) == forward


def test_every_error_is_named_at_once_with_its_path():
    file = good_file()
    file["name"] = "Bad Name"
    file["surprise"] = 1
    file["delegates"][2]["key"] = "01" + "ff" * 32
    file["balances"][0]["address"] = "A111"
    file["parameters"]["block_interval_ms"] = 1
    problems = problems_of(file)
    for path in ("name", "surprise", "delegates.2.key", "balances.0.address", "parameters"):
        assert f"{path}:" in problems


def test_balances_must_sum_to_the_supply():
    file = good_file()
    file["balances"][0]["amount"] = str(SUPPLY_UNITS - 1)
    assert "supply" in problems_of(file)


def test_a_key_twice_is_refused():
    file = good_file()
    file["delegates"][1]["key"] = file["delegates"][0]["key"]
    assert "key stands twice" in problems_of(file)


@pytest.mark.parametrize("amount", ["0", "-1", "1.5", "01", "1e9", str(2**63)])
def test_amounts_are_whole_positive_decimal_strings(amount):
    file = good_file()
    file["balances"][0]["amount"] = amount
    assert "balances.0.amount" in problems_of(file)


def test_an_unreadable_file_says_so(tmp_path):
    with pytest.raises(InvalidGenesis) as refused:
        load_genesis(tmp_path / "missing.json")
    assert "missing.json" in str(refused.value)


def test_text_that_is_not_json_is_refused():
    with pytest.raises(InvalidGenesis):
        parse_genesis("{")
