"""Bridge messages, acks and commitments (docs/spec/07-bridge.md).

Every chain commits in `bridge_root` to one record per peer; a proof of a message or an ack is two
short RFC 6962 paths: record in root, entry in the record's log.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import Literal

from chain_engine.codec.canonical import Struct, encode
from chain_engine.crypto.hashing import tagged_hash
from chain_engine.crypto.merkle import InclusionProof, InvalidProof, merkle_root, root_of_inclusion

MESSAGE_VERSION = 1

MessageKind = Literal["TRANSFER", "CALL", "RECORD", "CONTROL"]


class PeerStatus(IntEnum):
    """Whether a peer chain may exchange messages."""

    ACTIVE = 1
    FROZEN = 2
    TERMINATED = 3


class AckStatus(IntEnum):
    """What became of a message at its destination."""

    DELIVERED = 1
    FAILED = 2
    EXPIRED = 3


class AssetId(Struct, frozen=True):
    """An asset named the same way on every chain."""

    home: bytes
    """Chain id (32 bytes) of the chain that issued it."""

    symbol: str
    """Its symbol there, such as `ACC`, 1 to 32 of `A-Z 0-9 . _`."""


class BridgeMessage(Struct, frozen=True):
    """One entry of a source chain's outbox towards one peer."""

    version: int
    """Format: 1."""

    source: bytes
    """Chain id of the sending chain."""

    destination: bytes
    """Chain id of the receiving chain."""

    seq: int
    """Position in the outbox of (source, destination), from 0."""

    kind: MessageKind
    """TRANSFER moves an asset, CALL also runs a contract method on arrival."""

    asset: AssetId
    """What moves."""

    amount: int
    """Units of the asset's home chain; 0 is allowed for messages that move nothing."""

    sender: bytes
    """20-byte account proven by the source chain."""

    recipient: bytes
    """20-byte account credited at the destination (for CALL: the account the call acts for)."""

    expires_at_ms: int
    """Header time of the destination after which it only expires."""

    fee: int
    """ACC units for relaying: half for delivering, half for settling."""

    memo: str
    """Free text, at most 256 bytes."""

    body: bytes
    """CALL: encoded `CallBody`; else empty. At most 4 KiB."""


class CallBody(Struct, frozen=True):
    """What a CALL message runs on arrival."""

    method: str
    """Contract method that the manifest opens to deposits."""

    arguments: str
    """JSON object of its arguments."""

    gas_limit: int
    """Gas it may use, paid out of the message's fee."""


class Ack(Struct, frozen=True):
    """One entry of a destination chain's ack log: the outcome of message `seq`."""

    version: int
    """Format: 1."""

    seq: int
    """The message's position."""

    status: int
    """An `AckStatus`."""

    code: str
    """Error code when FAILED, else empty."""


class PeerCommitment(Struct, frozen=True):
    """What a chain's header commits to about one peer."""

    version: int
    """Format: 1."""

    peer: bytes
    """Chain id of the peer."""

    outbox_root: bytes
    """RFC 6962 root over the encoded messages sent to it."""

    outbox_size: int
    """How many."""

    ack_root: bytes
    """RFC 6962 root over the encoded acks of messages received from it."""

    ack_size: int
    """How many: also the next expected `seq` (`inbox_next`)."""

    settle_next: int
    """Next own message whose ack is to be settled here."""

    vouchers_root: bytes
    """RFC 6962 root over the encoded (asset, amount) of the peer's assets in circulation here."""

    status: int
    """A `PeerStatus`."""


class CommitmentProof(Struct, frozen=True):
    """A peer commitment and its path to a header's bridge root."""

    commitment: PeerCommitment
    """The record."""

    path: InclusionProof
    """Its place under `bridge_root`."""


class ProvenMessage(Struct, frozen=True):
    """A message and its path to the outbox root."""

    message: BridgeMessage
    """The message."""

    path: InclusionProof
    """Its place under `outbox_root`."""


class ProvenAck(Struct, frozen=True):
    """An ack and its path to the ack root."""

    ack: Ack
    """The ack."""

    path: InclusionProof
    """Its place under `ack_root`."""


def bridge_root(commitments: Iterable[PeerCommitment]) -> bytes:
    """Root over the commitments in ascending order of the peer's chain id.

    Covers their number as well: an RFC 6962 root alone fits several (index, size) pairs.
    """
    leaves = [encode(c) for c in sorted(commitments, key=lambda c: c.peer)]
    return _counted_root(len(leaves), merkle_root(leaves))


def verify_commitment(root: bytes, proof: CommitmentProof) -> None:
    """Check a commitment against a header's bridge root.

    Raises:
        InvalidProof: it does not belong to that root.
    """
    path = proof.path
    found = root_of_inclusion(encode(proof.commitment), path)
    if _counted_root(path.size, found) != root:
        raise InvalidProof(index=path.index, size=path.size)


def _counted_root(count: int, root: bytes) -> bytes:
    return tagged_hash("acc/bridge", encode(count), root)


def chain_account(chain_id: bytes, purpose: str, peer: bytes = b"") -> bytes:
    """A keyless account of a chain (escrow for a peer, fee pool): no script hashes to it."""
    return tagged_hash("acc/chain-account", chain_id, purpose.encode("ascii"), b"\0", peer)[:20]
