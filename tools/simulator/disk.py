"""A simulated node's disk: what survives a crash, and what does not without fsync."""

from dataclasses import dataclass, field
from random import Random

from chain_engine.blocks.certificate import Certificate
from chain_engine.consensus.messages import ProposedBlock
from chain_engine.consensus.records import Record, decode_entry

SignedEntry = tuple[int, int, int, bytes, bytes]
"""(height, round, step, digest, signature)"""


@dataclass(slots=True)
class Disk:
    """Journal, sign-state and chain of one node."""

    fsync: bool = True
    """False is the mutant: writes stay in memory until something else forces them out."""

    chain: list[tuple[ProposedBlock, Certificate]] = field(default_factory=list)
    """Committed blocks from height 1; a database transaction, never lost."""

    journal_height: int = 0
    """Height the journal belongs to."""

    journal: list[bytes] = field(default_factory=list)
    """Entries."""

    signed: list[SignedEntry] = field(default_factory=list)
    """Versions of the sign-state, the last one in force."""

    _journal_synced: int = 0
    _signed_synced: int = 0

    def append(self, height: int, entry: bytes) -> None:
        """Write a journal entry; a new height begins a new journal."""
        if self.journal_height != height:
            self.journal_height, self.journal, self._journal_synced = height, [], 0
        self.journal.append(entry)
        if self.fsync:
            self._journal_synced = len(self.journal)

    def replace_sign_state(self, entry: SignedEntry) -> None:
        """Write the sign-state."""
        self.signed.append(entry)
        if self.fsync:
            self._signed_synced = len(self.signed)

    @property
    def last_signed(self) -> SignedEntry | None:
        """The sign-state in force."""
        return self.signed[-1] if self.signed else None

    def crash(self, random: Random) -> None:
        """Lose what was not forced out; a torn record is dropped when the journal is opened."""
        del self.journal[random.randint(self._journal_synced, len(self.journal)) :]
        del self.signed[random.randint(self._signed_synced, len(self.signed)) :]
        self._journal_synced, self._signed_synced = len(self.journal), len(self.signed)

    def records(self, height: int) -> list[Record]:
        """Records of a height."""
        if self.journal_height != height:
            return []
        return [record for entry in self.journal for record in decode_entry(entry)]
