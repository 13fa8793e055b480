"""The working set of one block: decoded rows, changed in memory, encoded once at the end.

Every rule of this package reads and writes through a `Ledger`. It wraps the view below the block,
keeps what it has decoded, and can undo one transaction or step at a time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from chain_engine.blocks.bridge import Ack, BridgeMessage
from chain_engine.codec.canonical import Struct, decode_unchecked, encode
from chain_engine.ledger.keys import account_key
from chain_engine.ledger.machine import BlockContext
from chain_engine.ledger.records import NEW_ACCOUNT, AccountRecord
from chain_engine.primitives.errors import ChainError
from chain_engine.state.view import Overlay, StateView

R = TypeVar("R", bound=Struct)

_ABSENT: Any = object()
"""Marks a row that was not looked up: None stands for one that does not exist."""


class Ledger:
    """State of one block while it executes; also a `StateView` of the outcome so far."""

    __slots__ = (
        "_lengths",
        "_loaded",
        "_undo",
        "_values",
        "acks",
        "context",
        "fees",
        "main_chain",
        "outbox",
        "touched_peers",
        "view",
        "voucher_peers",
    )  # fmt: skip

    def __init__(self, view: StateView, context: BlockContext, main_chain: bytes) -> None:
        """Start over `view`. `main_chain` is this chain's own id on the main chain itself."""
        self.view = view
        self.context = context
        self.main_chain = main_chain
        self.fees = 0
        """Collected for the forger, units of the fee asset."""
        self.outbox: list[BridgeMessage] = []
        """Messages sent, in order."""
        self.acks: list[tuple[bytes, Ack]] = []
        """Acks written, in order."""
        self.touched_peers: set[bytes] = set()
        """Peers whose record may have changed."""
        self.voucher_peers: set[bytes] = set()
        """Peers of whose assets the circulation may have changed."""
        self._loaded: dict[bytes, Any] = {}
        self._values: dict[bytes, Any] = {}
        self._undo: dict[bytes, Any] | None = None
        self._lengths = (0, 0, 0)

    # --- rows ---------------------------------------------------------------------------------

    def amount(self, key: bytes) -> int:
        """Units in a row of amounts; 0 when it does not exist."""
        value = self._values.get(key, _ABSENT)
        if value is _ABSENT:
            raw = self.view.get(key)
            value = 0 if raw is None else decode_unchecked(raw, int)
            self._loaded[key] = self._values[key] = value
        return value  # type: ignore[no-any-return]

    def record(self, key: bytes, kind: type[R]) -> R | None:
        """Struct in a row, or None when it does not exist."""
        value = self._values.get(key, _ABSENT)
        if value is _ABSENT:
            raw = self.view.get(key)
            value = None if raw is None else decode_unchecked(raw, kind)
            self._loaded[key] = self._values[key] = value
        return value  # type: ignore[no-any-return]

    def put(self, key: bytes, value: Struct | int | str | bytes | tuple[Any, ...] | None) -> None:
        """Write a row. None removes it, and so does an amount of 0."""
        undo = self._undo
        if undo is not None and key not in undo:
            undo[key] = self._values.get(key, _ABSENT)
        self._values[key] = value

    def account(self, account: bytes) -> AccountRecord:
        """Record of a 20-byte account; a fresh one when it has never sent anything."""
        return self.record(account_key(account), AccountRecord) or NEW_ACCOUNT

    # --- undoing ------------------------------------------------------------------------------

    def begin(self) -> None:
        """Start a step that can be undone; steps do not nest."""
        assert self._undo is None, "a step is already open"
        self._undo = {}
        self._lengths = (len(self.outbox), len(self.acks), self.fees)

    def keep(self) -> None:
        """End the step and keep what it did."""
        self._undo = None

    def undo(self) -> None:
        """End the step and restore everything it changed."""
        assert self._undo is not None, "no step is open"
        for key, value in self._undo.items():
            if value is _ABSENT:
                del self._values[key]
            else:
                self._values[key] = value
        sent, acked, self.fees = self._lengths
        del self.outbox[sent:], self.acks[acked:]
        self._undo = None

    @contextmanager
    def step(self) -> Iterator[None]:
        """Run a step that is undone when a rule refuses; the refusal goes on to the caller."""
        self.begin()
        try:
            yield
        except ChainError:
            self.undo()
            raise
        self.keep()

    # --- outcome ------------------------------------------------------------------------------

    def writes(self) -> dict[bytes, bytes | None]:
        """Encoded rows that differ from the view; None deletes."""
        loaded = self._loaded
        return {
            key: encode(value) if value else None
            for key, value in self._values.items()
            if value != loaded.get(key, _ABSENT)
        }

    def get(self, key: bytes) -> bytes | None:
        """Encoded row as it stands now."""
        value = self._values.get(key, _ABSENT)
        if value is _ABSENT:
            return self.view.get(key)
        return encode(value) if value else None

    def scan(
        self, start: bytes, end: bytes, *, limit: int, reverse: bool = False
    ) -> list[tuple[bytes, bytes]]:
        """Encoded rows in [start, end) as they stand now."""
        overlay = Overlay(self.view, self.writes())
        return overlay.scan(start, end, limit=limit, reverse=reverse)
