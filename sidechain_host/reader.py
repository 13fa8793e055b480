"""Queries and simulations: a process of their own, so that they never delay a block."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec

from chain_engine.blocks.block import Receipt
from chain_engine.blocks.transaction import SignedTransaction
from chain_engine.ledger.balances import balance_of
from chain_engine.ledger.ledger import Ledger
from chain_engine.ledger.machine import BlockContext
from chain_engine.ledger.transactions import Payloads
from chain_engine.primitives.errors import NotFound
from chain_engine.state.view import StateView
from sidechain_host import limits
from sidechain_host.block_run import BlockRun
from sidechain_host.faults import QueryRefused, SandboxViolation
from sidechain_host.outcome import read_outcomes
from sidechain_host.program import Program
from sidechain_host.questions import StateQuestions
from sidechain_host.runner import DAppProcess, RunnerSettings, deadline_of

QUERY_DEADLINE_MS = 5_000


class _Answer(msgspec.Struct):
    gas: int
    text: str | None = None
    code: str = ""
    detail: Any = None


class DAppReader:
    """The reading process of one DApp."""

    def __init__(self, program: Program, payloads: Payloads, settings: RunnerSettings) -> None:
        """No process is started before the first question."""
        self._program = program
        self._payloads = payloads
        self._process = DAppProcess(program, settings)
        self._lock = asyncio.Lock()
        self._state: BlockContext | None = None

    async def query(
        self, name: str, texts: Mapping[str, str], view: StateView, context: BlockContext
    ) -> str:
        """Run a query and return its JSON text.

        `context` is that of the newest committed block, `view` its state.

        Raises:
            UnknownMethod, BadArguments: no such query, or not its arguments.
            NotFound, QueryRefused: what the DApp says.
            SandboxError: the process failed; the next query starts another.
        """
        arguments = self._program.arguments.of_query(name, texts)
        item: dict[str, Any] = {
            "id": "", "sender": None, "signers": [], "method": name, "args": arguments,
            "gas": limits.QUERY_GAS, "deposit": None,
        }  # fmt: skip
        async with self._lock:
            ledger = Ledger(view, context, self._program.main_chain)
            request = {
                "op": "query", "height": context.height, "timeMs": context.time_ms,
                "seed": context.seed.hex(), "bridge": {"open": False, "next": 0, "fee": "0"},
                "sameState": self._state == context, "item": item,
            }  # fmt: skip
            self._state = context
            text = await self._ask(request, view, ledger, QUERY_DEADLINE_MS)
        answer = msgspec.json.decode(text, type=_Answer)
        if answer.text is not None and len(answer.text) <= limits.QUERY_RESULT_BYTES_MAX:
            return answer.text
        if answer.code == NotFound.code:
            raise NotFound(query=name)
        raise QueryRefused(query=name, refusal=answer.code, detail=_detail_of(answer.detail))

    async def simulate(
        self, signed: SignedTransaction, view: StateView, context: BlockContext
    ) -> tuple[Receipt, Any]:
        """Run one transaction as if it came next: its receipt, and the values of a refusal.

        `context` is that of the next block. Nothing is kept.

        Raises:
            ChainError: it cannot be in a block.
            SandboxError: the process failed.
        """
        run = BlockRun(self._program, self._payloads, context, view)
        run.include(signed)
        run.arrange_calls()
        if not run.items:
            return run.finish([], []).receipts[0], None
        request = run.block_request() | {"first": True, "last": True, "items": run.items}
        gas = [item["gas"] for item in run.items]
        async with self._lock:
            await self._process.ask({"op": "evict"}, deadline_ms=QUERY_DEADLINE_MS)
            self._state = None
            text = await self._ask(request, view, run.ledger, deadline_of(sum(gas)))
            await self._process.ask({"op": "drop"}, deadline_ms=QUERY_DEADLINE_MS)
        outcomes, writes = read_outcomes(text, gas)
        return run.finish(outcomes, writes).receipts[0], _detail_of(outcomes[0].detail)

    async def close(self) -> None:
        """End the process."""
        await self._process.kill()

    async def _ask(
        self, request: dict[str, Any], view: StateView, ledger: Ledger, deadline_ms: int
    ) -> bytes:
        answers = StateQuestions(self._program.tables, view, partial(balance_of, ledger))
        try:
            return await self._process.ask(request, deadline_ms=deadline_ms, on_host=answers)
        except SandboxViolation:
            await self._process.kill()
            raise


def _detail_of(detail: Any) -> Any:
    """A refusal's values: what `ctx.refuse` was given, or what the host says."""
    if isinstance(detail, dict) and isinstance(detail.get("json"), str):
        return msgspec.json.decode(detail["json"])
    return detail
