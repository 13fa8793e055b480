"""Proofs of state, messages and acks; what a bridge's relayer reads."""

from chain_engine.blocks.block import Header, block_id
from chain_engine.blocks.bridge import PeerCommitment
from chain_engine.blocks.proofs import build_transaction_proof
from chain_engine.blocks.transaction import SignedTransaction, Transaction
from chain_engine.codec.canonical import Struct, decode_unchecked, encode
from chain_engine.http import models, views
from chain_engine.http.chains import ChainService
from chain_engine.http.parameters import hash_of, number_of, state_key_of
from chain_engine.http.resources.mount import Mount
from chain_engine.http.routes import Call, Route
from chain_engine.primitives.errors import NotFound


def proof_routes(at: Mount) -> list[Route]:
    """Resources about proofs and the bridge."""
    missing = (NotFound,)
    return [
        at.get("/proofs/state/{key}", "proveState", prove_state,
               query=models.HeightQuery, errors=missing,
               response=models.StateProofView, tags=("proofs",)),
        at.get("/proofs/transactions/{id}", "proveTransaction", prove_transaction,
               response=models.TransactionProofView, errors=missing, tags=("proofs",)),
        at.get("/proofs/messages/{peer}/{seq}", "proveMessage", prove_message,
               query=models.HeightQuery, response=models.BridgeProofView, errors=missing,
               tags=("proofs",)),
        at.get("/proofs/acks/{peer}/{seq}", "proveAck", prove_ack, query=models.HeightQuery,
               response=models.BridgeProofView, errors=missing, tags=("proofs",)),
        at.get("/commitments", "listCommitments", list_commitments, query=models.HeightQuery,
               response=models.CommitmentList, errors=missing, tags=("bridge",)),
        at.get("/messages/{peer}", "listMessages", list_messages, query=models.FromQuery,
               response=models.MessageList, tags=("bridge",)),
    ]  # fmt: skip


def _header_at(chain: ChainService, call: Call) -> Header:
    query: models.HeightQuery = call.query
    tip = chain.store.tip
    if query.height is None or query.height == tip.height:
        return tip
    header = chain.store.find_header(query.height)
    if header is None:
        raise NotFound(height=query.height, tip=tip.height)
    return header


def _find_commitment(chain: ChainService, height: int, peer: bytes) -> PeerCommitment:
    for commitment in chain.store.commitments_at(height):
        if commitment.peer == peer:
            return commitment
    raise NotFound(peer=peer, height=height)


def _bridge_proof(
    chain: ChainService, header: Header, peer: bytes, entry: Struct
) -> models.BridgeProofView:
    return models.BridgeProofView(
        height=header.height,
        header_id=block_id(header).hex(),
        bridge_root=header.bridge_root.hex(),
        entry=encode(entry).hex(),
        commitment=encode(chain.store.prove_commitment(header.height, peer)).hex(),
    )


async def prove_state(chain: ChainService, call: Call) -> models.StateProofView:
    """A state entry, or its absence, under the state root of a recent header."""
    key, header = state_key_of(call), _header_at(chain, call)
    value, proof = chain.store.prove_state(key, header.height)
    return models.StateProofView(
        height=header.height,
        header_id=block_id(header).hex(),
        state_root=header.state_root.hex(),
        key=key.hex(),
        value=None if value is None else value.hex(),
        proof=encode(proof).hex(),
    )


async def prove_transaction(chain: ChainService, call: Call) -> models.TransactionProofView:
    """A committed transaction and its receipt under the roots of its header."""
    identity = hash_of(call, "id")
    found = chain.store.find_transaction(identity)
    if found is None:
        raise NotFound(transaction=identity)
    _, height, index = found
    block = chain.store.get_block(height).block
    hashes = [
        SignedTransaction(raw, decode_unchecked(raw, Transaction), chain.chain_id).witness_hash
        for raw in block.transactions
    ]
    proof = build_transaction_proof(height, index, hashes, chain.store.receipts_of(height))
    return models.TransactionProofView(
        height=height,
        header_id=block_id(block.header).hex(),
        transactions_root=block.header.transactions_root.hex(),
        receipts_root=block.header.receipts_root.hex(),
        witness_hash=hashes[index].hex(),
        proof=encode(proof).hex(),
    )


async def prove_message(chain: ChainService, call: Call) -> models.BridgeProofView:
    """A message to a peer chain under a header's bridge root, in two encoded parts."""
    header, peer, seq = _header_at(chain, call), hash_of(call, "peer"), number_of(call, "seq")
    size = _find_commitment(chain, header.height, peer).outbox_size
    if seq >= size:
        raise NotFound(message=seq, outbox_size=size, height=header.height)
    return _bridge_proof(chain, header, peer, chain.store.prove_message(peer, seq, size))


async def prove_ack(chain: ChainService, call: Call) -> models.BridgeProofView:
    """The ack of a message from a peer chain under a header's bridge root, in two encoded parts."""
    header, peer, seq = _header_at(chain, call), hash_of(call, "peer"), number_of(call, "seq")
    size = _find_commitment(chain, header.height, peer).ack_size
    if seq >= size:
        raise NotFound(ack=seq, ack_size=size, height=header.height)
    return _bridge_proof(chain, header, peer, chain.store.prove_ack(peer, seq, size))


async def list_commitments(chain: ChainService, call: Call) -> models.CommitmentList:
    """What a header commits to about every peer chain."""
    header = _header_at(chain, call)
    return models.CommitmentList(
        height=header.height,
        data=[views.commitment_view(c) for c in chain.store.commitments_at(header.height)],
    )


async def list_messages(chain: ChainService, call: Call) -> models.MessageList:
    """Messages to a peer chain in order."""
    query: models.FromQuery = call.query
    found = chain.store.messages(hash_of(call, "peer"), query.from_seq, query.limit + 1)
    chosen = found[: query.limit]
    has_more = len(found) > query.limit
    return models.MessageList(
        data=[views.message_view(message) for message in chosen],
        has_more=has_more,
        next_cursor=str(chosen[-1].seq + 1) if has_more else None,
    )
