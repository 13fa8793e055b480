"""One block of a sidechain in three phases (docs/spec/13-contracts.md section 2).

1. Here: control, nonce and fee of every transaction; account and bridge kinds act at once.
2. In the sandbox: calls of deposits in order, then the contract calls.
3. Here: the outcome is checked and applied; acks, messages to the main chain, fees to the forger.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from chain_engine.blocks.block import Event, Receipt
from chain_engine.blocks.bridge import AckStatus, PeerStatus
from chain_engine.blocks.transaction import SignedTransaction
from chain_engine.codec.canonical import Struct
from chain_engine.crypto.hashing import tagged_hash
from chain_engine.ledger.balances import balance_of
from chain_engine.ledger.block_budget import BlockBudget
from chain_engine.ledger.bridge.peers import find_peer
from chain_engine.ledger.bridge.receive import (
    PENDING_CALL,
    DeliverPayload,
    Inbound,
    acknowledge,
    apply_transfer,
    call_body,
    receive,
)
from chain_engine.ledger.bridge.vouchers import text_of
from chain_engine.ledger.events import build_event
from chain_engine.ledger.kinds.chain_deliver import CHAIN_DELIVER
from chain_engine.ledger.kinds.kind import Kind
from chain_engine.ledger.ledger import Ledger
from chain_engine.ledger.machine import BlockContext, Changes
from chain_engine.ledger.native import close_block
from chain_engine.ledger.transactions import Payloads, apply_transaction, charge
from chain_engine.primitives.errors import ChainError
from chain_engine.state.view import StateView
from sidechain_host.addresses import address_of
from sidechain_host.block_close import apply_checked, send_all, verify_conserved
from sidechain_host.block_writes import check_writes
from sidechain_host.calls import DAPP_CALL, CallPayload
from sidechain_host.included import CallNotPermitted, Included, build_item
from sidechain_host.outcome import CallOutcome, RowWrite
from sidechain_host.program import Program


class BlockRun:
    """The block while it is made or checked."""

    def __init__(
        self, program: Program, payloads: Payloads, context: BlockContext, view: StateView
    ) -> None:
        """Start an empty block over `view`."""
        self.program = program
        self.view = view
        self.ledger = Ledger(view, context, program.main_chain)
        self._payloads = payloads
        self._budget = BlockBudget(context.parameters)
        self._included: list[Included] = []
        self.items: list[dict[str, Any]] = []
        """The calls for the sandbox, once `arrange_calls` has put them in order."""
        self.owners: list[SignedTransaction] = []
        """The transaction behind every call."""

    # --- phase 1 --------------------------------------------------------------------------------

    @property
    def is_full(self) -> bool:
        """Whether no transaction fits any more."""
        return self._budget.is_full

    def include(self, signed: SignedTransaction) -> None:
        """Add a transaction.

        Raises:
            ChainError: it cannot be in this block; nothing has changed.
        """
        kind, payload = self._payloads.decode(signed)
        self._budget.verify(signed, is_relay=kind.is_relay)
        if kind.name == DAPP_CALL:
            assert isinstance(payload, CallPayload)
            included = self._include_call(signed, payload)
        elif kind.name == CHAIN_DELIVER.name:
            assert isinstance(payload, DeliverPayload)
            included = self._include_deliver(signed, payload)
        elif kind.is_relay:
            receipt = apply_transaction(self.ledger, signed, kind, payload)
            included = Included(signed, receipt)
        else:
            included = Included(signed, self._apply_charged(signed, kind, payload))
        self._budget.take(signed, is_relay=kind.is_relay)
        self._included.append(included)

    def _apply_charged(self, signed: SignedTransaction, kind: Kind, payload: Struct) -> Receipt:
        with self.ledger.step():
            charge(self.ledger, signed)
        try:
            with self.ledger.step():
                events = kind.apply(self.ledger, signed, payload)
        except ChainError as refusal:
            return Receipt(signed.id, refusal.code, 0, signed.tx.fee, ())
        return Receipt(signed.id, "", 0, signed.tx.fee, events)

    def _include_call(self, signed: SignedTransaction, payload: CallPayload) -> Included:
        with self.ledger.step():
            charge(self.ledger, signed)
        tx = signed.tx
        arguments = self.program.arguments.of_method(payload.method, payload.arguments)
        signers = [address_of(account) for account in (tx.sender, *tx.cosigners)]
        item = build_item(signed.id, signers, payload.method, arguments, tx.gas_limit, deposit=None)
        return Included(signed, items=[item])

    def _include_deliver(self, signed: SignedTransaction, payload: DeliverPayload) -> Included:
        with self.ledger.step():
            charge(self.ledger, signed)
            received = receive(self.ledger, payload, signed.tx.sender, runs_calls=True)
            calls = [i for i in received if i.status == PENDING_CALL]
            self._budget.take_gas(sum(call_body(i.message).gas_limit for i in calls))
        included = Included(signed)
        for inbound in received:
            settled, item = self._prepare(inbound)
            included.inbounds.append(settled)
            included.items.append(item)
        return included

    def _prepare(self, inbound: Inbound) -> tuple[Inbound, dict[str, Any] | None]:
        """Make the call of a message ready, or settle the message at once."""
        if inbound.status != PENDING_CALL:
            return inbound, None
        message = inbound.message
        try:
            body = call_body(message)
            asset = self._verify_permitted(body.method, text_of(self.ledger, message.asset))
            arguments = self.program.arguments.of_method(body.method, body.arguments)
        except ChainError as refusal:
            return inbound.failed(refusal.code), None
        sender = address_of(message.sender)
        deposit = {
            "asset": asset, "amount": str(message.amount), "seq": message.seq, "from": sender,
            "to": address_of(message.recipient),
        }  # fmt: skip
        identity = tagged_hash("acc/deposit-call", inbound.peer, message.seq.to_bytes(8, "big"))
        return inbound, build_item(
            identity, [sender], body.method, arguments, body.gas_limit, deposit=deposit
        )

    def _verify_permitted(self, method: str, asset: str) -> str:
        permissions = self.program.manifest.permissions
        if method not in permissions.bridge_call or asset not in permissions.bridge_deposit:
            raise CallNotPermitted(method=method, asset=asset)
        return asset

    # --- phase 2 --------------------------------------------------------------------------------

    def arrange_calls(self) -> None:
        """End phase 1: deposits that can be released come first, then the contract calls."""
        trial = Ledger(self.ledger, self.ledger.context, self.program.main_chain)
        deliveries = [included for included in self._included if included.inbounds]
        for included in deliveries:
            for place, (inbound, item) in enumerate(
                zip(included.inbounds, included.items, strict=True)
            ):
                if item is not None:
                    final = self._try_transfer(trial, inbound)
                    if final.status == AckStatus.FAILED:
                        included.inbounds[place], included.items[place] = final, None
        for included in deliveries:
            self._place(included)
        for included in self._included:
            if included.items and not included.inbounds:
                self._place(included)

    def _place(self, included: Included) -> None:
        for item in included.items:
            included.places.append(None if item is None else len(self.items))
            if item is not None:
                self.items.append(item)
                self.owners.append(included.signed)

    def _try_transfer(self, trial: Ledger, inbound: Inbound) -> Inbound:
        """Whether the amount could be released after all deposits before it.

        Tried beside the real ledger, as if every earlier call succeeded: those that do are a
        subset, and releasing less never makes a later release impossible.
        """
        trial.begin()
        tried = apply_transfer(trial, inbound)
        if tried.status == AckStatus.DELIVERED:
            trial.keep()
            return tried
        trial.undo()
        # Refused for good: done where it counts, since it may freeze the peer.
        self.ledger.begin()
        final = apply_transfer(self.ledger, inbound)
        if final.status == AckStatus.DELIVERED:
            self.ledger.undo()
            return inbound.failed(tried.code)
        self.ledger.keep()
        return final

    def block_request(self) -> dict[str, Any]:
        """What the sandbox is told about the block."""
        context, ledger = self.ledger.context, self.ledger
        peer = find_peer(ledger, self.program.main_chain)
        is_open = peer is not None and peer.status == PeerStatus.ACTIVE
        asset = context.parameters.fees.asset
        # Whoever calls most likely pays: spares the first question of each call.
        payers = dict.fromkeys(owner.tx.sender for owner in self.owners)
        held = ((address_of(payer), balance_of(ledger, payer, asset)) for payer in payers)
        return {
            "op": "block",
            "height": context.height,
            "timeMs": context.time_ms,
            "seed": context.seed.hex(),
            "bridge": {
                "open": is_open,
                "next": peer.outbox.size if peer else 0,
                "fee": str(peer.relay_fee if peer else 0),
            },
            "balances": [[payer, asset, str(units)] for payer, units in held if units],
        }

    # --- phase 3 --------------------------------------------------------------------------------

    def finish(self, outcomes: Sequence[CallOutcome], writes: Sequence[RowWrite]) -> Changes:
        """Check and apply what the sandbox answered, and close the block.

        Raises:
            SandboxViolation: the answer is not what honest rules can give.
        """
        checked = check_writes(self.program.tables, writes, self.view, self.ledger)
        delivered = [
            inbound for inbound, outcome in self._finished_deposits(outcomes) if not outcome.code
        ]
        verify_conserved(self.ledger, checked, delivered, outcomes)
        apply_checked(self.ledger, checked, delivered)
        receipts = [self._receipt(included, outcomes) for included in self._included]
        changes = close_block(self.ledger, receipts)
        return msgspec.structs.replace(changes, writes={**changes.writes, **checked.rows})

    def _finished_deposits(
        self, outcomes: Sequence[CallOutcome]
    ) -> list[tuple[Inbound, CallOutcome]]:
        return [
            (inbound, outcomes[place])
            for included in self._included
            for inbound, place in zip(included.inbounds, included.places, strict=False)
            if place is not None
        ]

    def _receipt(self, included: Included, outcomes: Sequence[CallOutcome]) -> Receipt:
        if included.receipt is not None:
            return included.receipt
        signed = included.signed
        if included.inbounds:
            return self._deliver_receipt(included, outcomes)
        (place,) = included.places
        assert place is not None
        outcome = outcomes[place]
        events = outcome.events + send_all(self.ledger, outcome)
        return Receipt(signed.id, outcome.code, outcome.gas, signed.tx.fee, events)

    def _deliver_receipt(self, included: Included, outcomes: Sequence[CallOutcome]) -> Receipt:
        events: tuple[Event, ...] = ()
        gas = 0
        for inbound, place in zip(included.inbounds, included.places, strict=True):
            final = inbound
            if place is not None:
                outcome = outcomes[place]
                gas += outcome.gas
                final = inbound.failed(outcome.code) if outcome.code else inbound.delivered()
                events += outcome.events + send_all(self.ledger, outcome)
            events += (build_event(acknowledge(self.ledger, final)),)
        return Receipt(included.signed.id, "", gas, included.signed.tx.fee, events)
