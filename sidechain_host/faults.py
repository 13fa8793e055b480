"""Faults of a DApp's process. They are faults of this node, never the result of a block."""

from chain_engine.ledger.machine import MachineFault
from chain_engine.primitives.errors import ChainError


class DAppFault(MachineFault):
    """The DApp's process failed again after it was started afresh."""

    code = "DAPP_FAULT"
    title = "The DApp's process failed, also after a restart."
    fix = "Update the node; if it recurs at the same height, report the DApp with `reason`."
    status = 503
    retryable = True


class SandboxViolation(Exception):
    """The process sent what its runtime never sends: it is killed and nothing of it is used."""


class QueryRefused(ChainError):
    """A query ended with a refusal, an exception or out of gas."""

    code = "QUERY_REFUSED"
    title = "The query was refused by the DApp."
    fix = "See `refusal` for the DApp's own code and `detail` for its values."
    status = 422


class SandboxDiffers(ChainError):
    """This node's sandbox is not the one the chain was registered with."""

    code = "SANDBOX_DIFFERS"
    title = "This node's sandbox is another version than the one this chain runs under."
    fix = "Install the host version that the chain names, or wait for its publisher's upgrade."
    status = 409
