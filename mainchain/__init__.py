"""The ACC ledger: a state machine on the chain engine, and its HTTP API."""
