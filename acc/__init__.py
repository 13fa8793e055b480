"""The `acc` command and the composition of a node."""
