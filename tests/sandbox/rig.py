"""A sandbox with the smallest runner, for tests of the meter and of the lockdown."""

import json
from collections.abc import Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sidechain_host.sandbox.compiler import compile_package
from sidechain_host.sandbox.settings import LOCKDOWN_SCRIPTS
from sidechain_host.sandbox.supervisor import SandboxProcess, spawn

CORPUS = Path(__file__).parent / "corpus"
DEADLINE_MS = 60_000
GAS = 1_200_000


class Rig:
    """One package in one sandbox."""

    def __init__(self, sandbox: SandboxProcess) -> None:
        self.sandbox = sandbox

    async def run(self, module: str, *, gas: int = GAS, argument: object = None) -> dict[str, Any]:
        """Run one module; `ok` with `value`, or `death`, or `error`; and `gas`."""
        call = json.dumps({"module": module, "gas": gas, "argument": argument}).encode()
        answer: dict[str, Any] = json.loads(await self.sandbox.call(call, deadline_ms=DEADLINE_MS))
        if answer.get("value") is not None:
            answer["value"] = json.loads(answer["value"])
        return answer


def lockdown_scripts() -> list[str]:
    """The boot scripts up to the runtime object."""
    return [path.read_text() for path in LOCKDOWN_SCRIPTS]


@asynccontextmanager
async def open_rig(bodies: Mapping[str, str]):
    """Compile function bodies, each the `run` of a module of its name, and open a sandbox."""
    files = {
        name: f"exports.run = function (argument) {{{body}\n}};" for name, body in bodies.items()
    }
    async with open_package(files) as rig:
        yield rig


@asynccontextmanager
async def open_package(files: Mapping[str, str]):
    """Compile whole modules and open a sandbox."""
    package = await compile_package(files)
    sandbox = await spawn("runner", scripts=[*lockdown_scripts(), (CORPUS / "rig.js").read_text()])
    try:
        await sandbox.load(package.factory)
        yield Rig(sandbox)
    finally:
        await sandbox.close()


async def run_body(body: str, *, gas: int = GAS) -> dict[str, Any]:
    """Compile and run one function body."""
    async with open_rig({"main": body}) as rig:
        return await rig.run("main", gas=gas)


def read_corpus(name: str) -> dict[str, tuple[str, str]]:
    """Programs of a corpus file: name -> (how it has to end, function body)."""
    programs = {}
    for part in (CORPUS / name).read_text().split("\n//# ")[1:]:
        title, outcome, body = part.split("\n", 2)
        programs[title] = (outcome.removeprefix("//= "), body)
    return programs


def outcome_of(answer: Mapping[str, Any]) -> str:
    """How a run ended, in the corpus's words."""
    if "death" in answer:
        return f"dies of {answer['death']}"
    if "error" in answer:
        return f"throws {answer['error']}"
    return f"returns {json.dumps(answer['value'], separators=(',', ':'))}"
