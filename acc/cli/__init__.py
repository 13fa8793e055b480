"""The `acc` command: one file per group of commands."""

from acc.cli.main import main

__all__ = ["main"]
