"""SQLite storage: blocks, state, tree, sign-state, logs."""
