"""Durable storage: one SQLite file per chain, the consensus journal and the sign-state."""

from chain_engine.storage.chain_store import ChainStore
from chain_engine.storage.journal import ConsensusJournal
from chain_engine.storage.records import (
    AccountTransaction,
    BlockSummary,
    ReceiptLocation,
    StoredEvent,
)
from chain_engine.storage.sign_state import SignState

__all__ = [
    "AccountTransaction",
    "BlockSummary",
    "ChainStore",
    "ConsensusJournal",
    "ReceiptLocation",
    "SignState",
    "StoredEvent",
]
