"""`scripts/bootstrap` on machines where something is missing: one sentence, with the fix."""

import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("sh", "cat", "dirname", "grep", "ls", "rm", "sha256sum", "shasum", "uname", "flock")
COPIED = ("scripts/bootstrap", "requirements.lock", "pyproject.toml")


class Machine:
    """A copy of what the script reads, and a PATH that holds nothing but what a test puts there."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "clone"
        self.bin = folder / "bin"
        self.bin.mkdir()
        for name in COPIED:
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.root / name)
        for tool in TOOLS:
            if (found := shutil.which(tool)) is not None:
                (self.bin / tool).symlink_to(found)

    def program(self, name: str, script: str) -> None:
        path = self.bin / name
        path.unlink(missing_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def bootstrap(self, **environment: str) -> tuple[int, list[str]]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "VIRTUAL"))}
        kept.pop("PYTHON", None)
        done = subprocess.run(
            [self.root / "scripts/bootstrap"],
            env={**kept, "PATH": str(self.bin), **environment},
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert done.stdout == ""
        return done.returncode, done.stderr.splitlines()

    def make_environment(self) -> None:
        """An environment as the script leaves it, as far as it looks at it again."""
        (self.root / ".venv/bin").mkdir(parents=True)
        for name in ("acc", "python"):
            (self.root / ".venv/bin" / name).write_text("#!/bin/sh\n")
            (self.root / ".venv/bin" / name).chmod(0o755)
        made_from = [(self.root / n).read_bytes() for n in ("requirements.lock", "pyproject.toml")]
        script = (self.root / "scripts/bootstrap").read_bytes()
        digest = sha256(b"".join([f"{self.root}\n".encode(), *made_from, script])).hexdigest()
        (self.root / ".venv/stamp").write_text(f"{digest}  -\n")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def assert_one_sentence(said: list[str], *words: str) -> None:
    (sentence,) = [line for line in said if line.startswith("bootstrap: ")]
    assert said[-1] == sentence
    assert sentence.endswith(".")
    for word in words:
        assert word in sentence


def test_no_python_is_one_sentence(machine: Machine):
    code, said = machine.bootstrap()
    assert code == 1
    assert len(said) == 1
    assert_one_sentence(said, "Python 3.11", "apt-get install python3")


def test_an_old_python_is_passed_over(machine: Machine):
    machine.program("python3", "exit 1")
    code, said = machine.bootstrap()
    assert code == 1
    assert_one_sentence(said, "Python 3.11")


def test_a_named_python_that_is_too_old_is_refused(machine: Machine):
    machine.program("old", "exit 1")
    code, said = machine.bootstrap(PYTHON=str(machine.bin / "old"))
    assert code == 1
    assert_one_sentence(said, "PYTHON=")


@pytest.mark.parametrize(("system", "processor"), [("Linux", "riscv64"), ("FreeBSD", "amd64")])
def test_a_platform_without_v8_is_refused(machine: Machine, system: str, processor: str):
    machine.program("uname", f'[ "$1" = -s ] && echo {system} || echo {processor}')
    code, said = machine.bootstrap()
    assert code == 1
    assert_one_sentence(said, system, processor, "use Linux")


def test_a_missing_venv_module_is_one_sentence(machine: Machine):
    machine.program("python3", f'[ "$1" = -m ] && exit 1\nexec {sys.executable} "$@"')
    code, said = machine.bootstrap()
    assert code == 1
    assert_one_sentence(said, "apt-get install python3-venv")
    assert not (machine.root / ".venv").exists()


def test_an_unreachable_registry_is_one_sentence(machine: Machine):
    machine.program("python3", f'exec {sys.executable} "$@"')
    code, said = machine.bootstrap(
        PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_CONFIG_FILE="/dev/null", no_proxy="*"
    )
    assert code == 1
    assert_one_sentence(said, "registry cannot be reached", "bootstrap.log")


def test_what_is_in_the_way_is_not_deleted(machine: Machine):
    machine.program("python3", f'exec {sys.executable} "$@"')
    (machine.root / ".venv").mkdir()
    (machine.root / ".venv/notes.txt").write_text("mine")
    code, said = machine.bootstrap()
    assert code == 1
    assert_one_sentence(said, "is in the way")
    assert (machine.root / ".venv/notes.txt").read_text() == "mine"


def test_an_environment_that_is_current_is_left_alone_without_a_word(machine: Machine):
    machine.make_environment()
    assert machine.bootstrap() == (0, [])


@pytest.mark.parametrize("changed", COPIED)
def test_an_environment_made_from_something_else_is_made_again(machine: Machine, changed: str):
    machine.make_environment()
    with (machine.root / changed).open("a") as file:
        file.write("\n")
    code, said = machine.bootstrap()
    assert code == 1
    assert_one_sentence(said, "Python 3.11")


def test_no_file_names_a_host_of_a_registry():
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    assert "--index-url" not in lock
    for name in ("scripts/bootstrap", "scripts/test", "scripts/check", "Makefile", ".ci/run"):
        assert "://" not in (ROOT / name).read_text().replace("http://127.0.0.1:8080", "")
