"""One run: a cluster of nodes under a plan, until every honest node has grown or a rule broke."""

from dataclasses import dataclass

from chain_engine.blocks.certificate import Certificate
from chain_engine.consensus.events import Received
from chain_engine.consensus.messages import Message, ProposedBlock
from tools.simulator.checks import Checks, Violation
from tools.simulator.mutants import NO_FSYNC, mutate
from tools.simulator.node import SYNC_BLOCKS_MAX, Node
from tools.simulator.plan import Plan
from tools.simulator.scheme import START_MS, make_delegates
from tools.simulator.traitor import Traitor
from tools.simulator.world import World

GROWTH_MS = 60_000
"""Within this time after healing every honest node must have reached the target height."""

CRASH_TICK_MS = 200
"""How often a node may be killed for no reason."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a run."""

    seed: int
    """The seed."""

    steps: int
    """Events handled."""

    virtual_ms: int
    """Virtual time passed."""

    rounds_max: int
    """Highest round in which a block was committed."""

    crashes: int
    """Times a node was killed."""

    reproposed: int
    """Commits of a block in a later round than it was first proposed in."""

    accusations: int
    """Times an honest node proved the traitor's double signing."""

    violation: str | None
    """The broken promise; none when all held."""


class Run:
    """A cluster in its world."""

    def __init__(self, plan: Plan, mutant: str | None) -> None:
        """Build the cluster."""
        delegates = make_delegates(list(plan.weights))
        self._plan = plan
        self._world = World(plan)
        self._checks = Checks(delegates, plan.traitor)
        self.nodes = {
            index: Node(index, delegates, self._world, self._checks, self)
            for index in range(plan.nodes)
            if index != plan.traitor
        }
        self._world.deliver = self._deliver
        for node in self.nodes.values():
            node.disk.fsync = mutant != NO_FSYNC
        if plan.traitor is not None:
            Traitor(plan.traitor, self._world, self._checks, list(self.nodes.values()))

    def blocks_of(
        self, asker: int, node: int, above: int
    ) -> list[tuple[ProposedBlock, Certificate]]:
        """Serve certified blocks, as a node's HTTP side does."""
        server = self.nodes.get(node)
        if server is None or not server.is_up or not self._world.is_connected(asker, node):
            return []
        return server.disk.chain[above : above + SYNC_BLOCKS_MAX]

    def play(self) -> Outcome:
        """Run to the end."""
        violation = None
        try:
            self._play()
        except Violation as broken:
            violation = str(broken)
        commits = [commit for node in self.nodes.values() for commit in node.disk.chain]
        return Outcome(
            seed=self._plan.seed,
            steps=self._world.steps,
            virtual_ms=int(self._world.now_ms) - START_MS,
            rounds_max=max((c.round for _, c in commits), default=0),
            crashes=self._world.crashes,
            reproposed=sum(c.round > block.header.round for block, c in commits),
            accusations=self._world.accusations,
            violation=violation,
        )

    def _play(self) -> None:
        world = self._world
        for node in self.nodes.values():
            node.start()
        if self._plan.crash:
            world.after(CRASH_TICK_MS, self._consider_crash)
        while min(node.height for node in self.nodes.values()) < self._plan.heights:
            if world.now_ms > world.heal_at_ms + GROWTH_MS:
                heights = [node.height for node in self.nodes.values()]
                raise Violation(f"no growth after healing: heights {heights}")
            if not world.run_one():
                raise Violation("nothing happens any more")

    def _deliver(self, receiver: int, sender: int, message: Message) -> None:
        node = self.nodes.get(receiver)
        if node is not None:
            node.take(Received(sender, message))

    def _consider_crash(self) -> None:
        world = self._world
        if world.is_healed:
            return
        for node in self.nodes.values():
            if world.random.random() < self._plan.crash * CRASH_TICK_MS / 1000:
                node.kill()
        world.after(CRASH_TICK_MS, self._consider_crash)


def play(plan: Plan, mutant: str | None = None) -> Outcome:
    """Run one plan, with a mutant or without."""
    with mutate(mutant):
        return Run(plan, mutant).play()
