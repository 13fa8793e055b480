"""A delegate that breaks every rule it can, below one third of the weight.

It sees the whole network, votes for several things at once, shows different blocks to different
nodes, re-proposes with invented valid rounds and proposes blocks that do not execute.
"""

from typing import Protocol

import msgspec

from chain_engine.consensus.height import Height, forger_of
from chain_engine.consensus.messages import (
    NIL,
    FirstVote,
    Proposal,
    ProposedBlock,
    SecondVote,
    Signable,
    signed_hash,
)
from chain_engine.consensus.state import State
from chain_engine.consensus.turn import UNSIGNED
from tools.simulator.checks import Checks
from tools.simulator.scheme import CHAIN_ID, fake_key, fake_sign, make_block
from tools.simulator.world import World

TICK_MS = 60
"""How often it acts."""


class Watched(Protocol):
    """An honest node as the traitor sees it."""

    index: int
    state: State | None


class Traitor:
    """One Byzantine delegate."""

    def __init__(self, index: int, world: World, checks: Checks, honest: list[Watched]) -> None:
        """Begin; `honest` are all other nodes."""
        self.index = index
        self._world = world
        self._checks = checks
        self._honest = honest
        self._key = fake_key(index)
        self._blocks: dict[tuple[bytes, int], list[ProposedBlock]] = {}
        world.after(TICK_MS, self.act)

    def act(self) -> None:
        """Say something to some nodes."""
        for node in self._honest:
            if node.state is not None and self._world.random.random() < 0.7:  # noqa: PLR2004
                self._lie_to(node.index, node.state)
        self._world.after(self._world.random.uniform(TICK_MS / 2, TICK_MS * 2), self.act)

    def _lie_to(self, node: int, state: State) -> None:
        random, height = self._world.random, state.height
        round_ = max(state.round + random.choice((0, 0, 0, 0, 1, -1)), 0)
        if forger_of(height, round_) == self.index:
            self._propose(node, state, round_)
        choices = [NIL, *self._known(height)]
        held = state.at(round_).proposals
        if held and random.random() < 0.3:  # noqa: PLR2004 - help one block along, for this node
            choices = [held[0][0]]
        for kind in random.sample((FirstVote, SecondVote), k=random.randint(0, 2)):
            choice = random.choice(choices)
            if kind is FirstVote:
                valid_round = random.choice((None, None, max(round_ - 1, 0)))
                vote: Signable = FirstVote(
                    height.number, round_, choice, valid_round, self.index, UNSIGNED
                )
            else:
                vote = SecondVote(height.number, round_, choice, self.index, UNSIGNED)
            self._send(node, vote)

    def _known(self, height: Height) -> list[bytes]:
        """Blocks of a height that any honest node knows."""
        known: dict[bytes, None] = {}
        for node in self._honest:
            if node.state is not None and node.state.height.number == height.number:
                known.update(dict.fromkeys(node.state.blocks))
        return list(known)

    def _propose(self, node: int, state: State, round_: int) -> None:
        random, height = self._world.random, state.height
        blocks = self._blocks.setdefault((height.parent_id, round_), [])
        if len(blocks) < 3:  # noqa: PLR2004 - a few different ones
            blocks.append(
                make_block(
                    height,
                    round_,
                    max(int(self._world.now_ms), height.parent.time_ms + 200),
                    self._key,
                    random.randbytes(32),
                    is_good=random.random() < 0.8,  # noqa: PLR2004
                )
            )
        block, valid_round = random.choice(blocks), None
        if round_ and state.blocks and random.random() < 0.5:  # noqa: PLR2004
            block = random.choice(list(state.blocks.values())).block
            valid_round = random.randint(0, round_ - 1)
        self._send(node, Proposal(height.number, round_, valid_round, block, UNSIGNED))

    def _send(self, node: int, message: Signable) -> None:
        signature = fake_sign(self._key, signed_hash(message, CHAIN_ID))
        signed = msgspec.structs.replace(message, signature=signature)
        self._checks.see_signature(self.index, signed)
        self._world.send(self.index, node, signed)
