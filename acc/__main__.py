"""`python -m acc` is the `acc` command."""

from acc.cli.main import main

main()
