"""Headers, receipts and chain parameters (docs/spec/03-blocks.md)."""

from collections.abc import Iterator
from typing import Any

from chain_engine.blocks.block import (
    NO_HASH,
    Event,
    Header,
    Receipt,
    receipts_root,
    transactions_root,
)
from chain_engine.blocks.delegates import delegates_hash
from chain_engine.blocks.parameters import ChainParameters, FeeSchedule, Timeouts
from chain_engine.blocks.proofs import TransactionProof, build_transaction_proof
from chain_engine.codec.canonical import encode
from chain_engine.crypto.hashing import tagged_hash
from chain_engine.crypto.merkle import EMPTY_ROOT
from tools.vectors.cast import CHAIN_ID
from tools.vectors.certificates import EQUAL, FOUR
from tools.vectors.form import to_json
from tools.vectors.vector import Case

PARAMETERS = ChainParameters(
    version=1, machine="acc-ledger/1", machine_hash=NO_HASH, consensus="abft",
    block_interval_ms=1_000, idle_interval_ms=10_000, clock_bound_ms=2_000,
    timeouts=Timeouts(3_000, 500, 1_000, 500), epoch_blocks=100, checkpoint_blocks=10,
    trusting_period_ms=1_814_400_000, block_transactions_max=1_000, block_bytes_max=1_000_000,
    block_gas_max=0, transaction_gas_max=0, refusals="left_out",
    fees=FeeSchedule("ACC", byte_fee=10, gas_price=0, relay_fee=100_000),
)  # fmt: skip


def header_of(**fields: Any) -> Header:
    """Return a header of the vectors' chain with some fields of one's own."""
    hashes = {name: tagged_hash("acc/vector", name.encode("ascii"))
              for name in ("parent_id", "state_root", "bridge_root", "seed")}  # fmt: skip
    defaults: dict[str, Any] = {
        "version": 1, "chain_id": CHAIN_ID, "height": 42, "round": 0,
        "time_ms": 1_800_000_000_000, **hashes, "transactions_root": EMPTY_ROOT,
        "receipts_root": EMPTY_ROOT, "delegates_hash": delegates_hash(EQUAL),
        "next_delegates_hash": delegates_hash(EQUAL), "parameters_hash": NO_HASH,
        "evidence_root": EMPTY_ROOT, "parent_certificate_hash": NO_HASH,
        "consensus_root": NO_HASH, "forger": FOUR[0].public,
    }  # fmt: skip
    return Header(**{**defaults, **fields})


RECEIPTS = (
    Receipt(b"\x01" * 32, "", 0, 2_500,
            (Event("Transferred", '{"amount":"5","asset":"ACC"}'),)),
    Receipt(b"\x02" * 32, "INSUFFICIENT_FUNDS", 1_200, 3_000, ()),
)  # fmt: skip


def cases() -> Iterator[Case]:
    """Yield every case of the file."""
    for description, header in (
        ("a header", header_of()),
        ("another round is another block", header_of(round=1)),
        ("the genesis header: zeros for the chain id and links, nobody forged it",
         header_of(chain_id=NO_HASH, height=0, parent_id=NO_HASH, forger=b"")),
    ):  # fmt: skip
        yield Case(description, "block_id", {"header": to_json(header)})
    for count in range(3):
        form = {"receipts": [to_json(receipt) for receipt in RECEIPTS[:count]]}
        yield Case(f"the root of {count} receipts", "receipts_root", form)
    yield from _transaction_proofs()
    form = {"parameters": to_json(PARAMETERS)}
    yield Case("the hash of chain parameters", "parameters_hash", form)
    raw = encode(header_of())
    for description, data, error in (
        ("a header decodes", raw, None),
        ("a header cut short", raw[:-1], "MALFORMED"),
        ("a header with a field too many", b"\xdc\x00\x13" + raw[3:] + b"\0", "MALFORMED"),
        ("a header with its version in two bytes", raw[:3] + b"\xcc\x01" + raw[4:],
         "NON_CANONICAL"),
    ):  # fmt: skip
        yield Case(description, "decode_value", {"shape": "header", "bytes": data.hex()}, error)


def _transaction_proofs() -> Iterator[Case]:
    hashes = [b"\x0a" * 32, b"\x0b" * 32]
    header = header_of(
        transactions_root=transactions_root(hashes), receipts_root=receipts_root(RECEIPTS)
    )
    first, second = (build_transaction_proof(42, i, hashes, RECEIPTS) for i in range(2))
    mixed = TransactionProof(42, first.transaction_path, second.receipt, second.receipt_path)
    lie = Receipt(second.receipt.id, "", 1_200, 3_000, ())
    forged = TransactionProof(42, second.transaction_path, lie, second.receipt_path)
    later = TransactionProof(43, second.transaction_path, second.receipt, second.receipt_path)
    refused = "INVALID_PROOF"
    for description, proof, error in (
        ("a transaction and its receipt are proven", second, None),
        ("the proof of another transaction", first, refused),
        ("the path of another transaction", mixed, refused),
        ("a receipt that hides a refusal", forged, refused),
        ("another height", later, refused),
    ):
        form = {
            "header": to_json(header),
            "transaction_id": second.receipt.id.hex(),
            "witness_hash": hashes[1].hex(),
            "proof": to_json(proof),
        }
        yield Case(description, "verify_transaction_proof", form, error)
