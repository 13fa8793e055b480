"""What a seed stands for: sizes, weights and faults of one run."""

from dataclasses import dataclass
from random import Random

FAULTS = ("none", "network", "crash", "clock", "byzantine", "all")
"""Classes of faults; `all` draws from every one."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One run, drawn from its seed."""

    seed: int
    """The seed."""

    nodes: int
    """Delegates, 1 to 128."""

    heights: int
    """Heights every honest node must commit."""

    weights: tuple[int, ...]
    """Weight of each delegate."""

    traitor: int | None
    """The delegate that breaks the rules, holding less than a third of the weight."""

    heal_ms: int
    """Time from the start until faults stop."""

    loss: float
    """Chance that a message is lost."""

    first_vote_loss: float
    """Further chance that a first vote is lost: locks without a decision."""

    second_vote_loss: float
    """Further chance that a second vote is lost."""

    is_hostile: bool
    """The network shows everybody one vote too few for a certificate, and keeps a node blind."""

    duplication: float
    """Chance that a message arrives twice."""

    delay_ms: float
    """Mean delay of a message (exponential: messages overtake each other)."""

    partition: float
    """Chance per 500 ms that the network splits for a while."""

    isolation: float
    """Chance that the first node to commit a height is cut off at that moment."""

    crash: float
    """Chance per second that a node is killed."""

    crash_at_write: float
    """Chance that a durable write kills the node before or after it."""

    skew_ms: int
    """Clocks lie up to this far apart."""

    unavailable: float
    """Chance that bodies of a block cannot be had at first."""


def draw_plan(seed: int, nodes: int, heights: int, faults: str) -> Plan:
    """Draw the run of a seed."""
    random = Random(seed)
    weights = _draw_weights(random, nodes)
    network = faults in ("network", "all")
    crash = faults in ("crash", "all")
    return Plan(
        seed=seed,
        nodes=nodes,
        heights=heights,
        weights=weights,
        traitor=_draw_traitor(random, weights) if faults in ("byzantine", "all") else None,
        heal_ms=0 if faults == "none" else random.choice((3000, 8000, 15_000)),
        loss=random.choice((0.0, 0.05, 0.2, 0.4, 0.6)) if network else 0.0,
        first_vote_loss=random.choice((0.0, 0.0, 0.4)) if network else 0.0,
        second_vote_loss=random.choice((0.0, 0.4, 0.8)) if network else 0.0,
        is_hostile=network and random.random() < 0.3,  # noqa: PLR2004
        duplication=random.choice((0.0, 0.1, 0.3)) if network else 0.0,
        delay_ms=random.choice((5.0, 30.0, 80.0)) if network else 5.0,
        partition=random.choice((0.0, 0.1, 0.4)) if network else 0.0,
        isolation=random.choice((0.0, 0.3, 0.8)) if network else 0.0,
        crash=random.choice((0.0, 0.1, 0.3)) if crash else 0.0,
        crash_at_write=random.choice((0.0, 0.01, 0.04)) if crash else 0.0,
        skew_ms=random.choice((0, 100, 700)) if faults in ("clock", "all") else 0,
        unavailable=random.choice((0.0, 0.3)) if network else 0.0,
    )


def _draw_weights(random: Random, nodes: int) -> tuple[int, ...]:
    if random.random() < 0.7:  # noqa: PLR2004 - mostly equal weights
        return (1,) * nodes
    return tuple(random.randint(5, 12) for _ in range(nodes))


def _draw_traitor(random: Random, weights: tuple[int, ...]) -> int | None:
    able = [index for index, weight in enumerate(weights) if 3 * weight < sum(weights)]
    return random.choice(able) if able and random.random() < 0.6 else None  # noqa: PLR2004
