"""The simulator: clean over seeds, exact on replay, and it notices broken rules."""

import json

import pytest

from tools.simulator.__main__ import main
from tools.simulator.mutants import MUTANTS
from tools.simulator.plan import FAULTS, draw_plan
from tools.simulator.run import play

SEEDS = range(60)
MUTANT_SEEDS = range(120)


def violations(seeds, nodes: int = 4, faults: str = "all", mutant: str | None = None) -> list[str]:
    outcomes = (play(draw_plan(seed, nodes, 6, faults), mutant) for seed in seeds)
    return [f"seed {o.seed}: {o.violation}" for o in outcomes if o.violation is not None]


@pytest.mark.slow
def test_sixty_seeds_with_all_faults_are_clean():
    assert violations(SEEDS) == []


@pytest.mark.slow
@pytest.mark.parametrize("nodes", [1, 2, 3, 7])
def test_other_sizes_are_clean(nodes):
    assert violations(range(12), nodes) == []


@pytest.mark.parametrize("faults", FAULTS)
def test_every_class_of_faults_is_clean(faults):
    assert violations(range(8), faults=faults) == []


@pytest.mark.slow
@pytest.mark.parametrize("mutant", sorted(MUTANTS))
def test_every_mutant_is_caught(mutant):
    caught = next(
        (o for s in MUTANT_SEEDS if (o := play(draw_plan(s, 4, 6, "all"), mutant)).violation), None
    )
    assert caught is not None
    assert play(draw_plan(caught.seed, 4, 6, "all"), mutant) == caught, "replays exactly"
    assert play(draw_plan(caught.seed, 4, 6, "all")).violation is None, "the real rules hold"


def test_without_the_lock_two_blocks_are_certified(capsys):
    assert main(["--seeds", "0..120", "--mutant", "no_lock"]) == 3
    out = capsys.readouterr().out
    assert "two certified blocks" in out
    assert "replay: python -m tools.simulator --seed" in out


def test_a_seed_replays_exactly():
    plan = draw_plan(7, 4, 6, "all")
    assert play(plan) == play(plan)


def test_the_faults_really_happen():
    outcomes = [play(draw_plan(seed, 4, 6, "all")) for seed in range(15)]
    assert sum(outcome.crashes for outcome in outcomes) > 0
    assert sum(outcome.reproposed for outcome in outcomes) > 0
    assert sum(outcome.accusations for outcome in outcomes) > 0
    assert max(outcome.rounds_max for outcome in outcomes) > 1


def test_json_output_is_one_object(capsys):
    assert main(["--seed", "1", "--faults", "none", "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["ok"]
    assert summary["runs"] == 1


@pytest.mark.parametrize(
    "arguments",
    [[], ["--seeds", "9..1"], ["--seeds", "x"], ["--seed", "1", "--nodes", "0"],
     ["--seed", "1", "--mutant", "unknown"]],
)  # fmt: skip
def test_wrong_usage_exits_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert "usage" in capsys.readouterr().err
