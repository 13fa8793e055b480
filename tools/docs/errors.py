"""docs/spec/02-errors.md out of the error registry.

Write it with `python -m tools.docs.errors`; `--check` fails when the file differs.
"""

import importlib
import pkgutil
import sys
from pathlib import Path

from chain_engine.primitives.errors import REGISTRY

TARGET = Path(__file__).parents[2] / "docs" / "spec" / "02-errors.md"
PACKAGES = ("chain_engine", "mainchain", "sidechain_host", "acc")
NOT_IMPORTED = ("sidechain_host.sandbox.child", "acc.__main__")
"""Run in a child process or as a program; they define no errors of the API."""

HEAD = """# 2. Errors

Somebody else's fault is an error with a stable code; our own fault is an assertion. A code never
changes its meaning. Over HTTP an error is `application/problem+json` (RFC 9457) with `code`,
`title`, `status`, `detail`, `values`, `fix`, `retryable` and `request_id`. Codes beginning with
`ECC-` belong to the ECC DApp (chapter 14).

This table is generated from the code by `python -m tools.docs.errors`.

| code | HTTP | again later? | what happened | what to do |
|---|---|---|---|---|
"""


def import_everything() -> None:
    """Import every module, so that every error class is registered."""
    for name in PACKAGES:
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, name + "."):
            if not module.name.startswith(NOT_IMPORTED):
                importlib.import_module(module.name)


def render() -> str:
    """The whole chapter."""
    import_everything()
    rows = [
        f"| `{code}` | {error.status} | {'yes' if error.retryable else 'no'} "
        f"| {error.title} | {error.fix} |"
        for code, error in sorted(REGISTRY.items())
    ]
    return HEAD + "\n".join(rows) + "\n"


def main() -> int:
    """Write or check the file."""
    text = render()
    if "--check" in sys.argv:
        return 0 if TARGET.exists() and TARGET.read_text("utf-8") == text else 1
    TARGET.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
