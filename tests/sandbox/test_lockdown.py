"""The context a contract sees: what is reachable is listed, frozen and priced."""

import json

import pytest
from rig import CORPUS, lockdown_scripts, open_rig, run_body

from sidechain_host.sandbox.supervisor import spawn

GLOBALS = {
    *("Object", "Array", "String", "Number", "Boolean", "BigInt", "Symbol", "Map", "Set"),
    *("Uint8Array", "JSON", "Math", "isNaN", "isFinite", "parseInt", "parseFloat"),
    *("Error", "EvalError", "RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError"),
    *("undefined", "NaN", "Infinity"),
}


async def test_all_that_can_be_reached_is_frozen_and_the_globals_are_the_listed_ones():
    *before, lockdown = lockdown_scripts()
    exported = lockdown.replace("return freeze({\n", "return freeze({ kept: kit.kept,\n")
    assert exported != lockdown
    keep, walk = ((CORPUS / name).read_text() for name in ("keep.js", "walk.js"))
    sandbox = await spawn("runner", scripts=[*before, keep, exported, walk])
    try:
        found = json.loads(await sandbox.call(b"", deadline_ms=60_000))
    finally:
        await sandbox.close()
    assert found["loose"] == []
    assert set(found["globals"]) == GLOBALS
    assert found["size"] > 200


async def test_the_runtime_offers_what_the_runner_relies_on():
    names = (
        "(function () { const rt = this; return function () { return Object.keys(rt).join(); }; })"
    )
    sandbox = await spawn("runner", scripts=[*lockdown_scripts(), names])
    try:
        offered = (await sandbox.call(b"", deadline_ms=60_000)).decode().split(",")
    finally:
        await sandbox.close()
    promised = "helpers setSub charge isDead die reset nested host JP JSs RawMap okeys apply freeze"
    assert {*promised.split(), "hasOwn", "isArray", "asText"} <= set(offered)


@pytest.mark.parametrize(
    ("cheap", "dear"),
    [
        ("'x'.repeat(10)", "'x'.repeat(100000)"),
        ("new Array(10)", "new Array(100000)"),
        ("JSON.parse('[1]')", "JSON.parse('[' + '1,'.repeat(1000) + '1]')"),
        ("[3, 2, 1].sort()", "[...'zyxwvutsrqponmlkjihgfedcba'].sort()"),
        ("String(5n)", "String((1n << 1000n) - 1n)"),
        ("Object.keys({ a: 1 })", "Object.keys('x'.repeat(1000))"),
        ("({})['k']", "({})['k'.repeat(10000)]"),
        ("'a' in {}", "'a'.repeat(10000) in {}"),
        ("Number('1')", "Number('1'.repeat(10000))"),
        ("Math.max('1', 2)", "Math.max('1'.repeat(10000), 2)"),
        ("[1, 2].includes('x')", "[1, 2].includes('x'.repeat(10000))"),
        ("new Map([[1, 2]])", "new Map(new Array(100).fill([1, 2]))"),
        ("(() => 1).bind(null)()", "(() => 1).bind(null, 1, 2, 3, 4, 5)()"),
        ("`${1}`", "`${1}${2}${3}${4}`"),
        ("[, ,]", "[, , , , , , , , ,]"),
    ],
)
async def test_more_work_costs_more(cheap, dear):
    async with open_rig(
        {"cheap": f"return typeof ({cheap})", "dear": f"return typeof ({dear})"}
    ) as rig:
        first, second = await rig.run("cheap"), await rig.run("dear")
    assert first["ok"]
    assert second["ok"]
    assert second["gas"] > first["gas"]


async def test_contracts_cannot_see_how_trusted_code_reaches_the_node():
    body = "return [typeof $sandboxHost, typeof $sandboxBuffer, typeof host, typeof rt]"
    assert (await run_body(body))["value"] == ["undefined"] * 4
