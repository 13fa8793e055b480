"""`python -m tools.simulator`: consensus under faults, replayed exactly by seed.

Exit code 0 when every promise held, 3 when one was broken, 2 for wrong usage.
"""

import argparse
import json
import sys
import time
from dataclasses import asdict

from tools.simulator.mutants import MUTANTS
from tools.simulator.plan import FAULTS, draw_plan
from tools.simulator.run import Outcome, play

EXIT_VIOLATION = 3
NODES_MAX = 128


def main(arguments: list[str] | None = None) -> int:
    """Run the seeds and report; stop at the first broken promise."""
    options = _parse(arguments)
    first, last = options.seeds
    started = time.perf_counter()
    outcomes: list[Outcome] = []
    for seed in range(first, last + 1):
        outcome = play(
            draw_plan(seed, options.nodes, options.heights, options.faults), options.mutant
        )
        outcomes.append(outcome)
        if outcome.violation is not None:
            break
    _report(outcomes, options, time.perf_counter() - started)
    return EXIT_VIOLATION if outcomes[-1].violation is not None else 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.simulator", description=__doc__)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--seed", type=int, help="one seed, replayed exactly")
    which.add_argument("--seeds", help="a range of seeds, such as 0..999")
    parser.add_argument("--nodes", type=int, default=4, help="delegates, 1 to 128")
    parser.add_argument("--heights", type=int, default=6, help="heights to commit")
    parser.add_argument("--faults", choices=FAULTS, default="all")
    parser.add_argument("--mutant", choices=sorted(MUTANTS), help="a broken core to be caught")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
    options = parser.parse_args(arguments)
    if not 1 <= options.nodes <= NODES_MAX or options.heights < 1:
        parser.error("--nodes is 1 to 128, --heights at least 1")
    options.seeds = (
        (options.seed, options.seed) if options.seeds is None else _range(parser, options.seeds)
    )
    return options


def _range(parser: argparse.ArgumentParser, text: str) -> tuple[int, int]:
    first, dots, last = text.partition("..")
    if not (dots and first.isdigit() and last.isdigit() and int(first) <= int(last)):
        parser.error("--seeds is a range A..B, such as 0..999")
    return int(first), int(last)


def _report(outcomes: list[Outcome], options: argparse.Namespace, took_s: float) -> None:
    last = outcomes[-1]
    if options.json:
        summary = {
            "ok": last.violation is None,
            "runs": len(outcomes),
            "nodes": options.nodes,
            "heights": options.heights,
            "faults": options.faults,
            "mutant": options.mutant,
            "steps": sum(outcome.steps for outcome in outcomes),
            "rounds_max": max(outcome.rounds_max for outcome in outcomes),
            "crashes": sum(outcome.crashes for outcome in outcomes),
            "reproposed": sum(outcome.reproposed for outcome in outcomes),
            "accusations": sum(outcome.accusations for outcome in outcomes),
            "took_s": round(took_s, 2),
            "failure": asdict(last) if last.violation is not None else None,
        }
        print(json.dumps(summary))
        return
    if last.violation is not None:
        print(f"seed {last.seed} step {last.steps}: {last.violation}")
        mutant = f" --mutant {options.mutant}" if options.mutant else ""
        print(
            f"replay: python -m tools.simulator --seed {last.seed} --nodes {options.nodes}"
            f" --heights {options.heights} --faults {options.faults}{mutant}"
        )
        return
    steps = sum(outcome.steps for outcome in outcomes)
    rounds = max(outcome.rounds_max for outcome in outcomes)
    print(f"{len(outcomes)} runs clean, {steps} steps, highest round {rounds}, {took_s:.1f} s")


if __name__ == "__main__":
    sys.exit(main())
