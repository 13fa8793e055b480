"""Drives the pure consensus core: one task, bounded queues, effects carried out in order.

What must be durable is written before what depends on it is sent (docs/spec/08-consensus.md 6).
"""

import asyncio
from collections import Counter, deque
from collections.abc import Coroutine, Sequence
from typing import assert_never

import structlog

from chain_engine.blocks.block import block_id
from chain_engine.consensus import events as ev
from chain_engine.consensus.abft import begin, step
from chain_engine.consensus.height import ChainReader, Setup, read_height
from chain_engine.consensus.messages import (
    ProposedBlock,
    Signable,
    Tip,
    decode_message,
    encode_message,
)
from chain_engine.consensus.recovery import recover
from chain_engine.consensus.state import State
from chain_engine.crypto.keys import SecretKey, is_signature_valid
from chain_engine.node.consensus_durable import DurableSteps
from chain_engine.node.consensus_ports import (
    BlockMaker,
    ClockMs,
    ConsensusListener,
    Journal,
    MessageNetwork,
    SignedSteps,
)
from chain_engine.node.consensus_watch import SigningWatch
from chain_engine.node.message_queue import MessageQueue
from chain_engine.primitives.errors import ChainError

PULL_PEERS = 3
"""Peers asked by one pull; the next pull asks others."""

log = structlog.get_logger(__name__)


class ConsensusHalted(ChainError):
    """Consensus saw what cannot happen below one third of traitors."""

    code = "CONSENSUS_HALTED"
    title = "Consensus has stopped: more than a third of the weight broke the rules."
    fix = "Keep the data folder, compare this block with other operators, and do not restart."
    status = 500


class ConsensusDriver:
    """Runs consensus of one chain on this node."""

    def __init__(
        self,
        *,
        chain_id: bytes,
        key: SecretKey | None,
        chain: ChainReader,
        blocks: BlockMaker,
        network: MessageNetwork,
        journal: Journal,
        sign_state: SignedSteps,
        listener: ConsensusListener,
        clock_ms: ClockMs,
        trust_new_sign_state: bool = False,
    ) -> None:
        """`key` is this node's delegate key, none for a node that only watches.

        `trust_new_sign_state`: the operator says that a missing sign-state is no lost one.
        """
        public = None if key is None else key.public
        self._setup = Setup(chain_id, public, is_signature_valid)
        self._chain = chain
        self._blocks = blocks
        self._network = network
        self._durable = DurableSteps(chain_id, key, journal, sign_state, blocks.bodies_of)
        self._listener = listener
        self._clock_ms = clock_ms
        self._watch = SigningWatch(is_new=sign_state.is_new and not trust_new_sign_state)
        self._messages = MessageQueue()
        self._internal: deque[ev.ConsensusEvent] = deque()
        self._wake = asyncio.Event()
        self._state: State | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: list[tuple[float, asyncio.Handle]] = []
        self._failure: BaseException | None = None
        self._asked = 0
        self._is_permission_new = False
        self.counts: Counter[str] = Counter()

    @property
    def state(self) -> State | None:
        """The core's state, for status pages and tests; none before `run`."""
        return self._state

    def receive(self, peer: bytes, data: bytes) -> None:
        """Take an encoded message from a peer; never waits."""
        if self._messages.push(peer, data):
            self._wake.set()
        else:
            self.counts["queue full"] += 1

    def transactions_waiting(self) -> None:
        """Tell that the pool has something to forge."""
        state = self._state
        if state is None or not state.transactions_wait:
            self._post(ev.TransactionsWaiting())

    def advance_to(self, height: int) -> None:
        """Tell that blocks up to `height` were committed by another task (sync)."""
        state = self._state
        if state is None or height >= state.height.number:
            self._wake.set()

    def set_catching_up(self, *, is_catching_up: bool) -> None:
        """Stop or allow signing: a node that is behind signs nothing."""
        self._watch.is_catching_up = is_catching_up
        self._is_permission_new = True
        self._wake.set()

    def greet(self, peer: bytes) -> None:
        """Tell a peer that just connected how far we are."""
        tip = Tip(self._chain.tip.height, self._chain.tip_certificate)
        self._network.send(peer, encode_message(tip))

    async def run(self) -> None:
        """Take up where the journal ends, then decide heights until cancelled.

        Raises:
            ConsensusHalted: more than a third of the weight broke the rules.
            ChainError: the disk failed; nothing was sent that is not on it.
        """
        try:
            await self._recover()
            while True:
                await self._wake.wait()
                self._wake.clear()
                await self._empty_queues()
        finally:
            await self._end_height()

    async def _empty_queues(self) -> None:
        """Handle events until none is left: our own first, then one message at a time."""
        while True:
            if self._failure is not None:
                raise self._failure
            assert self._state is not None, "recovered before the first event"
            if self._chain.tip.height >= self._state.height.number:
                await self._enter_height(by_sync=True)
            elif self._is_permission_new:
                # decided here and not when it was told: blocks may have come in between
                self._is_permission_new = False
                allowed = self._watch.may_sign(self._state.height.number)
                await self._feed(ev.SigningAllowed(allowed))
            elif self._internal:
                await self._feed(self._internal.popleft())
            elif waiting := self._messages.pop():
                await self._feed_message(*waiting)
                await asyncio.sleep(0)
            else:
                return

    async def _feed_message(self, peer: bytes, data: bytes) -> None:
        try:
            message = decode_message(data)
        except ChainError as error:
            self.counts[f"undecodable: {error.code}"] += 1
            return
        await self._feed(ev.Received(peer, message))

    async def _feed(self, event: ev.ConsensusEvent) -> None:
        """Take one event through the core, with the signatures it asks for."""
        assert self._state is not None, "recovered before the first event"
        self._state, effects = step(self._state, event, self._clock_ms())
        await self._carry_out(effects)

    async def _carry_out(self, effects: Sequence[ev.Effect]) -> None:
        """Carry out effects in order; a signature is fed back before any other event."""
        answer: ev.ConsensusEvent | None = None
        commit: ev.Commit | None = None
        for effect in effects:
            if isinstance(effect, ev.Sign):
                answer = self._sign(effect.message)
            elif isinstance(effect, ev.Commit):
                commit = effect
            else:
                self._do(effect)
        if answer is not None:
            await self._feed(answer)
        if commit is not None:
            await self._commit(commit)

    def _do(self, effect: ev.Effect) -> None:
        """Carry out one effect that needs no answer at once."""
        match effect:
            case ev.Journal():
                assert self._state is not None, "recovered before the first effect"
                self._durable.write(self._state.height.number, effect)
            case ev.Broadcast():
                self._network.broadcast(encode_message(effect.message))
            case ev.Send():
                assert isinstance(effect.peer, bytes), "peers are named by their keys"
                self._network.send(effect.peer, encode_message(effect.message))
            case ev.Ask():
                self._ask(encode_message(effect.message))
            case ev.SetTimer():
                self._set_timer(effect)
            case ev.Build():
                self._spawn(self._build(effect))
            case ev.Validate():
                self._spawn(self._validate(effect))
            case ev.Behind() | ev.Accuse() | ev.Ignored() | ev.Halt():
                self._report(effect)
            case ev.Sign() | ev.Commit():
                msg = "answered by _carry_out"
                raise AssertionError(msg)
            case _:
                assert_never(effect)

    def _report(self, effect: ev.Behind | ev.Accuse | ev.Ignored | ev.Halt) -> None:
        match effect:
            case ev.Behind():
                assert isinstance(effect.peer, bytes), "peers are named by their keys"
                self._listener.on_behind(effect.peer, effect.height)
            case ev.Accuse():
                log.warning("double_signing", key=effect.evidence.key.hex())
                self._listener.on_evidence(effect.evidence)
            case ev.Ignored():
                self.counts[effect.reason] += 1
            case ev.Halt():
                raise ConsensusHalted(reason=effect.reason, block_id=effect.block_id)

    def _sign(self, message: Signable) -> ev.Signed | ev.Refused:
        answer = self._durable.sign(message)
        if isinstance(answer, ev.Signed):
            self._watch.note_signed(message.height)
        return answer

    def _ask(self, message: bytes) -> None:
        peers = self._network.connected_peers()
        for place in range(min(PULL_PEERS, len(peers))):
            self._network.send(peers[(self._asked + place) % len(peers)], message)
        self._asked += PULL_PEERS

    def _set_timer(self, effect: ev.SetTimer) -> None:
        event = ev.TimedOut(effect.timer, effect.height, effect.round)
        wait_s = max(effect.at_ms - self._clock_ms(), 0) / 1000
        loop = asyncio.get_running_loop()
        now_s = loop.time()
        # the deadline is kept here: uvloop gives a handle without one when there is no wait
        self._timers = [(end_s, timer) for end_s, timer in self._timers if end_s > now_s]
        self._timers.append((now_s + wait_s, loop.call_later(wait_s, self._post, event)))

    def _post(self, event: ev.ConsensusEvent) -> None:
        self._internal.append(event)
        self._wake.set()

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finish_task)

    def _finish_task(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failure = error
            self._wake.set()

    async def _build(self, effect: ev.Build) -> None:
        block = await self._blocks.build(effect.height, effect.round, effect.time_ms)
        self._post(ev.Built(effect.height, effect.round, _id_of(block), block))

    async def _validate(self, effect: ev.Validate) -> None:
        bodies = self._durable.restored_bodies(effect.block_id)
        verdict = await self._blocks.validate(effect.block, bodies)
        self._post(ev.Validated(effect.block_id, verdict))

    async def _commit(self, effect: ev.Commit) -> None:
        """Make the decided block durable, then begin the next height."""
        await self._end_tasks()
        certificate = effect.certificate
        await self._blocks.commit(effect.block_id, certificate)
        if effect.announce:
            self._network.broadcast(encode_message(Tip(certificate.height, certificate)))
        await self._enter_height(by_sync=False)

    async def _enter_height(self, *, by_sync: bool) -> None:
        """Begin the height above the tip."""
        assert self._state is not None, "recovered before the first commit"
        await self._end_height()
        passed = self._chain.tip.height - self._state.height.number + 1
        height = read_height(self._chain, self._state.height)
        if by_sync:
            self._watch.note_synced(passed, height.number)
        self._state, effects = begin(
            self._setup,
            height,
            self._clock_ms(),
            may_sign=self._watch.may_sign(height.number),
            transactions_wait=self._blocks.transactions_wait,
            early=() if by_sync else self._state.early,
        )
        self._listener.on_height(height.number)
        await self._carry_out(effects)

    async def _recover(self) -> None:
        """Enter the height above the tip with what the journal holds of it."""
        height = read_height(self._chain)
        if height.number > 1:
            self._watch.note_start(height.number)
        records = self._durable.load(height.number)
        self._state, effects = recover(
            self._setup,
            height,
            records,
            self._clock_ms(),
            may_sign=self._watch.may_sign(height.number),
            transactions_wait=self._blocks.transactions_wait,
            last_signed=self._durable.last_step,
        )
        log.info("consensus_recovered", height=height.number, records=len(records))
        await self._carry_out(effects)
        self._wake.set()

    async def _end_tasks(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _end_height(self) -> None:
        """Stop timers and work of the height; events still queued for it are stale."""
        await self._end_tasks()
        for _, timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self._durable.end_height()


def _id_of(block: ProposedBlock) -> bytes:
    return block_id(block.header)
