"""Bridge messages, commitments and a chain's own accounts (docs/spec/07-bridge.md)."""

from collections.abc import Iterator

from chain_engine.blocks.bridge import (
    AssetId,
    BridgeMessage,
    CallBody,
    CommitmentProof,
    PeerCommitment,
    bridge_root,
)
from chain_engine.codec.canonical import encode
from chain_engine.crypto.merkle import EMPTY_ROOT, build_proof, hash_leaf
from tools.vectors.cast import CHAIN_ID, OTHER_CHAIN_ID, flip
from tools.vectors.form import to_json
from tools.vectors.transactions import ALICE, BOB
from tools.vectors.vector import Case

CALL = CallBody("place_order", '{"amount":"300"}', 80_000)


def message_of(body: bytes = b"") -> BridgeMessage:
    """Return a deposit; with a body it also calls a contract."""
    return BridgeMessage(
        version=1, source=CHAIN_ID, destination=OTHER_CHAIN_ID, seq=3,
        kind="CALL" if body else "TRANSFER", asset=AssetId(CHAIN_ID, "ACC"), amount=1_000_000,
        sender=ALICE, recipient=BOB, expires_at_ms=1_800_000_600_000, fee=200_000,
        memo="房租 rent", body=body,
    )  # fmt: skip


def commitment_of(peer: bytes, acks: int) -> PeerCommitment:
    """Return a commitment to one peer."""
    return PeerCommitment(
        version=1, peer=peer, outbox_root=EMPTY_ROOT, outbox_size=0, ack_root=EMPTY_ROOT,
        ack_size=acks, settle_next=0, vouchers_root=EMPTY_ROOT, status=1,
    )  # fmt: skip


COMMITMENTS = [commitment_of(bytes([peer]) * 32, peer) for peer in (3, 1, 2)]


def cases() -> Iterator[Case]:
    """Yield every case of the file."""
    yield Case("a deposit", "encode_message", {"message": to_json(message_of())})
    yield Case("what a deposit calls", "encode_call_body", {"body": to_json(CALL)})
    calling = {"message": to_json(message_of(encode(CALL)))}
    yield Case("a deposit with a call", "encode_message", calling)
    forms = [to_json(commitment) for commitment in COMMITMENTS]
    yield Case("commitments stand in the order of their peers", "bridge_root",
               {"commitments": forms})  # fmt: skip
    yield Case("no peers", "bridge_root", {"commitments": []})
    yield from _proofs()
    for description, purpose, peer in (
        ("the escrow account towards a peer", "escrow", OTHER_CHAIN_ID),
        ("an account of the chain itself", "relay", b""),
    ):
        form = {"chain_id": CHAIN_ID.hex(), "purpose": purpose, "peer": peer.hex()}
        yield Case(description, "chain_account", form)


def _proofs() -> Iterator[Case]:
    ordered = sorted(COMMITMENTS, key=lambda commitment: commitment.peer)
    hashes = [hash_leaf(encode(commitment)) for commitment in ordered]
    path = build_proof(hashes, 1)
    root = bridge_root(ordered)
    good = CommitmentProof(ordered[1], path)
    lie = CommitmentProof(commitment_of(ordered[1].peer, 99), path)
    refused = "INVALID_PROOF"
    for description, proof, under, error in (
        ("a commitment is proven", good, root, None),
        ("a changed commitment", lie, root, refused),
        ("another root", good, flip(root, 0), refused),
        ("a neighbour's place", CommitmentProof(ordered[0], path), root, refused),
    ):
        form = {"root": under.hex(), "proof": to_json(proof)}
        yield Case(description, "verify_commitment", form, error)
