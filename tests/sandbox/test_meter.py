"""The instrumenter keeps the language's meaning, and charges the same everywhere and every time."""

import json

import pytest
from rig import CORPUS, GAS, open_rig, outcome_of, run_body

from sidechain_host.sandbox.compiler import compile_package
from sidechain_host.sandbox.supervisor import spawn

PLAIN = """(function () { "use strict"; return function () { return String(this()); } })"""


def read_semantics():
    """Programs of the semantics corpus: name -> function body."""
    programs = {}
    for part in (CORPUS / "semantics.js").read_text().split("\n//# ")[1:]:
        title, body = part.split("\n", 1)
        programs[title] = body
    return programs


async def run_plainly(bodies):
    """What unmodified V8 returns for function bodies, as JSON."""
    sandbox = await spawn("runner", scripts=[PLAIN])
    try:
        plain = {}
        for name, body in bodies.items():
            run = f"(function (argument) {{{body}\n}})()"
            source = f'(function () {{ "use strict"; return JSON.stringify({run}) }})'
            plain[name] = json.loads(await sandbox.load(source))
    finally:
        await sandbox.close()
    return plain


async def test_ordinary_programs_return_what_plain_v8_returns():
    programs = read_semantics()
    plain = await run_plainly(programs)
    async with open_rig(programs) as rig:
        metered = {name: await rig.run(name) for name in programs}
    failed = {n: outcome_of(a) for n, a in metered.items() if not a["ok"]}
    assert failed == {}
    different = {n: (a["value"], plain[n]) for n, a in metered.items() if a["value"] != plain[n]}
    assert different == {}


async def test_the_same_source_compiles_to_the_same_bytes():
    files = {"b.js": "exports.x = 1;", "a.js": "exports.y = require('./b.js').x + 1;"}
    first = await compile_package(files)
    second = await compile_package(dict(reversed(files.items())))
    assert first == second
    assert first.files == ("a.js", "b.js")


async def test_gas_is_the_same_in_every_process_and_in_every_order():
    programs = read_semantics()
    runs = []
    for names in (list(programs), list(reversed(programs))):
        async with open_rig(programs) as rig:
            runs.append({name: (await rig.run(name))["gas"] for name in names})
    assert runs[0] == runs[1]
    assert all(gas > 0 for gas in runs[0].values())


async def test_a_longer_run_costs_more():
    body = "let s = 0; for (let i = 0; i < argument; i++) s += i; return s"
    async with open_rig({"main": body}) as rig:
        gas = [(await rig.run("main", argument=n))["gas"] for n in (0, 1, 2, 1000)]
    step = gas[2] - gas[1]
    assert step > 0
    assert gas[3] == gas[1] + 999 * step


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("const f = (n) => (n ? f(n - 1) : 1); return f(500)", "returns 1"),
        ("const f = (n) => (n ? f(n - 1) : 1); return f(520)", "dies of depth"),
        ("const f = (n) => (n ? [1].map(() => f(n - 1))[0] : 1); return f(120)", "returns 1"),
        ("const f = (n) => (n ? [1].map(() => f(n - 1))[0] : 1); return f(140)", "dies of depth"),
        ("return (2n ** 1024n > 0n)", "returns true"),
        ("return 2n ** 1025n", "throws RangeError: bigint too large"),
        ("return ((1n << 1023n) * 2n + 1n > 0n)", "throws RangeError: bigint too large"),
        ("return 'x'.repeat(262144).length", "returns 262144"),
        ("return 'x'.repeat(262145).length", "throws RangeError: string too long"),
        ("return ('x'.repeat(262144) + 'y').length", "throws RangeError: string too long"),
        ("return 2 ** 3", "throws TypeError: ** works on bigints only"),
    ],
)
async def test_the_limits_are_where_the_table_says(body, outcome):
    assert outcome_of(await run_body(body)) == outcome


async def test_exactly_enough_gas_is_enough_and_one_less_is_not():
    body = "let s = ''; for (let i = 0; i < 50; i++) s += i; return s.length"
    async with open_rig({"main": body}) as rig:
        needed = (await rig.run("main", gas=GAS))["gas"]
        assert (await rig.run("main", gas=needed))["ok"]
        assert outcome_of(await rig.run("main", gas=needed - 1)) == "dies of gas"
