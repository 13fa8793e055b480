"""What the kernel says about processes."""

import contextlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """A process as `/proc` shows it."""

    pid: int
    """Its id."""

    command: tuple[str, ...]
    """Its arguments."""

    status: dict[str, str]
    """Fields of its status."""

    @property
    def is_runner(self) -> bool:
        """Whether it runs contracts."""
        return (
            "--role" in self.command and self.command[self.command.index("--role") + 1] == "runner"
        )


def find_process(pid: int) -> Process | None:
    """A living process, or None."""
    folder = Path(f"/proc/{pid}")
    try:
        command = (folder / "cmdline").read_bytes().split(b"\0")
        lines = (folder / "status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return None
    status = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if status["State"][0] in "ZX":
        return None
    return Process(pid, tuple(part.decode() for part in command if part), status)


def children_of(pid: int) -> list[Process]:
    """Living direct children of a process, of whichever of its threads, ascending by id."""
    found: list[Process] = []
    # a process or a thread may end while it is looked at
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for task in sorted(Path(f"/proc/{pid}/task").iterdir()):
            numbers = (task / "children").read_text().split()
            found += [child for number in numbers if (child := find_process(int(number)))]
    return sorted(found, key=lambda process: process.pid)


def runners_of(pid: int) -> list[Process]:
    """Processes that run contracts for a node."""
    return [child for child in children_of(pid) if child.is_runner]


def descendants_of(pid: int) -> list[Process]:
    """All living processes below one."""
    found = []
    for child in children_of(pid):
        found += [child, *descendants_of(child.pid)]
    return found
