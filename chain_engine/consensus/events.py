"""What happens to the consensus core, and what it asks the shell to do.

Effects are carried out strictly in order; each `Sign` is answered by `Signed` or `Refused` before
the next effect of any other event.
"""

from collections.abc import Hashable
from enum import Enum, IntEnum

import msgspec

from chain_engine.blocks.certificate import Certificate
from chain_engine.consensus.evidence import Evidence
from chain_engine.consensus.messages import Message, ProposedBlock, Signable
from chain_engine.consensus.records import QuorumRecord, SigningRecord

Peer = Hashable
"""How the shell names a peer; the core only hands it back."""


class Timer(IntEnum):
    """What a timer is for."""

    START = 0
    """Round 0 may start."""

    PROPOSAL = 1
    """The proposal is overdue."""

    FIRST_VOTES = 2
    """Stragglers' first votes are overdue."""

    SECOND_VOTES = 3
    """Stragglers' second votes are overdue: the round has failed."""

    PULL = 4
    """Ask peers for what is missing."""


class Verdict(Enum):
    """Outcome of executing a proposed block."""

    VALID = "valid"
    """Every root agrees."""

    INVALID = "invalid"
    """It breaks a rule: no first vote."""

    UNAVAILABLE = "unavailable"
    """Bodies could not be had; it is tried again."""


class Received(msgspec.Struct, frozen=True):
    """A peer's message, decoded, its signature not yet checked."""

    peer: Peer
    """Who handed it over, not necessarily who signed it."""

    message: Message
    """The message."""


class Signed(msgspec.Struct, frozen=True):
    """Our own message, signed and recorded."""

    message: Signable
    """With its signature."""


class Refused(msgspec.Struct, frozen=True):
    """The sign-state does not allow the signature: we stay silent in this step."""

    message: Signable
    """Without signature."""


class Built(msgspec.Struct, frozen=True):
    """The block asked for by `Build`, executed."""

    height: int
    """Height it was asked for."""

    round: int
    """Round it was asked for."""

    block_id: bytes
    """Id of the block."""

    block: ProposedBlock
    """The block."""


class Validated(msgspec.Struct, frozen=True):
    """Outcome of `Validate`."""

    block_id: bytes
    """The block."""

    verdict: Verdict
    """The outcome."""


class TimedOut(msgspec.Struct, frozen=True):
    """A timer has run out; one that no longer matters is ignored."""

    timer: Timer
    """Which."""

    height: int
    """Height it was set for."""

    round: int
    """Round it was set for."""


class TransactionsWaiting(msgspec.Struct, frozen=True):
    """At least one transaction waits for a block."""


class SigningAllowed(msgspec.Struct, frozen=True):
    """Whether this node may sign: not while it catches up."""

    allowed: bool
    """True once it has caught up."""


ConsensusEvent = (
    Received | Signed | Refused | Built | Validated | TimedOut | TransactionsWaiting
    | SigningAllowed
)  # fmt: skip


class SetTimer(msgspec.Struct, frozen=True):
    """Call back with `TimedOut` at a time; timers are never cancelled."""

    timer: Timer
    """Which."""

    height: int
    """Height."""

    round: int
    """Round."""

    at_ms: int
    """Clock time, milliseconds since 1970 UTC."""


class Build(msgspec.Struct, frozen=True):
    """Make a block and execute it; answer with `Built`."""

    height: int
    """Height."""

    round: int
    """Round."""

    time_ms: int
    """Header time."""


class Validate(msgspec.Struct, frozen=True):
    """Fetch bodies, execute, compare all roots; answer with `Validated`."""

    block_id: bytes
    """Id of the block."""

    block: ProposedBlock
    """The block."""


class Journal(msgspec.Struct, frozen=True):
    """Append one durable entry before anything after this effect happens."""

    block_ids: tuple[bytes, ...]
    """Ids of the blocks below."""

    blocks: tuple[ProposedBlock, ...]
    """Blocks to write with their bodies, in front of the records."""

    records: tuple[QuorumRecord | SigningRecord, ...]
    """The records."""


class Sign(msgspec.Struct, frozen=True):
    """Sign through the sign-state; answer with `Signed` or `Refused` at once."""

    message: Signable
    """The message; its signature field is blank."""


class Broadcast(msgspec.Struct, frozen=True):
    """Push to every delegate."""

    message: Message
    """The message."""


class Ask(msgspec.Struct, frozen=True):
    """Send to a few peers, others next time."""

    message: Message
    """The pull."""


class Send(msgspec.Struct, frozen=True):
    """Send to one peer."""

    peer: Peer
    """Receiver."""

    message: Message
    """The message."""


class Commit(msgspec.Struct, frozen=True):
    """The height is decided: make block and certificate durable, then begin the next height."""

    block_id: bytes
    """The block; it was executed and found valid."""

    certificate: Certificate
    """A quorum of second votes."""

    announce: bool
    """Whether we forged in the deciding round and tell everybody once it is durable."""


class Behind(msgspec.Struct, frozen=True):
    """A peer says that it is ahead: certified blocks can be fetched there."""

    peer: Peer
    """The peer."""

    height: int
    """The height it claims to have committed, not yet believed."""


class Accuse(msgspec.Struct, frozen=True):
    """A delegate signed two things for one step."""

    evidence: Evidence
    """Both."""


class Ignored(msgspec.Struct, frozen=True):
    """An event without effect; counted."""

    reason: str
    """A few words, out of a fixed list."""


class Halt(msgspec.Struct, frozen=True):
    """More than a third of the weight broke the rules: stop loudly, sign nothing more."""

    reason: str
    """What was seen."""

    block_id: bytes
    """The block concerned."""


Effect = (
    SetTimer | Build | Validate | Journal | Sign | Broadcast | Ask | Send | Commit | Behind
    | Accuse | Ignored | Halt
)  # fmt: skip
