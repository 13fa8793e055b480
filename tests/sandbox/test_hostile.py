"""Hostile programs: each ends the way it has to, and none harms the sandbox it runs in."""

import pytest
from rig import open_rig, outcome_of, read_corpus, run_body

from sidechain_host.sandbox.compiler import ContractRefused, compile_package

GAS_ATTACKS = read_corpus("gas.js") | {
    "fields": (
        "dies of gas",
        f"class A {{ {' '.join(f'f{i} = {i};' for i in range(500))} }} for (;;) new A()",
    ),
    "a long test that is never true": (
        "dies of gas",
        f"let a = 1; for (;;) {{ while ({' + '.join(['a'] * 150)} && false) {{}} }}",
    ),
    "a long for test that is never true": (
        "dies of gas",
        f"let a = 1; for (;;) {{ for (; {' + '.join(['a'] * 150)} && false;) {{}} }}",
    ),
    "many cases": (
        "dies of gas",
        "for (;;) { switch (1) { " + " ".join(f"case {i + 5}: break;" for i in range(300)) + " } }",
    ),
    "wide frames": (
        "dies of depth",
        (
            f"function f(n) {{ {' '.join(f'let v{i} = n + {i};' for i in range(200))} "
            f"return f(n + 1) + {' + '.join(f'v{i}' for i in range(90))}; }} return f(0)"
        ),
    ),
    "holes": ("dies of gas", f"for (;;) {{ [{',' * 5000}] }}"),
}

ESCAPES = read_corpus("escapes.js")


async def test_every_gas_attack_ends_as_stated_in_one_sandbox_and_costs_the_same_twice():
    async with open_rig({name: body for name, (_, body) in GAS_ATTACKS.items()}) as rig:
        first = {name: await rig.run(name) for name in GAS_ATTACKS}
        again = {name: await rig.run(name) for name in reversed(GAS_ATTACKS)}
        assert rig.sandbox.memory_bytes() < 600 * 2**20
    ended = {name: outcome_of(answer) for name, answer in first.items()}
    assert ended == {name: outcome for name, (outcome, _) in GAS_ATTACKS.items()}
    assert {name: first[name] for name in GAS_ATTACKS} == {n: again[n] for n in GAS_ATTACKS}


async def test_every_escape_that_compiles_ends_as_stated():
    programs = {n: p for n, p in ESCAPES.items() if not p[0].startswith("refused")}
    async with open_rig({name: body for name, (_, body) in programs.items()}) as rig:
        ended = {name: outcome_of(await rig.run(name)) for name in programs}
    wrong = {n: e for n, e in ended.items() if not e.startswith(programs[n][0])}
    assert wrong == {}


async def test_every_escape_that_must_not_compile_is_refused_with_its_reason():
    programs = {n: p for n, p in ESCAPES.items() if p[0].startswith("refused")}
    files = {n: f"exports.run = function (argument) {{\n{b}\n}};" for n, (_, b) in programs.items()}
    with pytest.raises(ContractRefused) as caught:
        await compile_package(files)
    reasons = {error.file: error.reason for error in reversed(caught.value.errors)}
    wanted = {n: outcome.removeprefix("refused: ") for n, (outcome, _) in programs.items()}
    assert {n: r for n, r in wanted.items() if not reasons.get(n, "").startswith(r)} == {}
    assert all(error.fix for error in caught.value.errors)


@pytest.mark.parametrize("gas", [1_000, 31_416, 271_828])
async def test_a_dead_run_reports_its_whole_limit_as_used(gas):
    answer = await run_body("for (;;) {}", gas=gas)
    assert answer == {"ok": False, "death": "gas", "gas": gas}


async def test_the_first_cause_of_death_stands():
    body = "function f() { try { f(); } finally { for (;;) {} } } f();"
    assert outcome_of(await run_body(body)) == "dies of depth"


async def test_nothing_runs_on_after_death():
    async with open_rig(
        {
            "dies": "try { for (;;) {} } catch { return 1; } finally { argument.x = 1; }",
            "lives": "return 2",
        }
    ) as rig:
        assert outcome_of(await rig.run("dies", argument={})) == "dies of gas"
        assert outcome_of(await rig.run("lives")) == "returns 2"


async def test_no_state_survives_a_run():
    async with open_rig({"main": "exports.n = (exports.n ?? 0) + 1; return exports.n"}) as rig:
        assert [(await rig.run("main"))["value"] for _ in range(3)] == [1, 1, 1]
