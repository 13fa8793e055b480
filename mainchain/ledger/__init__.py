"""The ACC ledger: pure rules of the main chain."""
