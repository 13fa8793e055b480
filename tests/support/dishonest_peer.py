"""A peer chain that commits to whatever it likes: logs of any messages and acks, well proven."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace
from support.bridge_chains import ALICE, BOB, RELAY_FEE, account_of, parameters_of

from chain_engine.blocks.bridge import (
    Ack,
    AckStatus,
    AssetId,
    BridgeMessage,
    CommitmentProof,
    PeerCommitment,
    ProvenAck,
    ProvenMessage,
    bridge_root,
)
from chain_engine.blocks.delegates import Delegate, DelegateSet
from chain_engine.blocks.light_client import TrustedHeader
from chain_engine.codec.canonical import encode
from chain_engine.crypto.keys import SecretKey
from chain_engine.crypto.merkle import (
    EMPTY_ROOT,
    build_proof,
    hash_leaf,
    merkle_root,
)
from chain_engine.ledger.bridge.peers import get_peer, get_trusted, open_peer, put_trusted
from chain_engine.ledger.bridge.receive import DeliverPayload
from chain_engine.ledger.bridge.settle import SettlePayload
from chain_engine.ledger.genesis import genesis_entries
from chain_engine.ledger.ledger import Ledger
from chain_engine.ledger.machine import BlockContext
from chain_engine.state.view import DictView

MAIN, SIDE = b"\xaa" * 32, b"\xbb" * 32
NOW_MS = 1_000_000
HEIGHT = 5


def ledger_on(chain: bytes, peer: bytes, holdings: dict[str, int], **parameters: Any) -> Ledger:
    """A chain on which Alice holds something and `peer` is open."""
    context = BlockContext(
        chain_id=chain,
        height=9,
        time_ms=NOW_MS,
        seed=bytes(32),
        forger=SecretKey(b"\x01" * 32).public,
        parameters=parameters_of(**parameters),
    )
    ledger = Ledger(DictView(genesis_entries({account_of(ALICE): holdings})), context, MAIN)
    trusted = TrustedHeader(
        version=1,
        chain_id=peer,
        height=HEIGHT,
        header_id=bytes(32),
        time_ms=NOW_MS,
        bridge_root=EMPTY_ROOT,
        state_root=bytes(32),
        next_delegates_hash=bytes(32),
        delegates=DelegateSet((Delegate(key=context.forger, weight=1),)),
        trusting_period_ms=10**9,
    )
    open_peer(ledger, trusted, checkpoint_blocks=1, relay_fee=RELAY_FEE)
    return ledger


def main_ledger(**parameters: Any) -> Ledger:
    """The main chain, whose peer is a sidechain."""
    return ledger_on(MAIN, SIDE, {"ACC": 10**9}, **parameters)


def side_ledger(**parameters: Any) -> Ledger:
    """A sidechain, whose peer is the main chain."""
    return ledger_on(SIDE, MAIN, {"ECC": 10**9}, **parameters)


def peer_of(ledger: Ledger) -> bytes:
    return SIDE if ledger.context.chain_id == MAIN else MAIN


def message_to(ledger: Ledger, seq: int, /, **changes: Any) -> BridgeMessage:
    """A message from the peer that is right but for `changes`."""
    fields: dict[str, Any] = {
        "version": 1,
        "source": peer_of(ledger),
        "destination": ledger.context.chain_id,
        "seq": seq,
        "kind": "TRANSFER",
        "asset": AssetId(home=MAIN, symbol="ACC"),
        "amount": 1000,
        "sender": account_of(ALICE),
        "recipient": account_of(BOB),
        "expires_at_ms": NOW_MS + 1,
        "fee": RELAY_FEE,
        "memo": "",
        "body": b"",
    }
    return BridgeMessage(**{**fields, **changes})


def ack_of(seq: int, status: int = AckStatus.DELIVERED, code: str = "", version: int = 1) -> Ack:
    return Ack(version=version, seq=seq, status=int(status), code=code)


def deliver_of(
    ledger: Ledger, log: Sequence[BridgeMessage], batch: int | None = None
) -> DeliverPayload:
    """Commit to a whole log of messages and prove the next `batch` of it."""
    peer = peer_of(ledger)
    commitment = _commit(ledger, outbox_root=_root(log), outbox_size=len(log))
    start = get_peer(ledger, peer).inbox_next
    hashes = [hash_leaf(encode(message)) for message in log]
    proven = [
        ProvenMessage(message=log[seq], path=build_proof(hashes, seq))
        for seq in range(start, len(log) if batch is None else start + batch)
    ]
    return DeliverPayload(peer=peer, height=HEIGHT, commitment=commitment, messages=tuple(proven))


def settle_of(ledger: Ledger, log: Sequence[Ack]) -> SettlePayload:
    """Commit to a whole log of acks and prove those that are not settled."""
    peer = peer_of(ledger)
    commitment = _commit(ledger, ack_root=_root(log), ack_size=len(log))
    hashes = [hash_leaf(encode(ack)) for ack in log]
    start = get_peer(ledger, peer).settle_next
    proven = [
        ProvenAck(ack=log[seq], path=build_proof(hashes, seq)) for seq in range(start, len(log))
    ]
    return SettlePayload(peer=peer, height=HEIGHT, commitment=commitment, acks=tuple(proven))


def _root(log: Sequence[Any]) -> bytes:
    return merkle_root([encode(entry) for entry in log])


def _commit(ledger: Ledger, **fields: Any) -> CommitmentProof:
    """Put a commitment into the peer's certified header."""
    values: dict[str, Any] = {
        "version": 1,
        "peer": ledger.context.chain_id,
        "outbox_root": EMPTY_ROOT,
        "outbox_size": 0,
        "ack_root": EMPTY_ROOT,
        "ack_size": 0,
        "settle_next": 0,
        "vouchers_root": EMPTY_ROOT,
        "status": 1,
    }
    commitment = PeerCommitment(**{**values, **fields})
    trusted = get_trusted(ledger, peer_of(ledger))
    put_trusted(ledger, replace(trusted, bridge_root=bridge_root([commitment])))
    path = build_proof([hash_leaf(encode(commitment))], 0)
    return CommitmentProof(commitment=commitment, path=path)
