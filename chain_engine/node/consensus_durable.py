"""The durable half of the consensus driver: journal and sign-state, in that order.

`write` before `sign`, `sign` before anything is sent: a restart reads the same and signs the same.
"""

from collections.abc import Callable, Sequence

import msgspec
import structlog

from chain_engine.blocks.block import block_id
from chain_engine.consensus.events import Journal as JournalEffect
from chain_engine.consensus.events import Refused, Signed
from chain_engine.consensus.messages import Signable, signed_hash, step_of
from chain_engine.consensus.records import BlockRecord, Record, decode_entry, encode_entry
from chain_engine.crypto.keys import SecretKey
from chain_engine.node.consensus_ports import Journal, SignedSteps
from chain_engine.storage.errors import ConflictingSignature, SignStateRegression

log = structlog.get_logger(__name__)


class DurableSteps:
    """Journal and sign-state of one chain on this node."""

    def __init__(
        self,
        chain_id: bytes,
        key: SecretKey | None,
        journal: Journal,
        sign_state: SignedSteps,
        bodies_of: Callable[[bytes], Sequence[bytes]],
    ) -> None:
        """`bodies_of` gives the encoded transactions of an executed block."""
        self._chain_id = chain_id
        self._key = key
        self._journal = journal
        self._sign_state = sign_state
        self._bodies_of = bodies_of
        self._restored: dict[bytes, tuple[bytes, ...]] = {}

    @property
    def last_step(self) -> tuple[int, int, int] | None:
        """(height, round, step) of the last signature."""
        return self._sign_state.last_step

    def load(self, height: int) -> list[Record]:
        """Records of a height after a start; their blocks' bodies are kept until it ends.

        Raises:
            Malformed: another version wrote the journal.
        """
        entries = self._journal.records() if self._journal.height == height else []
        records = [record for entry in entries for record in decode_entry(entry)]
        self._restored = {
            block_id(record.block.header): record.bodies
            for record in records
            if isinstance(record, BlockRecord)
        }
        return records

    def restored_bodies(self, identity: bytes) -> tuple[bytes, ...]:
        """Bodies of a block out of the journal; empty when it was not there."""
        return self._restored.get(identity, ())

    def end_height(self) -> None:
        """Forget the bodies of a height that is over."""
        self._restored = {}

    def write(self, height: int, effect: JournalEffect) -> None:
        """Append one entry; the first of a height begins the journal anew.

        Raises:
            ChainError: the disk refused; nothing that depends on the entry may be sent.
        """
        if self._journal.height != height:
            self._journal.reset(height)
        blocks = tuple(
            BlockRecord(block, self.restored_bodies(identity) or tuple(self._bodies_of(identity)))
            for identity, block in zip(effect.block_ids, effect.blocks, strict=True)
        )
        self._journal.append(encode_entry((*blocks, *effect.records)))

    def sign(self, message: Signable) -> Signed | Refused:
        """Sign a message whose step is not behind, at most once with one meaning.

        Raises:
            ChainError: the disk refused; the signature was not given out.
        """
        assert self._key is not None, "only a delegate is asked to sign"
        where = (message.height, message.round, int(step_of(message)))
        digest = signed_hash(message, self._chain_id)
        try:
            signature = self._sign_state.sign(*where, digest, self._key.sign)
        except (SignStateRegression, ConflictingSignature) as error:
            log.warning("signature_refused", code=error.code, at=where)
            return Refused(message)
        return Signed(msgspec.structs.replace(message, signature=signature))
