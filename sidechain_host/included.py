"""A transaction of a block and the calls it makes."""

from dataclasses import dataclass, field
from typing import Any

import msgspec

from chain_engine.blocks.block import Receipt
from chain_engine.blocks.transaction import SignedTransaction
from chain_engine.ledger.bridge.receive import Inbound
from chain_engine.primitives.errors import ChainError


@dataclass
class Included:
    """A transaction of the block."""

    signed: SignedTransaction
    """The transaction."""

    receipt: Receipt | None = None
    """Its receipt, when phase 1 finished it."""

    inbounds: list[Inbound] = field(default_factory=list)
    """Messages it delivered; none for a contract call."""

    items: list[dict[str, Any] | None] = field(default_factory=list)
    """For each message the call it makes, or None; for a contract call its one call."""

    places: list[int | None] = field(default_factory=list)
    """Positions of these calls among all calls of the block."""


class CallNotPermitted(ChainError):
    """The manifest does not open this method, or this asset, to deposits."""

    code = "PERMISSION"
    title = "The DApp does not take this asset with a call of this method."
    fix = "Deposit with a TRANSFER, or call a method that `permissions.bridge.call` names."
    status = 422


def build_item(
    identity: bytes, signers: list[str], method: str, arguments: msgspec.Raw, gas: int,
    *, deposit: dict[str, Any] | None,
) -> dict[str, Any]:  # fmt: skip
    """Build a call as the sandbox reads it."""
    return {
        "id": identity.hex(), "sender": signers[0], "signers": signers, "method": method,
        "args": arguments, "gas": gas, "deposit": deposit,
    }  # fmt: skip
