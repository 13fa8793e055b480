"""What reads of the store return beside the chain's own structs."""

import msgspec

from chain_engine.blocks.block import Header, Receipt


class ReceiptLocation(msgspec.Struct, frozen=True):
    """A receipt and where it stands."""

    height: int
    """Height of its block."""

    index: int
    """Position among the block's receipts; that of its transaction, too."""

    receipt: Receipt
    """The receipt."""


class StoredEvent(msgspec.Struct, frozen=True):
    """An event in the chain's one order of events."""

    cursor: int
    """Number of the event on this chain, from 1, without gaps."""

    height: int
    """Height of its block."""

    index: int
    """Position of its receipt in the block."""

    transaction_id: bytes
    """Id of the receipt: the transaction's, or that of a system step."""

    name: str
    """`UpperCamel`, such as `Transferred`."""

    data: str
    """JSON object."""


class AccountTransaction(msgspec.Struct, frozen=True):
    """One transaction that an account sent or cosigned."""

    cursor: int
    """Place in the chain: grows with height and index; page backwards with it."""

    height: int
    """Height of its block."""

    index: int
    """Position in the block."""

    transaction_id: bytes
    """Its id."""


class BlockSummary(msgspec.Struct, frozen=True):
    """What a list of blocks shows."""

    block_id: bytes
    """Id of the block."""

    header: Header
    """Its header."""

    transactions: int
    """Number of transactions."""

    body_bytes: int
    """Size of the encoded block."""
