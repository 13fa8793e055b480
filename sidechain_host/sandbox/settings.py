"""How a sandbox process is started: flags, limits, and which trusted scripts each role runs."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

Role = Literal["runner", "compiler"]
"""`runner` executes contracts; `compiler` checks and instruments their source."""

HERE: Final = Path(__file__).resolve().parent
"""Folder of the sandbox package."""

CHILD_MAIN: Final = HERE / "child" / "main.py"
"""The script a sandbox process runs."""

LOCKDOWN_SCRIPTS: Final = tuple(
    HERE / "js" / f"{name}.js"
    for name in (
        *("table", "kit", "arrays", "strings", "values", "collections", "operators"),
        "lockdown",
    )
)
"""Make a fresh context safe for contracts; the last one gives the runtime object."""

RUNNER_SCRIPTS: Final = tuple(
    HERE / "js" / "runner" / f"{name}.js"
    for name in ("prices", "values", "rows", "find", "assets", "context", "modules")
)
"""Tables, holdings and `ctx` over the runtime object; each extends what the one before gave."""

HOST_MODULES: Final = HERE / "js" / "modules"
"""Folder of the modules every package may require; compiled and metered with the package."""

BOOT_SCRIPTS: Final[dict[Role, tuple[Path, ...]]] = {
    "runner": (*LOCKDOWN_SCRIPTS, *RUNNER_SCRIPTS, HERE / "js" / "runner.js"),
    "compiler": (
        HERE / "vendor" / "acorn.js",
        HERE / "js" / "commonjs.js",
        HERE / "vendor" / "astring.js",
        HERE / "js" / "table.js",
        HERE / "js" / "shape.js",
        HERE / "js" / "tree.js",
        HERE / "js" / "meter.js",
        HERE / "js" / "compiler.js",
    ),
}
"""Trusted scripts by role, in the order they are evaluated."""

FIXED_FLAGS: Final = (
    "--single-threaded",
    "--jitless",
    "--disallow-code-generation-from-strings",
    "--stack-trace-limit=0",
    "--stack-size=60000",
)
"""V8 flags that are part of what a contract can observe, hence of the consensus version."""

ENVIRONMENT: Final = {"TZ": "UTC", "LC_ALL": "C"}
"""The whole environment of a sandbox process."""


@dataclass(frozen=True)
class SandboxLimits:
    """What one process may use. This machine's choice: a fence far above what gas can reach."""

    heap_mib: int = 512
    """V8's heap, MiB; a block's gas reaches about 100 MiB per 10 million."""

    extra_mib: int = 192
    """Private memory beside the heap, MiB: frames on their way, V8's zones, Python."""

    cpu_seconds: int = 0
    """Processor time over the process's whole life, seconds; 0: no limit."""

    start_ms: int = 30_000
    """Deadline for start-up and trusted scripts, milliseconds."""


COMPILER_LIMITS: Final = SandboxLimits(heap_mib=512, cpu_seconds=120)
"""A compiler lives for one package."""


def find_engine() -> Path:
    """Folder of mini-racer's library and data, without importing it into this process."""
    spec = importlib.util.find_spec("py_mini_racer")
    if spec is None or spec.origin is None:
        msg = "mini-racer is not installed"
        raise ModuleNotFoundError(msg)
    return Path(spec.origin).parent


def read_boot_scripts(role: Role) -> tuple[str, ...]:
    """Text of the role's trusted scripts."""
    return tuple(path.read_text(encoding="utf-8") for path in BOOT_SCRIPTS[role])
