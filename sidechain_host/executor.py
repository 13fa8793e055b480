"""The state machine of a sidechain: the ledger's rules and a DApp in a sandbox.

The only state it keeps between blocks is a cache; killed at any moment, its process is started
again and gives the same results from the committed state.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import structlog

from chain_engine.blocks.block import Receipt
from chain_engine.blocks.parameters import ChainParameters
from chain_engine.blocks.rules import InvalidBlock
from chain_engine.blocks.transaction import SignedTransaction
from chain_engine.ledger.balances import balance_of
from chain_engine.ledger.kinds.account_transfer import ACCOUNT_TRANSFER
from chain_engine.ledger.kinds.chain_certify import CHAIN_CERTIFY
from chain_engine.ledger.kinds.chain_deliver import CHAIN_DELIVER
from chain_engine.ledger.kinds.chain_settle import CHAIN_SETTLE
from chain_engine.ledger.kinds.kind import build_registry
from chain_engine.ledger.ledger import Ledger
from chain_engine.ledger.machine import BlockContext, Changes
from chain_engine.ledger.transactions import Payloads, check_transaction
from chain_engine.primitives.errors import ChainError
from chain_engine.state.view import StateView
from sidechain_host.block_run import BlockRun
from sidechain_host.calls import call_kind
from sidechain_host.faults import DAppFault, SandboxViolation
from sidechain_host.outcome import CallOutcome, RowWrite, read_outcomes
from sidechain_host.program import Program
from sidechain_host.questions import StateQuestions
from sidechain_host.reader import DAppReader
from sidechain_host.runner import REPLAY_FACTOR, DAppProcess, RunnerSettings, deadline_of
from sidechain_host.sandbox.errors import SandboxError, SandboxUnavailable

log = structlog.get_logger()

BLOCK_LIMIT = "BLOCK_LIMIT"
_EXECUTIONS_KEPT = 4
_SHORT_DEADLINE_MS = 10_000
_QUARANTINED_MAX = 10_000

_Key = tuple[BlockContext, tuple[bytes, ...]]


class _Execution(NamedTuple):
    """A block that was executed and not decided yet."""

    changes: Changes
    """What it changes."""

    has_calls: bool
    """Whether the sandbox took part."""


class _Killed(Exception):
    """A call killed the process; `place` is its position among the block's calls."""

    def __init__(self, place: int, cause: Exception) -> None:
        super().__init__(f"call {place}: {cause}")
        self.place = place
        self.cause = cause


class SidechainMachine:
    """Implements `StateMachine` for one DApp chain."""

    def __init__(
        self,
        program: Program,
        parameters: ChainParameters,
        settings: RunnerSettings | None = None,
    ) -> None:
        """`parameters` are those in force. No process is started before it is needed."""
        self.program = program
        kinds = (call_kind(program.arguments), ACCOUNT_TRANSFER, CHAIN_CERTIFY, CHAIN_DELIVER,
                 CHAIN_SETTLE)  # fmt: skip
        self._payloads = Payloads(build_registry(kinds), parameters)
        self._runner = DAppProcess(program, settings or RunnerSettings())
        self.reader = DAppReader(program, self._payloads, settings or RunnerSettings())
        self._lock = asyncio.Lock()
        self._executed: OrderedDict[_Key, _Execution] = OrderedDict()
        self._standing: Changes | None = None
        """Changes of the block whose rows the process holds uncommitted."""
        self._cached_height: int | None = None
        """Height whose state the process's cache belongs to."""
        self._quarantined: set[bytes] = set()

    # --- StateMachine ---------------------------------------------------------------------------

    def verify_stateless(self, signed: SignedTransaction) -> None:
        """Check kind, payload, arguments and fee.

        Raises:
            UnknownKind, BadPayload, FeeTooLow, InvalidTransaction, UnknownMethod, BadArguments.
        """
        self._payloads.decode(signed)

    def check(self, signed: SignedTransaction, view: StateView, context: BlockContext) -> None:
        """Check control and funds for the mempool; see `check_transaction`."""
        kind, payload = self._payloads.decode(signed)
        if signed.witness_hash in self._quarantined:
            raise Quarantined(id=signed.id)
        if kind.name == CHAIN_DELIVER.name:
            # Tried without running its calls: whether it may be relayed does not depend on them.
            BlockRun(self.program, self._payloads, context, view).include(signed)
            return
        ledger = Ledger(view, context, self.program.main_chain)
        check_transaction(ledger, signed, kind, payload)

    async def select(
        self, context: BlockContext, candidates: Sequence[SignedTransaction], view: StateView
    ) -> tuple[list[SignedTransaction], Changes]:
        """Take candidates in the given order, leaving out what refuses or does not fit.

        A transaction whose call kills the process is left out and never proposed here again.
        """
        async with self._lock:
            waiting = [c for c in candidates if c.witness_hash not in self._quarantined]
            while True:
                run, chosen = self._gather(context, waiting, view)
                try:
                    outcomes, writes = await self._run_calls(run, context)
                except _Killed as killed:
                    owner = run.owners[killed.place]
                    log.warning("transaction_quarantined", id=owner.id.hex(), cause=str(killed))
                    if len(self._quarantined) >= _QUARANTINED_MAX:
                        self._quarantined.clear()
                    self._quarantined.add(owner.witness_hash)
                    waiting = [c for c in chosen if c is not owner]
                    continue
                full = next((i for i, o in enumerate(outcomes) if o.code == BLOCK_LIMIT), None)
                if full is not None and chosen[0] is not run.owners[full]:
                    # It would be charged for a block that others filled: it waits for the next.
                    waiting = chosen[: chosen.index(run.owners[full])]
                    continue
                changes = await self._finish(run, context, outcomes, writes)
                self._keep(context, chosen, changes, has_calls=bool(run.items))
                return chosen, changes

    async def execute(
        self, context: BlockContext, transactions: Sequence[SignedTransaction], view: StateView
    ) -> Changes:
        """Execute a block; a block that this node made or checked before is not run again.

        Raises:
            InvalidBlock: a transaction cannot be in it; `index` and `code` say which and why.
            DAppFault: the process fails at it again: this node cannot judge the block.
        """
        async with self._lock:
            known = self._executed.get(_key_of(context, transactions))
            if known is not None:
                return known.changes
            run = BlockRun(self.program, self._payloads, context, view)
            for index, signed in enumerate(transactions):
                try:
                    run.include(signed)
                except ChainError as refusal:
                    raise InvalidBlock(
                        field="transactions", index=index, code=refusal.code, detail=refusal.detail
                    ) from refusal
            run.arrange_calls()
            try:
                outcomes, writes = await self._run_calls(run, context)
            except _Killed as killed:
                raise self._fault(context, killed) from killed
            changes = await self._finish(run, context, outcomes, writes)
            self._keep(context, transactions, changes, has_calls=bool(run.items))
            return changes

    async def committed(self, context: BlockContext, changes: Changes) -> None:
        """Move the process's cache forward, or empty it when another block won."""
        async with self._lock:
            done = next((e for e in self._executed.values() if e.changes is changes), None)
            if done is not None and not done.has_calls:
                step = "drop"  # no row changed
            else:
                step = "commit" if self._standing is changes else "evict"
            self._standing = None
            self._executed.clear()
            self._cached_height = context.height
            try:
                await self._tell(step)
            except SandboxError as fault:
                # The next block starts a fresh process, whose cache is empty anyway.
                log.warning("dapp_process_lost", reason=fault.detail)

    # --- beside the state machine ---------------------------------------------------------------

    async def query(
        self, name: str, texts: Mapping[str, str], view: StateView, context: BlockContext
    ) -> str:
        """Run a query at a committed height; see `DAppReader.query`."""
        return await self.reader.query(name, texts, view, context)

    async def simulate(
        self, signed: SignedTransaction, view: StateView, context: BlockContext
    ) -> tuple[Receipt, Any]:
        """Run one transaction as if it came next; see `DAppReader.simulate`."""
        return await self.reader.simulate(signed, view, context)

    async def start(self) -> None:
        """Start the process that executes blocks, so that the first block need not wait.

        Raises:
            SandboxError: it does not come up.
        """
        await self._runner.start()

    async def close(self) -> None:
        """End all processes."""
        await self._runner.kill()
        await self.reader.close()

    @property
    def runner(self) -> DAppProcess:
        """The process that executes blocks: for status, diagnosis and tests."""
        return self._runner

    # --- inside ---------------------------------------------------------------------------------

    def _gather(
        self, context: BlockContext, candidates: Sequence[SignedTransaction], view: StateView
    ) -> tuple[BlockRun, list[SignedTransaction]]:
        run = BlockRun(self.program, self._payloads, context, view)
        chosen = []
        for signed in candidates:
            if run.is_full:
                break
            try:
                run.include(signed)
            except ChainError:
                continue  # left out; the pool tells its sender why when it is checked again
            chosen.append(signed)
        run.arrange_calls()
        return run, chosen

    async def _run_calls(
        self, run: BlockRun, context: BlockContext
    ) -> tuple[list[CallOutcome], list[RowWrite]]:
        """Run the calls of a block in one message; after a kill once more, one by one.

        Raises:
            _Killed: a call kills the process also when it is alone in its message.
        """
        if not run.items:
            return [], []
        try:
            return await self._run_once(run, context, one_by_one=False)
        except SandboxUnavailable:
            raise
        except (_Killed, SandboxError) as fault:
            log.warning("dapp_replay", dapp=self.program.manifest.name, height=context.height,
                        reason=str(fault))  # fmt: skip
            return await self._run_once(run, context, one_by_one=True)

    async def _run_once(
        self, run: BlockRun, context: BlockContext, *, one_by_one: bool
    ) -> tuple[list[CallOutcome], list[RowWrite]]:
        if self._cached_height != context.height - 1:
            await self._tell("evict")
            self._cached_height = context.height - 1
        self._standing = None
        request = run.block_request()
        answers = StateQuestions(self.program.tables, run.view, partial(balance_of, run.ledger))
        size = 1 if one_by_one else len(run.items)
        outcomes: list[CallOutcome] = []
        writes: list[RowWrite] = []
        for place in range(0, len(run.items), size):
            items = run.items[place : place + size]
            gas = [item["gas"] for item in items]
            part = {"first": place == 0, "last": place + size >= len(run.items), "items": items}
            deadline_ms = deadline_of(sum(gas), factor=REPLAY_FACTOR if one_by_one else 1)
            try:
                text = await self._runner.ask(
                    request | part, deadline_ms=deadline_ms, on_host=answers
                )
                done, writes = read_outcomes(text, gas)
            except SandboxUnavailable:
                raise
            except (SandboxError, SandboxViolation) as fault:
                await self._runner.kill()
                raise _Killed(place, fault) from fault
            outcomes += done
        return outcomes, writes

    async def _finish(
        self, run: BlockRun, context: BlockContext, outcomes: list[CallOutcome],
        writes: list[RowWrite],
    ) -> Changes:  # fmt: skip
        """Close a block; a process that lied is not asked again."""
        try:
            return run.finish(outcomes, writes)
        except SandboxViolation as violation:
            await self._runner.kill()
            raise self._fault(context, violation) from violation

    def _fault(self, context: BlockContext, cause: Exception) -> DAppFault:
        name = self.program.manifest.name
        return DAppFault(dapp=name, height=context.height, reason=str(cause))

    def _keep(
        self, context: BlockContext, transactions: Sequence[SignedTransaction], changes: Changes,
        *, has_calls: bool,
    ) -> None:  # fmt: skip
        if has_calls:
            self._standing = changes
        self._executed[_key_of(context, transactions)] = _Execution(changes, has_calls)
        if len(self._executed) > _EXECUTIONS_KEPT:
            self._executed.popitem(last=False)

    async def _tell(self, op: str) -> None:
        """A short request to the process, if there is one."""
        if self._runner.process is not None:
            await self._runner.ask({"op": op}, deadline_ms=_SHORT_DEADLINE_MS)


class Quarantined(ChainError):
    """A transaction that killed the DApp's process."""

    code = "QUARANTINED"
    title = "This transaction killed the DApp's process and is not proposed by this node."
    fix = "Report it to the DApp's publisher; change the call."
    status = 422


def _key_of(context: BlockContext, transactions: Sequence[SignedTransaction]) -> _Key:
    return context, tuple(signed.witness_hash for signed in transactions)
