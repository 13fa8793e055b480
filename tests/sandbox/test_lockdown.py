"""The context a contract sees: what is reachable is listed, frozen and priced."""

import json

import pytest
from rig import lockdown_scripts, open_rig, run_body

from sidechain_host.sandbox.supervisor import spawn

# Walks everything reachable from the global object and from values of every syntactic kind.
WALK = """(function () { "use strict"; const rt = this;
  const names = Object.getOwnPropertyNames;
  return function () {
    const seen = new rt.RawMap(), open = [], loose = [], functions = [];
    const start = [["global", kept.global], ["array", []], ["function", () => 1], ["generator", kept.generator], ["async", kept.async],
      ["regexp", kept.regexp], ["iterator", [][Symbol.iterator]()], ["error", new TypeError()], ["map", new Map()], ["bytes", new Uint8Array(1)]];
    for (const [name, value] of start) open.push([name, kept.getPrototypeOf(value)], ["own " + name, name === "global" ? value : null]);
    while (open.length > 0) {
      const [path, x] = open.pop();
      if (x === null || (typeof x !== "object" && typeof x !== "function") || seen.has(x)) continue;
      seen.set(x, true);
      if (!kept.isFrozen(x)) loose.push(path);
      open.push([path + ".__proto__", kept.getPrototypeOf(x)]);
      for (const key of kept.ownKeys(x)) {
        const d = kept.describe(x, key);
        for (const part of [d.value, d.get, d.set]) open.push([path + "." + String(typeof key === "symbol" ? key.description : key), part]);
      }
    }
    return rt.JSs({ loose, size: seen.size, globals: kept.ownKeys(kept.global).filter((k) => typeof k === "string") });
  };
})"""

KEEP = """(function () { "use strict";
  globalThis.kept = { global: globalThis, generator: function* () {}, async: async function () {}, regexp: /x/,
    getPrototypeOf: Object.getPrototypeOf, isFrozen: Object.isFrozen, ownKeys: Reflect.ownKeys, describe: Object.getOwnPropertyDescriptor };
  return this;
})"""

GLOBALS = {
    *("Object", "Array", "String", "Number", "Boolean", "BigInt", "Symbol", "Map", "Set"),
    *("Uint8Array", "JSON", "Math", "isNaN", "isFinite", "parseInt", "parseFloat"),
    *("Error", "EvalError", "RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError"),
    *("undefined", "NaN", "Infinity"),
}


async def test_all_that_can_be_reached_is_frozen_and_the_globals_are_the_listed_ones():
    # The walker's tools are put aside first, as a closure of a script that lockdown cannot reach.
    *before, lockdown = lockdown_scripts()
    aside = KEEP.replace("globalThis.kept =", "this.kept =").replace("return this;", "return this;")
    walk = WALK.replace("const rt = this;", "const rt = this, kept = rt.kept;")
    lockdown = lockdown.replace("return freeze({\n    __proto__: null,", "return freeze({\n    __proto__: null, kept: kit.kept,")
    assert "kept: kit.kept" in lockdown
    sandbox = await spawn("runner", scripts=[*before, aside, lockdown, walk])
    try:
        found = json.loads(await sandbox.call(b"", deadline_ms=60_000))
    finally:
        await sandbox.close()
    assert found["loose"] == []
    assert set(found["globals"]) == GLOBALS
    assert found["size"] > 200


async def test_the_runtime_offers_what_the_runner_relies_on():
    names = "(function () { const rt = this; return function () { return Object.keys(rt).join(); }; })"
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
    async with open_rig({"cheap": f"return typeof ({cheap})", "dear": f"return typeof ({dear})"}) as rig:
        first, second = await rig.run("cheap"), await rig.run("dear")
    assert first["ok"]
    assert second["ok"]
    assert second["gas"] > first["gas"]


async def test_contracts_cannot_see_how_trusted_code_reaches_the_node():
    body = "return [typeof $sandboxHost, typeof $sandboxBuffer, typeof host, typeof rt]"
    assert (await run_body(body))["value"] == ["undefined"] * 4
