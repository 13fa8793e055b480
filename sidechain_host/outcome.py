"""What a runner answers to a block, read as hostile: a broken-out V8 must not move a unit.

Shapes, lengths, codes and gas are checked here; rows by `block_writes`.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from chain_engine.blocks.block import Event
from chain_engine.ledger.assets import ASSET_BYTES_MAX
from chain_engine.primitives.limits import AMOUNT_MAX
from sidechain_host import limits
from sidechain_host.addresses import account_of, is_address
from sidechain_host.faults import SandboxViolation
from sidechain_host.schema import is_asset, is_text

_CODE: Final = re.compile(r"[A-Z][A-Z0-9_-]{0,31}")
_EVENT_NAME: Final = re.compile(r"[A-Z][A-Za-z0-9_]{0,39}")


class Withdrawal(msgspec.Struct, frozen=True):
    """A message to the main chain that a call has sent."""

    sender: bytes
    """20-byte account that pays amount and fee."""

    recipient: bytes
    """20-byte account on the main chain."""

    asset: str
    """Asset text of this chain."""

    amount: int
    """Units, at least 1."""

    fee: int
    """ACC units for relaying."""

    memo: str
    """Free text."""

    expires_at_ms: int
    """Header time of the main chain after which it only expires."""


class CallOutcome(msgspec.Struct, frozen=True):
    """What became of one call."""

    code: str
    """Empty when it did what it says, else why it was refused."""

    gas: int
    """Gas used, at most its limit."""

    events: tuple[Event, ...] = ()
    """Events; none when refused."""

    withdrawals: tuple[Withdrawal, ...] = ()
    """Messages; none when refused."""

    detail: Any = None
    """Values of the refusal, for people; never hashed."""


class _Answer(msgspec.Struct, forbid_unknown_fields=True):
    results: list[tuple[str, int, list[tuple[str, str]], list[list[Any]], Any]]
    writes: list[tuple[int, list[Any], list[Any] | None]]


RowWrite = tuple[int, list[Any], list[Any] | None]
"""(table number, key values, row or None when deleted), as the sandbox writes them."""


def read_outcomes(
    text: bytes, gas_limits: Sequence[int]
) -> tuple[list[CallOutcome], list[RowWrite]]:
    """Read the answer to calls with these gas limits.

    Raises:
        SandboxViolation: it is no answer a runtime gives.
    """
    try:
        answer = msgspec.json.decode(text, type=_Answer)
    except (msgspec.DecodeError, RecursionError) as e:
        raise SandboxViolation(f"answer: {e}") from None
    if len(answer.results) != len(gas_limits) or len(answer.writes) > limits.BLOCK_ROWS_MAX:
        raise SandboxViolation("answer of a wrong length")
    outcomes = [
        _read_outcome(result, gas) for result, gas in zip(answer.results, gas_limits, strict=True)
    ]
    return outcomes, answer.writes


def _read_outcome(result: Any, gas_limit: int) -> CallOutcome:
    code, gas, events, messages, detail = result
    if not 0 <= gas <= gas_limit or not (code == "" or _CODE.fullmatch(code)):
        raise SandboxViolation(f"code {code[:40]!r}, gas {gas}")
    if (code and (events or messages)) or len(events) > limits.CALL_EVENTS_MAX:
        raise SandboxViolation("events out of place")
    if len(messages) > limits.CALL_MESSAGES_MAX:
        raise SandboxViolation("too many messages")
    return CallOutcome(
        code=code,
        gas=gas,
        events=tuple(_read_event(name, data) for name, data in events),
        withdrawals=tuple(_read_withdrawal(*message) for message in messages),
        detail=detail,
    )


def _read_event(name: str, data: str) -> Event:
    if not _EVENT_NAME.fullmatch(name) or len(data) > limits.EVENT_BYTES_MAX:
        raise SandboxViolation(f"event {name[:40]!r}")
    try:
        msgspec.json.decode(data.encode(), type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as e:
        raise SandboxViolation(f"event {name}: {e}") from None
    return Event(name, data)


def _read_withdrawal(*fields: Any) -> Withdrawal:
    try:
        sender, recipient, asset, amount, fee, memo, expires = fields
        numbers = (int(amount), int(fee), expires)
    except (ValueError, TypeError) as e:
        raise SandboxViolation(f"message: {e}") from None
    ok = (
        all(isinstance(x, str) and is_address(x) for x in (sender, recipient))
        and isinstance(asset, str)
        and len(asset) <= ASSET_BYTES_MAX
        and is_asset(asset)
        and is_text(memo, 256)
        and all(type(n) is int and 1 <= n <= AMOUNT_MAX for n in numbers)
    )
    if not ok:
        raise SandboxViolation("message out of shape")
    return Withdrawal(account_of(sender), account_of(recipient), asset, numbers[0], numbers[1],
                      memo, expires)  # fmt: skip
