"""State of the consensus core at one height. Frozen: every change makes a new value."""

from collections.abc import Mapping
from enum import IntEnum

import msgspec

from chain_engine.consensus.events import Peer
from chain_engine.consensus.height import Height, Setup
from chain_engine.consensus.messages import (
    Message,
    Proposal,
    ProposedBlock,
    Signable,
    Vote,
)

ROUNDS_AHEAD_MAX = 16
"""Rounds above our own whose messages are kept; from further rounds only who is there."""

ROUNDS_BEHIND_MAX = 64
"""Rounds below our own whose messages are kept."""

EARLY_MESSAGES_MAX = 512
"""Messages of the next height kept until this one is committed."""

EARLY_PROPOSALS_MAX = 4
"""Proposals among them."""

PROPOSALS_MAX = 2
"""Different proposals of one forger kept per round, unless a quorum voted for another."""

VOTES_MAX = 2
"""Different votes of one delegate kept per round and phase, unless for a block we know."""

NOT_STARTED = -1
"""Round before round 0 has started."""


class Step(IntEnum):
    """How far we are in our round."""

    WAITING = 0
    """Round 0 has not started."""

    PROPOSAL = 1
    """Waiting for a proposal to vote on."""

    FIRST_VOTE = 2
    """First vote cast."""

    SECOND_VOTE = 3
    """Second vote cast."""

    DECIDED = 4
    """A block is being committed."""


class Check(IntEnum):
    """What we know about a block."""

    UNCHECKED = 0
    """Not executed yet."""

    CHECKING = 1
    """The shell executes it."""

    UNAVAILABLE = 2
    """Bodies are missing; tried again at the next pull."""

    VALID = 3
    """Executed, every root agrees."""

    INVALID = 4
    """Executed, breaks a rule."""


class KnownBlock(msgspec.Struct, frozen=True):
    """A proposed block of this height."""

    block: ProposedBlock
    """The block."""

    check: Check
    """What we know about it."""


class Quorum(msgspec.Struct, frozen=True):
    """A block with the round of its first-vote quorum: our lock, or the valid value."""

    round: int
    """The round."""

    block_id: bytes
    """The block."""


class Tally(msgspec.Struct, frozen=True):
    """Votes of one phase in one round."""

    votes: Mapping[int, tuple[Vote, ...]] = {}
    """By signer; more than one only from a delegate that voted twice."""

    weights: Mapping[bytes, int] = {}
    """Weight by choice: every signer once per choice."""

    weight: int = 0
    """Weight of everybody who voted, each once."""


class RoundState(msgspec.Struct, frozen=True):
    """Messages of one round."""

    proposals: tuple[tuple[bytes, Proposal], ...] = ()
    """(block id, proposal); the first one counts, further ones come from a cheating forger."""

    is_timely: bool = False
    """Whether the first proposal came within the clock bound."""

    first: Tally = Tally()
    """First votes."""

    second: Tally = Tally()
    """Second votes."""

    first_timer_set: bool = False
    """Whether the wait for stragglers' first votes has begun."""

    second_timer_set: bool = False
    """Whether the wait for stragglers' second votes has begun."""


EMPTY_ROUND = RoundState()


class State(msgspec.Struct, frozen=True):
    """The whole state."""

    setup: Setup
    """The node's constants."""

    height: Height
    """The height to decide."""

    own: int | None
    """Our index in the delegate set; none when we are no member."""

    may_sign: bool
    """False while catching up or while the sign-state is not trusted."""

    round: int = NOT_STARTED
    """Our round."""

    step: Step = Step.WAITING
    """Our step in it."""

    transactions_wait: bool = False
    """Whether a block is needed before the idle interval is over."""

    lock: Quorum | None = None
    """We second-voted for this block; only a later first-vote quorum releases it."""

    valid: Quorum | None = None
    """Newest block known to have a first-vote quorum: what we propose next."""

    decision: Quorum | None = None
    """Block with a second-vote quorum and its round."""

    tip_seen: tuple[Peer, int] | None = None
    """Peer that claims to have committed this height or more, and the height it claims."""

    blocks: Mapping[bytes, KnownBlock] = {}
    """Proposed blocks by id."""

    journaled: frozenset[bytes] = frozenset()
    """Blocks in the journal."""

    rounds: Mapping[int, RoundState] = {}
    """Messages by round."""

    ahead: Mapping[int, int] = {}
    """Signer -> highest round above ours in which it was seen."""

    is_barred: bool = False
    """True when the journal lost what we were locked on: we only watch this height."""

    unsent: Signable | None = None
    """What a crash may have kept from leaving: signed again before anything else."""

    pending: Signable | None = None
    """What the shell is signing just now."""

    last_signature: bytes = b""
    """Signature of our last message of this height, for the journal."""

    accused: frozenset[tuple[int, int, int]] = frozenset()
    """(signer, round, step) already accused."""

    early: tuple[tuple[Peer, Message], ...] = ()
    """Messages of the next height."""

    @property
    def signs(self) -> bool:
        """Whether we take part in this height."""
        return self.may_sign and not self.is_barred and self.own is not None

    def at(self, round_: int) -> RoundState:
        """Messages of a round."""
        return self.rounds.get(round_, EMPTY_ROUND)


change = msgspec.structs.replace
"""Return a copy with some fields replaced."""
