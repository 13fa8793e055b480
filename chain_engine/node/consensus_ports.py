"""What the consensus driver needs from the rest of a node, as small protocols."""

from collections.abc import Callable, Sequence
from typing import Protocol

from chain_engine.blocks.certificate import Certificate
from chain_engine.consensus.events import Verdict
from chain_engine.consensus.evidence import Evidence
from chain_engine.consensus.messages import ProposedBlock


class BlockMaker(Protocol):
    """Makes, executes and commits blocks.

    Coroutines may be cancelled: `build` and `validate` when their height ends.
    """

    @property
    def transactions_wait(self) -> bool:
        """Whether a transaction waits for the next block."""
        ...

    async def build(self, height: int, round_: int, time_ms: int) -> ProposedBlock:
        """Forge and execute the block of `height` on the tip; `time_ms` is its header time."""
        ...

    async def validate(self, block: ProposedBlock, bodies: Sequence[bytes]) -> Verdict:
        """Check and execute a proposal on the tip.

        `bodies` are its encoded transactions where this node still has them from before a crash;
        empty otherwise: then they come from the pool or from peers. UNAVAILABLE if nobody had
        them in time.
        """
        ...

    def bodies_of(self, block_id: bytes) -> Sequence[bytes]:
        """Encoded transactions of a block that was built or found valid at this height."""
        ...

    async def commit(self, block_id: bytes, certificate: Certificate) -> None:
        """Make a built or valid block durable with its certificate.

        Returns at once if the height was committed meanwhile by another task.
        """
        ...


class MessageNetwork(Protocol):
    """Sends consensus messages of one chain; never waits."""

    def broadcast(self, message: bytes) -> None:
        """Push to every peer."""
        ...

    def send(self, peer: bytes, message: bytes) -> None:
        """Push to one peer."""
        ...

    def connected_peers(self) -> Sequence[bytes]:
        """Keys of the peers that can be reached now, in a stable order."""
        ...


class Journal(Protocol):
    """Records of the height being decided; `chain_engine.storage.journal.ConsensusJournal`."""

    @property
    def height(self) -> int:
        """Height of the last `reset`."""
        ...

    def records(self) -> list[bytes]:
        """Every record since then."""
        ...

    def append(self, record: bytes) -> None:
        """Add a record; durable when this returns."""
        ...

    def reset(self, height: int) -> None:
        """Start anew."""
        ...


class SignedSteps(Protocol):
    """The sign-state; `chain_engine.storage.sign_state.SignState`."""

    @property
    def is_new(self) -> bool:
        """Whether nothing is known of earlier signatures."""
        ...

    @property
    def last_step(self) -> tuple[int, int, int] | None:
        """(height, round, step) of the last signature."""
        ...

    def sign(
        self,
        height: int,
        round_: int,
        step: int,
        message: bytes,
        signer: Callable[[bytes], bytes],
    ) -> bytes:
        """Sign a step at most once with one meaning; durable when this returns."""
        ...


class ConsensusListener(Protocol):
    """Told about what is not consensus' own business. Must not block."""

    def on_behind(self, peer: bytes, height: int) -> None:
        """Tell that `peer` claims to have committed `height`: fetch certified blocks."""
        ...

    def on_evidence(self, evidence: Evidence) -> None:
        """Tell that a delegate signed two different things."""
        ...

    def on_height(self, height: int) -> None:
        """Tell that `height` is the next one to decide, after a commit or catching up."""
        ...


ClockMs = Callable[[], int]
"""This machine's clock, milliseconds since 1970 UTC."""
