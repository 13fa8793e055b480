"""Kinds that only the main chain offers, one file each, and the registry of all of its kinds."""

from chain_engine.ledger.kinds.account_transfer import ACCOUNT_TRANSFER
from chain_engine.ledger.kinds.chain_certify import CHAIN_CERTIFY
from chain_engine.ledger.kinds.chain_deliver import CHAIN_DELIVER
from chain_engine.ledger.kinds.chain_send import CHAIN_SEND
from chain_engine.ledger.kinds.chain_settle import CHAIN_SETTLE
from chain_engine.ledger.kinds.kind import build_registry
from mainchain.ledger.kinds.chain_register import CHAIN_REGISTER

KINDS = build_registry(
    [
        ACCOUNT_TRANSFER,
        CHAIN_REGISTER,
        CHAIN_SEND,
        CHAIN_CERTIFY,
        CHAIN_DELIVER,
        CHAIN_SETTLE,
    ]
)
"""Every kind of the main chain by name: a new kind is added here and nowhere else."""
