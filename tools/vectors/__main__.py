"""Write or check tests/vectors/*.json: `python -m tools.vectors [--check]`."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from tools.vectors import (
    accounts,
    blocks,
    bridge,
    certificates,
    keys,
    light_client,
    merkle,
    payloads,
    state,
    transactions,
    values,
)
from tools.vectors.vector import vector_of

FOLDER = Path(__file__).parents[2] / "tests" / "vectors"
TOPICS = {
    "values": values,
    "keys": keys,
    "accounts": accounts,
    "merkle": merkle,
    "transactions": transactions,
    "payloads": payloads,
    "certificates": certificates,
    "blocks": blocks,
    "bridge": bridge,
    "state": state,
    "light_client": light_client,
}
"""File name (without `.json`) and the module whose `cases()` fill it."""


def render(topic: str) -> str:
    """Return the text of one vector file."""
    vectors: list[Any] = [vector_of(case) for case in TOPICS[topic].cases()]
    return json.dumps({"format": 1, "topic": topic, "vectors": vectors}, indent=1) + "\n"


def main() -> int:
    """Write the files, or compare them with `--check`; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.vectors", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    check = parser.parse_args().check
    stale = [topic for topic in TOPICS if not _is_current(topic)]
    if check and stale:
        print(f"out of date: {', '.join(stale)}; run python -m tools.vectors", file=sys.stderr)
        return 1
    for topic in stale:
        (FOLDER / f"{topic}.json").write_text(render(topic), encoding="utf-8")
    print(f"{len(TOPICS)} vector files, {len(stale)} written")
    return 0


def _is_current(topic: str) -> bool:
    path = FOLDER / f"{topic}.json"
    return path.exists() and path.read_text(encoding="utf-8") == render(topic)


if __name__ == "__main__":
    raise SystemExit(main())
