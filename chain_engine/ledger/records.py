"""What the ledger's state rows hold."""

from chain_engine.blocks.bridge import AssetId, MessageKind
from chain_engine.codec.canonical import Struct


class AccountRecord(Struct, frozen=True):
    """One account's nonce and control."""

    version: int = 1
    """Format: 1."""

    revision: int = 0
    """How often the control (second key, script) has changed; the higher one wins elsewhere."""

    nonce: int = 0
    """Transactions sent so far, and the next one's nonce."""

    second: bytes | None = None
    """20-byte hash of the second key's script, when one was set."""

    script: bytes | None = None
    """20-byte hash of the script that replaced the account's own, when one did."""


NEW_ACCOUNT = AccountRecord()
"""The record of an account that has sent nothing yet: it is not stored."""


class Frontier(Struct, frozen=True):
    """The roots of the complete subtrees of an RFC 6962 log: enough to append and to commit."""

    size: int = 0
    """Leaves."""

    peaks: tuple[bytes, ...] = ()
    """One 32-byte root per set bit of `size`, largest subtree first."""


class PeerRecord(Struct, frozen=True):
    """Bridge state towards one peer chain."""

    version: int
    """Format: 1."""

    peer: bytes
    """Its chain id."""

    status: int
    """A `PeerStatus`."""

    checkpoint_blocks: int
    """Only headers of heights that this divides are certified; 1 takes any."""

    relay_fee: int
    """Least fee of a message towards it, ACC units."""

    outbox: Frontier
    """Log of the messages sent to it."""

    acks: Frontier
    """Log of the acks of messages received from it."""

    inbox_next: int
    """Next message expected from it; equals `acks.size` between blocks."""

    settle_next: int
    """Next own message whose ack is to be settled."""

    vouchers_root: bytes
    """RFC 6962 root over the encoded (asset, amount) of its assets in circulation here."""


class PendingMessage(Struct, frozen=True):
    """What settling a sent message needs to know."""

    kind: MessageKind
    """The message's kind."""

    asset: AssetId
    """What moves."""

    amount: int
    """Units to refund when it fails or expires."""

    sender: bytes
    """20-byte account that is refunded."""

    fee: int
    """Its whole fee, ACC units; half of it, rounded down, waits here for the settler."""


class Tally(Struct, frozen=True):
    """Running sums per peer and asset that let two chains be audited against each other."""

    refused: int = 0
    """Units of received messages that were FAILED or EXPIRED here."""

    refunded: int = 0
    """Units of sent messages that were refunded here."""


NO_TALLY = Tally()
