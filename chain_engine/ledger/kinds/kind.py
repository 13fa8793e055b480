"""The shape of a transaction kind, and the registry of the kinds that a chain offers."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chain_engine.blocks.block import Event
from chain_engine.blocks.transaction import SignedTransaction
from chain_engine.codec.canonical import Struct
from chain_engine.ledger.ledger import Ledger

Apply = Callable[[Ledger, SignedTransaction, Any], tuple[Event, ...]]
"""Do what the payload says inside an open step; raise a `ChainError` to refuse."""

CheckState = Callable[[Ledger, SignedTransaction, Any], None]
"""Cheap check of state for the mempool; raise a `ChainError` to refuse."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of transaction."""

    name: str
    """Such as `account.transfer`; at most 40 ASCII characters."""

    payload: type[Struct]
    """Struct of its payload."""

    verify: Callable[[Any], None]
    """Check of the payload alone; raises `BadPayload`."""

    apply: Apply
    """What it does."""

    check: CheckState | None = None
    """Mempool's check; where there is none the mempool tries `apply` and undoes it."""

    is_relay: bool = False
    """Whether it may be free: it is valid only when it moves the bridge forward."""


def build_registry(kinds: Iterable[Kind]) -> Mapping[str, Kind]:
    """Build the registry of a chain's kinds by name; a name taken twice is our own fault."""
    registry: dict[str, Kind] = {}
    for kind in kinds:
        assert kind.name not in registry, f"{kind.name} is registered twice"
        registry[kind.name] = kind
    return registry
