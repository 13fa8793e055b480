"""An honest simulated delegate: the real core, with a shell that can be killed at every write."""

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from chain_engine.blocks.block import Header, block_id
from chain_engine.blocks.certificate import Certificate
from chain_engine.blocks.delegates import DelegateSet
from chain_engine.blocks.parameters import ChainParameters
from chain_engine.consensus import events as ev
from chain_engine.consensus.abft import begin, step
from chain_engine.consensus.height import Setup, read_height
from chain_engine.consensus.messages import (
    Message,
    ProposedBlock,
    Pull,
    Signable,
    Tip,
    signed_hash,
    step_of,
)
from chain_engine.consensus.records import BlockRecord, encode_entry
from chain_engine.consensus.recovery import recover
from chain_engine.consensus.state import State
from tools.simulator.checks import Checks, Violation
from tools.simulator.disk import Disk
from tools.simulator.scheme import (
    BAD_STATE_ROOT,
    CHAIN_ID,
    GENESIS,
    PARAMETERS,
    fake_key,
    fake_sign,
    is_fake_signature_valid,
    make_block,
)
from tools.simulator.world import World

SYNC_BLOCKS_MAX = 5
"""Certified blocks fetched at once."""


class Crashed(Exception):
    """The node was killed in the middle of a write."""


class Cluster(Protocol):
    """The other nodes, as one node sees them."""

    def blocks_of(
        self, asker: int, node: int, above: int
    ) -> list[tuple[ProposedBlock, Certificate]]:
        """Certified blocks that a reachable node can serve."""
        ...


class Node:
    """One delegate."""

    def __init__(
        self, index: int, delegates: DelegateSet, world: World, checks: Checks, cluster: Cluster
    ) -> None:
        """Start at genesis."""
        self.index = index
        self.disk = Disk()
        self.delegates = delegates
        self.parameters: ChainParameters = PARAMETERS
        self.is_up = False
        self.state: State | None = None
        self._world = world
        self._checks = checks
        self._cluster = cluster
        self._key = fake_key(index)
        self._setup = Setup(CHAIN_ID, self._key, is_fake_signature_valid)
        skew = world.plan.skew_ms
        self._skew_ms = world.random.randint(-skew // 2, skew // 2) if skew else 0
        self._life = 0
        self._asked = 0
        self._is_syncing = False

    @property
    def height(self) -> int:
        """Committed height."""
        return len(self.disk.chain)

    @property
    def tip(self) -> Header:
        """Newest committed header."""
        return self.disk.chain[-1][0].header if self.disk.chain else GENESIS

    @property
    def tip_certificate(self) -> Certificate | None:
        """Its certificate."""
        return self.disk.chain[-1][1] if self.disk.chain else None

    def find_header(self, height: int) -> Header | None:
        """Header of a committed height."""
        if height == 0:
            return GENESIS
        return self.disk.chain[height - 1][0].header if height <= self.height else None

    @property
    def clock_ms(self) -> int:
        """This node's clock."""
        return int(self._world.now_ms) + (0 if self._world.is_healed else self._skew_ms)

    def start(self) -> None:
        """Come up with what the disk holds."""
        self._life += 1
        self.is_up, self._is_syncing = True, False
        height = read_height(self)
        last = self.disk.last_signed
        self.state, effects = recover(
            self._setup,
            height,
            self.disk.records(height.number),
            self.clock_ms,
            may_sign=True,
            transactions_wait=self._do_transactions_wait(),
            last_signed=None if last is None else last[:3],
        )
        self._guard(effects)

    def kill(self) -> None:
        """Die: memory is gone, and what the disk had not been forced to keep."""
        if not self.is_up:
            return
        self.is_up, self.state = False, None
        self._world.crashes += 1
        self._life += 1
        self.disk.crash(self._world.random)
        wait_ms = self._world.random.choice((50, 400, 2000))
        until_heal_ms = max(self._world.heal_at_ms - self._world.now_ms, 0)
        self._world.after(min(wait_ms, until_heal_ms + 1), self.start)

    def take(self, event: ev.ConsensusEvent) -> None:
        """Take an event, unless the node is down or done."""
        if not self.is_up or (self._is_done and not _is_pull(event)):
            return
        assert self.state is not None, "up means started"
        self.state, effects = step(self.state, event, self.clock_ms)
        self._guard(effects)

    @property
    def _is_done(self) -> bool:
        """Whether the run asks no more of this node than to answer pulls."""
        return self.height > self._world.plan.heights

    def _guard(self, effects: Sequence[ev.Effect]) -> None:
        try:
            self._carry_out(effects)
        except Crashed:
            self.kill()

    def _carry_out(self, effects: Sequence[ev.Effect]) -> None:
        answer: ev.ConsensusEvent | None = None
        for effect in effects:
            if isinstance(effect, ev.Sign):
                answer = self._sign(effect.message)
            else:
                self._do(effect)
        if answer is not None:
            assert self.state is not None, "a crash does not come back here"
            self.state, more = step(self.state, answer, self.clock_ms)
            self._carry_out(more)

    def _do(self, effect: ev.Effect) -> None:
        match effect:
            case ev.Journal():
                self._append(effect)
            case ev.Broadcast():
                self._send_all(effect.message)
            case ev.Ask():
                self._ask(effect.message)
            case ev.Send():
                assert isinstance(effect.peer, int), "peers are indexes here"
                self._world.send(self.index, effect.peer, effect.message)
            case ev.SetTimer():
                self._set_timer(effect)
            case ev.Build():
                self._later(self._world.random.uniform(0, 10), lambda: self._build(effect))
            case ev.Validate():
                self._later(self._world.random.uniform(1, 30), lambda: self._validate(effect))
            case _:
                self._do_other(effect)

    def _do_other(self, effect: ev.Effect) -> None:
        match effect:
            case ev.Commit():
                self._commit(effect)
            case ev.Behind():
                self._sync(effect)
            case ev.Accuse():
                self._world.accusations += 1
                self._checks.see_evidence(effect.evidence)
            case ev.Halt():
                raise Violation(f"node {self.index} halts: {effect.reason}")
            case _:
                assert isinstance(effect, ev.Ignored), "every effect is carried out"

    def _write(self, act: str) -> None:
        """Crash before a durable write (torn: dropped at the next start), or go on."""
        if not self._world.is_healed and self._world.random.random() < self._plan_crash:
            raise Crashed(act)

    @property
    def _plan_crash(self) -> float:
        return self._world.plan.crash_at_write / 2

    def _append(self, effect: ev.Journal) -> None:
        assert self.state is not None, "up"
        self._write("before the journal")
        blocks = tuple(BlockRecord(block, ()) for block in effect.blocks)
        self.disk.append(self.state.height.number, encode_entry((*blocks, *effect.records)))
        self._write("after the journal")

    def _sign(self, message: Signable) -> ev.Signed | ev.Refused:
        """Sign through the sign-state, as `chain_engine.storage.sign_state` does."""
        digest = signed_hash(message, CHAIN_ID)
        where = (message.height, message.round, int(step_of(message)))
        last = self.disk.last_signed
        if last is not None and where <= last[:3]:
            if where < last[:3] or last[3] != digest:
                return ev.Refused(message)
            return ev.Signed(msgspec.structs.replace(message, signature=last[4]))
        self._write("before the sign-state")
        signature = fake_sign(self._key, digest)
        self.disk.replace_sign_state((*where, digest, signature))
        self._write("after the sign-state")
        signed = msgspec.structs.replace(message, signature=signature)
        self._checks.see_signature(self.index, signed)
        return ev.Signed(signed)

    def _send_all(self, message: Message) -> None:
        for other in range(self._world.plan.nodes):
            if other != self.index:
                self._world.send(self.index, other, message)

    def _ask(self, message: Message) -> None:
        others = [n for n in range(self._world.plan.nodes) if n != self.index]
        for place in range(min(3, len(others))):
            self._world.send(self.index, others[(self._asked + place) % len(others)], message)
        self._asked += 3

    def _later(self, wait_ms: float, act: Callable[[], None]) -> None:
        """Do something later in this life of the node."""
        life = self._life
        self._world.after(wait_ms, lambda: act() if self._life == life else None)

    def _set_timer(self, effect: ev.SetTimer) -> None:
        event = ev.TimedOut(effect.timer, effect.height, effect.round)
        self._later(max(effect.at_ms - self.clock_ms, 0), lambda: self.take(event))

    def _build(self, effect: ev.Build) -> None:
        assert self.state is not None, "same life"
        height = self.state.height
        if height.number != effect.height:
            return
        salt = self._world.random.randbytes(32)
        block = make_block(height, effect.round, effect.time_ms, self._key, salt)
        self.take(ev.Built(effect.height, effect.round, block_id(block.header), block))

    def _validate(self, effect: ev.Validate) -> None:
        world = self._world
        if effect.block.header.state_root == BAD_STATE_ROOT:
            verdict = ev.Verdict.INVALID
        elif not world.is_healed and world.random.random() < world.plan.unavailable:
            verdict = ev.Verdict.UNAVAILABLE
        else:
            verdict = ev.Verdict.VALID
        self.take(ev.Validated(effect.block_id, verdict))

    def _do_transactions_wait(self) -> bool:
        return self._world.random.random() < 0.5  # noqa: PLR2004 - half the time

    def _commit(self, effect: ev.Commit) -> None:
        assert self.state is not None, "up"
        identity, certificate = effect.block_id, effect.certificate
        is_first = self._checks.see_commit(self.index, certificate)
        if is_first and self._world.random.random() < self._world.plan.isolation:
            self._world.isolate(self.index)
        self._write("before the commit")
        self.disk.chain.append((self.state.blocks[identity].block, certificate))
        self._write("after the commit")
        if effect.announce:
            self._send_all(Tip(self.height, certificate))
        self._enter_height(self.state.early)

    def _enter_height(self, early: tuple[tuple[ev.Peer, Message], ...]) -> None:
        assert self.state is not None, "up"
        height = read_height(self, self.state.height)
        self.state, effects = begin(
            self._setup,
            height,
            self.clock_ms,
            may_sign=True,
            transactions_wait=self._do_transactions_wait(),
            early=early,
        )
        self._later(self._world.random.uniform(0, 1500), self._notice_transactions)
        self._carry_out(effects)

    def _notice_transactions(self) -> None:
        if self.height <= self._world.plan.heights:
            self.take(ev.TransactionsWaiting())

    def _sync(self, effect: ev.Behind) -> None:
        """Fetch certified blocks from the peer that is ahead."""
        if self._is_syncing:
            return
        self._is_syncing = True
        peer = effect.peer
        assert isinstance(peer, int), "peers are indexes here"
        self._later(self._world.plan.delay_ms, lambda: self._fetch(peer))

    def _fetch(self, peer: int) -> None:
        self._is_syncing = False
        if not self.is_up:
            return
        before = self.height
        for block, certificate in self._cluster.blocks_of(self.index, peer, before):
            if block.header.height != self.height + 1:
                continue
            if block_id(block.header) != certificate.block_id:
                raise Violation("a certificate of another block was served")
            self._checks.see_commit(self.index, certificate)
            self.disk.chain.append((block, certificate))
        if self.height > before:
            try:
                self._enter_height(())
            except Crashed:
                self.kill()


def _is_pull(event: ev.ConsensusEvent) -> bool:
    return isinstance(event, ev.Received) and isinstance(event.message, Pull)
