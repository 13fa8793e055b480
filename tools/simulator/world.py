"""Virtual time, the network and its faults: everything random comes from the seed."""

import heapq
from collections.abc import Callable
from random import Random

from chain_engine.consensus.messages import NIL, FirstVote, Message, Proposal, SecondVote
from tools.simulator.plan import Plan
from tools.simulator.scheme import START_MS

HEALED_DELAY_MS = 5.0
"""Mean delay after healing."""

PARTITION_TICK_MS = 500
"""How often a partition may begin."""

Deliver = Callable[[int, int, Message], None]
"""(receiver, sender, message)"""


class World:
    """Event heap and network."""

    def __init__(self, plan: Plan) -> None:
        """Begin at the genesis block's time."""
        self.plan = plan
        self.random = Random(plan.seed ^ 0x5EED)
        self.now_ms = float(START_MS)
        self.heal_at_ms = START_MS + plan.heal_ms
        self.steps = 0
        self.crashes = 0
        self.accusations = 0
        self.deliver: Deliver | None = None
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0
        self._groups: dict[int, int] | None = None
        if plan.partition:
            self.at(self.now_ms + PARTITION_TICK_MS, self._consider_partition)

    @property
    def is_healed(self) -> bool:
        """Whether faults have stopped."""
        return self.now_ms >= self.heal_at_ms

    def at(self, time_ms: float, act: Callable[[], None]) -> None:
        """Do something at a time."""
        self._count += 1
        heapq.heappush(self._heap, (time_ms, self._count, act))

    def after(self, wait_ms: float, act: Callable[[], None]) -> None:
        """Do something later."""
        self.at(self.now_ms + wait_ms, act)

    def run_one(self) -> bool:
        """Take the next event; False when there is none."""
        if not self._heap:
            return False
        time_ms, _, act = heapq.heappop(self._heap)
        self.now_ms = max(self.now_ms, time_ms)
        self.steps += 1
        act()
        return True

    def send(self, sender: int, receiver: int, message: Message) -> None:
        """Hand a message to the network, which may lose, double, delay or reorder it."""
        plan, random = self.plan, self.random
        if not self.is_healed:
            if not self.is_connected(sender, receiver) or self._is_lost(message):
                return
            if plan.is_hostile and self._is_hidden(receiver, message):
                return
            if random.random() < plan.duplication:
                self._post(sender, receiver, message)
        self._post(sender, receiver, message)

    def _is_lost(self, message: Message) -> bool:
        plan, random = self.plan, self.random
        if random.random() < plan.loss:
            return True
        if isinstance(message, FirstVote):
            return random.random() < plan.first_vote_loss
        return isinstance(message, SecondVote) and random.random() < plan.second_vote_loss

    def _is_hidden(self, receiver: int, message: Message) -> bool:
        """Show a blind node no proposal and too few first votes, and all too few second votes.

        Everybody still sees a quorum of votes for whatever, so rounds fail and go on.
        """
        if not isinstance(message, Proposal | FirstVote | SecondVote):
            return False
        nodes = self.plan.nodes
        blind = message.height % nodes
        if isinstance(message, Proposal):
            return receiver == blind
        if message.block_id == NIL or (isinstance(message, FirstVote) and receiver != blind):
            return False
        others = [node % nodes for node in range(receiver + 1, receiver + nodes)]
        hidden = [node for node in others if node != blind][: (nodes - 1) // 3]
        return message.signer in hidden

    def _post(self, sender: int, receiver: int, message: Message) -> None:
        mean = HEALED_DELAY_MS if self.is_healed else self.plan.delay_ms
        assert self.deliver is not None, "the run sets it"
        deliver = self.deliver
        delay_ms = 1 + self.random.expovariate(1 / mean)
        self.after(delay_ms, lambda: deliver(receiver, sender, message))

    def is_connected(self, one: int, other: int) -> bool:
        """Whether no partition lies between two nodes."""
        groups = self._groups
        return self.is_healed or groups is None or groups[one] == groups[other]

    def _consider_partition(self) -> None:
        if self.is_healed:
            self._groups = None
            return
        if self._groups is None and self.random.random() < self.plan.partition:
            self._groups = {node: self.random.randint(0, 1) for node in range(self.plan.nodes)}
            self.after(self.random.choice((500, 1500, 4000)), self._end_partition)
        self.after(PARTITION_TICK_MS, self._consider_partition)

    def isolate(self, node: int) -> None:
        """Cut one node off for a while, unless the network is split already."""
        if self._groups is None and not self.is_healed:
            self._groups = {other: int(other == node) for other in range(self.plan.nodes)}
            self.after(self.random.choice((500, 2000, 5000)), self._end_partition)

    def _end_partition(self) -> None:
        self._groups = None
