"""The ACC ledger: kinds of transactions, registered chains and the state machine."""

from mainchain.ledger.machine import MainLedger

__all__ = ["MainLedger"]
