"""Proof that a transaction is in a block, and what became of it (docs/spec/06-light-client.md)."""

from collections.abc import Sequence

from chain_engine.blocks.block import Header, Receipt
from chain_engine.codec.canonical import Struct, encode
from chain_engine.crypto.merkle import (
    InclusionProof,
    InvalidProof,
    build_proof,
    hash_leaf,
    verify_inclusion,
)


class TransactionProof(Struct, frozen=True):
    """Paths of a transaction and its receipt to the roots of one header."""

    height: int
    """Height of the block."""

    transaction_path: InclusionProof
    """Path of the witness hash to `transactions_root`."""

    receipt: Receipt
    """The receipt."""

    receipt_path: InclusionProof
    """Path of the encoded receipt to `receipts_root`."""


def build_transaction_proof(
    height: int, index: int, witness_hashes: Sequence[bytes], receipts: Sequence[Receipt]
) -> TransactionProof:
    """Prove transaction `index` of a block from all its witness hashes and receipts."""
    return TransactionProof(
        height=height,
        transaction_path=build_proof([hash_leaf(h) for h in witness_hashes], index),
        receipt=receipts[index],
        receipt_path=build_proof([hash_leaf(encode(r)) for r in receipts], index),
    )


def verify_transaction_proof(
    header: Header, transaction_id: bytes, witness_hash: bytes, proof: TransactionProof
) -> None:
    """Check that a transaction is in the header's block with this receipt.

    The header itself must have been proven before.

    Raises:
        InvalidProof: it is not.
    """
    if proof.height != header.height or proof.receipt.id != transaction_id:
        raise InvalidProof(height=proof.height, receipt=proof.receipt.id)
    verify_inclusion(header.transactions_root, witness_hash, proof.transaction_path)
    verify_inclusion(header.receipts_root, encode(proof.receipt), proof.receipt_path)
