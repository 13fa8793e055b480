"""Phase 3 of a block: what the sandbox answered is added up again and applied to the ledger."""

from collections import defaultdict
from collections.abc import Sequence

from chain_engine.blocks.block import Event
from chain_engine.blocks.bridge import AckStatus, chain_account
from chain_engine.ledger.assets import MAIN_COIN
from chain_engine.ledger.balances import credit, debit
from chain_engine.ledger.bridge.receive import Inbound, apply_transfer
from chain_engine.ledger.bridge.send import send, sent_event
from chain_engine.ledger.bridge.vouchers import text_of
from chain_engine.ledger.events import build_event
from chain_engine.ledger.keys import balance_key
from chain_engine.ledger.ledger import Ledger
from chain_engine.primitives.errors import ChainError
from sidechain_host.block_writes import BlockWrites
from sidechain_host.faults import SandboxViolation
from sidechain_host.outcome import CallOutcome, Withdrawal

RESERVE = "locks"
"""Purpose of the keyless account that holds the units of all locks."""


def verify_conserved(
    ledger: Ledger,
    checked: BlockWrites,
    delivered: Sequence[Inbound],
    outcomes: Sequence[CallOutcome],
) -> None:
    """What came in by deposits, less what left by messages, is what the sums changed by.

    Raises:
        SandboxViolation: units from nowhere, or units lost.
    """
    expected: defaultdict[str, int] = defaultdict(int)
    for inbound in delivered:
        expected[text_of(ledger, inbound.message.asset)] += inbound.message.amount
    for outcome in outcomes:
        for out in outcome.withdrawals:
            expected[out.asset] -= out.amount
            expected[MAIN_COIN] -= out.fee
    for asset in expected.keys() | checked.moved.keys():
        if expected[asset] != checked.moved[asset]:
            raise SandboxViolation(
                f"{asset}: sums changed by {checked.moved[asset]}, not {expected[asset]}"
            )


def apply_checked(ledger: Ledger, checked: BlockWrites, delivered: Sequence[Inbound]) -> None:
    """Release the deposits, then set the balances the calls left, then move the locks' units."""
    for inbound in delivered:
        ledger.begin()
        done = apply_transfer(ledger, inbound)
        assert done.status == AckStatus.DELIVERED, "it was tried before the call ran"
        ledger.keep()
    for (account, asset), amount in checked.balances.items():
        ledger.put(balance_key(account, asset), amount)
    reserve = chain_account(ledger.context.chain_id, RESERVE)
    for asset, change in checked.locked.items():
        if change > 0:
            credit(ledger, reserve, asset, change)
        elif change < 0:
            debit(ledger, reserve, asset, -change)


def send_all(ledger: Ledger, outcome: CallOutcome) -> tuple[Event, ...]:
    """Append the messages of one call; returns their events.

    Raises:
        SandboxViolation: a message that the runtime would have refused.
    """
    try:
        return tuple(_send(ledger, withdrawal) for withdrawal in outcome.withdrawals)
    except ChainError as e:
        raise SandboxViolation(f"message: {e.detail}") from e


def _send(ledger: Ledger, out: Withdrawal) -> Event:
    """Append a message; the sandbox took amount and fee, which `send` takes once more."""
    credit(ledger, out.sender, out.asset, out.amount)
    credit(ledger, out.sender, MAIN_COIN, out.fee)
    message = send(
        ledger,
        sender=out.sender,
        destination=ledger.main_chain,
        kind="TRANSFER",
        asset=out.asset,
        amount=out.amount,
        recipient=out.recipient,
        expires_at_ms=out.expires_at_ms,
        fee=out.fee,
        memo=out.memo,
    )
    return build_event(sent_event(message, out.asset))
