"""A state machine made of transaction kinds alone (docs/spec/11-main-chain.md section 4).

The main chain's, and that of any other chain that runs no contracts.
"""

from collections.abc import Mapping, Sequence

from chain_engine.blocks.block import Receipt
from chain_engine.blocks.parameters import ChainParameters
from chain_engine.blocks.rules import InvalidBlock
from chain_engine.blocks.transaction import SignedTransaction
from chain_engine.crypto.accounts import account_of_key
from chain_engine.ledger.block_budget import BlockBudget
from chain_engine.ledger.bridge.peers import close_bridge
from chain_engine.ledger.events import FeesPaid, address_of, build_system_receipt
from chain_engine.ledger.fees import pay_forger
from chain_engine.ledger.kinds.kind import Kind
from chain_engine.ledger.ledger import Ledger
from chain_engine.ledger.machine import BlockContext, Changes
from chain_engine.ledger.transactions import Payloads, apply_transaction, check_transaction
from chain_engine.primitives.errors import ChainError
from chain_engine.state.view import StateView


class NativeLedger:
    """Implements `StateMachine` over a registry of kinds; keeps nothing but decoded payloads.

    A transaction that a rule refuses is left out: a block that holds one is invalid.
    """

    def __init__(
        self,
        *,
        main_chain: bytes,
        kinds: Mapping[str, Kind],
        parameters: ChainParameters,
    ) -> None:
        """`main_chain` is the main chain's id, also on itself; `parameters` are those in force."""
        self._main_chain = main_chain
        self._payloads = Payloads(kinds, parameters)

    def verify_stateless(self, signed: SignedTransaction) -> None:
        """Check kind, payload and fee.

        Raises:
            UnknownKind, BadPayload, FeeTooLow, InvalidTransaction: or what the kind says.
        """
        self._payloads.decode(signed)

    def check(self, signed: SignedTransaction, view: StateView, context: BlockContext) -> None:
        """Check control and funds for the mempool; see `check_transaction`."""
        kind, payload = self._payloads.decode(signed)
        check_transaction(Ledger(view, context, self._main_chain), signed, kind, payload)

    async def select(
        self, context: BlockContext, candidates: Sequence[SignedTransaction], view: StateView
    ) -> tuple[list[SignedTransaction], Changes]:
        """Take candidates in the given order, leaving out what refuses or does not fit."""
        ledger = Ledger(view, context, self._main_chain)
        budget = BlockBudget(context.parameters)
        chosen: list[SignedTransaction] = []
        receipts: list[Receipt] = []
        for signed in candidates:
            if budget.is_full:
                break
            try:
                receipts.append(self._include(ledger, budget, signed))
            except ChainError:
                continue  # left out; the pool tells its sender why when it is checked again
            chosen.append(signed)
        return chosen, close_block(ledger, receipts)

    async def execute(
        self, context: BlockContext, transactions: Sequence[SignedTransaction], view: StateView
    ) -> Changes:
        """Execute a block.

        Raises:
            InvalidBlock: a transaction is refused or does not fit; `index` and `code` say which.
        """
        ledger = Ledger(view, context, self._main_chain)
        budget = BlockBudget(context.parameters)
        receipts: list[Receipt] = []
        for index, signed in enumerate(transactions):
            try:
                receipts.append(self._include(ledger, budget, signed))
            except ChainError as refusal:
                raise InvalidBlock(
                    field="transactions", index=index, code=refusal.code, detail=refusal.detail
                ) from refusal
        return close_block(ledger, receipts)

    async def committed(self, context: BlockContext, changes: Changes) -> None:
        """Nothing to move forward: no state is kept between blocks."""

    def _include(self, ledger: Ledger, budget: BlockBudget, signed: SignedTransaction) -> Receipt:
        kind, payload = self._payloads.decode(signed)
        budget.verify(signed, is_relay=kind.is_relay)
        receipt = apply_transaction(ledger, signed, kind, payload)
        budget.take(signed, is_relay=kind.is_relay)
        return receipt


def close_block(ledger: Ledger, receipts: list[Receipt]) -> Changes:
    """Pay the forger, commit to the peers and gather the changes of a block."""
    context = ledger.context
    fees = pay_forger(ledger)
    if fees:
        asset = context.parameters.fees.asset
        forger = address_of(account_of_key(context.forger))
        receipts.append(build_system_receipt(context, "fees", FeesPaid(forger, asset, str(fees))))
    commitments = close_bridge(ledger)
    return Changes(
        writes=ledger.writes(),
        receipts=tuple(receipts),
        commitments=commitments,
        outbox=tuple(ledger.outbox),
        acks=tuple(ledger.acks),
    )
