"""Carries messages and acks between the main chain and one sidechain, in both directions.

It needs nobody's trust: what it submits is proven by headers, certificates and Merkle paths, which
the receiving chain checks. It uses the public HTTP API of the two chains only, so anybody's relayer
does as well, and several at once do no harm: whoever comes second is refused and looks again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import structlog

from chain_engine.blocks.bridge import PeerCommitment, PeerStatus
from chain_engine.blocks.build import build_transaction, sign_transaction
from chain_engine.blocks.light_client import TrustedHeader
from chain_engine.codec.canonical import Struct, decode, encode
from chain_engine.crypto.accounts import account_of_key, encode_address
from chain_engine.crypto.keys import SecretKey
from chain_engine.http.client import AckProof, ChainClient, MessageProof
from chain_engine.http.errors import DeadlineExceeded, NodeUnreachable
from chain_engine.ledger.bridge.certify import CertifyPayload
from chain_engine.ledger.bridge.receive import DeliverPayload
from chain_engine.ledger.bridge.settle import SettlePayload
from chain_engine.ledger.errors import BlockFull
from chain_engine.ledger.keys import light_client_key, peer_key
from chain_engine.ledger.records import PeerRecord
from chain_engine.primitives.errors import ChainError, NotFound
from chain_engine.primitives.limits import PAYLOAD_BYTES_MAX

log = structlog.get_logger()

R = TypeVar("R", PeerRecord, TrustedHeader)
P = TypeVar("P", MessageProof, AckProof)

BATCH = 40
"""Entries per relay transaction; fewer when they would not fit its payload."""

VALID_BLOCKS = 50
"""A relay transaction that is not included by then is worthless."""

MARGIN_BYTES = 256
"""Room for what surrounds the entries of a payload."""

COMMIT_TIMEOUT_MS = 20_000
LOOK_AGAIN_MS = 1_000
"""How often a waiting relayer looks whether another one was first."""

REFRESH_PART = 3
"""A light client is brought forward at every third of its trusting period."""

IDLE_POLL_FACTOR = 5
"""How much rarer it looks when nothing waits."""


@dataclass
class _Side:
    """One of the two chains."""

    client: ChainClient
    """Its API."""

    chain_id: bytes
    """Its id."""

    name: str
    """For logs."""


@dataclass(frozen=True)
class _Peer:
    """What a destination knows about the source."""

    record: PeerRecord
    """Its bridge state."""

    trusted: TrustedHeader
    """The newest source header it has certified."""


class Relayer:
    """Relays between a main chain and one sidechain."""

    def __init__(
        self, main: ChainClient, side: ChainClient, key: SecretKey, *, patience_ms: int = 0,
        poll_ms: int = 200,
    ) -> None:  # fmt: skip
        """`patience_ms`: how long work may wait for another relayer before this one does it."""
        self._clients = (main, side)
        self._key = key
        self._account = account_of_key(key.public)
        self._patience_s = patience_ms / 1000
        self._poll_s = poll_ms / 1000
        self._sides: tuple[_Side, _Side] | None = None

    async def run(self) -> None:
        """Relay until cancelled; an unreachable node is waited for."""
        while True:
            try:
                worked = await self.step()
            except NodeUnreachable as refusal:
                log.info("relayer_waits", reason=refusal.detail)
                worked = False
            except ChainError as refusal:
                # Most often another relayer was first; the next pass starts from what is there.
                log.info("relay_refused", code=refusal.code, detail=refusal.detail)
                worked = True
            await asyncio.sleep(self._poll_s if worked else self._poll_s * IDLE_POLL_FACTOR)

    async def step(self) -> bool:
        """One pass over both directions; whether something was relayed.

        Raises:
            NodeUnreachable: a node does not answer.
            ChainError: a relay transaction was refused.
        """
        main, side = await self._connect()
        to_side = await self._relay(main, side)
        to_main = await self._relay(side, main)
        return to_side or to_main

    async def _connect(self) -> tuple[_Side, _Side]:
        if self._sides is None:
            sides = []
            for client, name in zip(self._clients, ("main", "side"), strict=True):
                latest = await client.header("latest")
                chain_id = latest.header.chain_id if latest.header.height else latest.id
                sides.append(_Side(client, chain_id, name))
            self._sides = (sides[0], sides[1])
        return self._sides

    async def _relay(self, source: _Side, destination: _Side) -> bool:
        """Bring what waits at `source` to `destination`; whether something was done."""
        peer = await self._peer(source, destination)
        if peer is None or peer.record.status != PeerStatus.ACTIVE:
            return False
        if not await self._is_needed(source, destination, peer):
            return False
        if self._patience_s:
            await asyncio.sleep(self._patience_s)
            peer = await self._peer(source, destination) or peer
            if not await self._is_needed(source, destination, peer):
                return False
        certified = await self._commitment(source, destination, peer.trusted.height)
        if certified is None or not _brings(certified, peer.record):
            return await self._certify(source, destination, peer)
        height = peer.trusted.height
        if certified.outbox_size > peer.record.inbox_next:
            await self._deliver(source, destination, peer.record, certified, height)
        else:
            await self._settle(source, destination, peer.record, certified, height)
        return True

    # --- what there is to do --------------------------------------------------------------------

    async def _is_needed(self, source: _Side, destination: _Side, peer: _Peer) -> bool:
        latest = await source.client.header("latest")
        commitment = await self._commitment(source, destination, latest.header.height)
        if commitment is not None and _brings(commitment, peer.record):
            return True
        age_ms = latest.header.time_ms - peer.trusted.time_ms
        return age_ms * REFRESH_PART > peer.trusted.trusting_period_ms

    async def _peer(self, source: _Side, destination: _Side) -> _Peer | None:
        """What `destination` knows about `source`, or None where it does not know it."""
        record = await self._row(destination, peer_key(source.chain_id), PeerRecord)
        trusted = await self._row(destination, light_client_key(source.chain_id), TrustedHeader)
        return None if record is None or trusted is None else _Peer(record, trusted)

    async def _row(self, side: _Side, key: bytes, kind: type[R]) -> R | None:
        value = (await side.client.prove_state(key))["value"]
        return None if value is None else decode(bytes.fromhex(value), kind)

    async def _commitment(
        self, source: _Side, destination: _Side, height: int
    ) -> PeerCommitment | None:
        """What the source's header of a height commits to about the destination."""
        try:
            found = await source.client.commitments(height=height)
        except NotFound:
            return None
        return next((c for c in found if c.peer == destination.chain_id), None)

    # --- doing it -------------------------------------------------------------------------------

    async def _certify(self, source: _Side, destination: _Side, peer: _Peer) -> bool:
        """Relay the newest usable header; False when there is none yet."""
        every = peer.record.checkpoint_blocks
        tip = await source.client.header("latest")
        height = tip.header.height - tip.header.height % every
        if height <= peer.trusted.height:
            return False
        bundle = await source.client.header(height)
        assert bundle.certificate is not None, "only genesis has none"
        payload = CertifyPayload(
            source.chain_id, bundle.header, bundle.certificate, bundle.delegates
        )
        await self._submit(source, destination, "chain.certify", payload)
        return True

    async def _deliver(
        self, source: _Side, destination: _Side, record: PeerRecord, certified: PeerCommitment,
        height: int,
    ) -> None:  # fmt: skip
        async def prove(seq: int) -> MessageProof:
            return await source.client.prove_message(destination.chain_id, seq, height=height)

        proofs = await _batch(prove, record.inbox_next, certified.outbox_size)
        while True:
            payload = DeliverPayload(
                source.chain_id, height, proofs[0].commitment, tuple(p.entry for p in proofs)
            )
            try:
                await self._submit(source, destination, "chain.deliver", payload)
            except BlockFull:
                # the calls of all these messages are more gas than a block has: one always fits
                if len(proofs) == 1:
                    raise
                proofs = proofs[: len(proofs) // 2]
            else:
                return

    async def _settle(
        self, source: _Side, destination: _Side, record: PeerRecord, certified: PeerCommitment,
        height: int,
    ) -> None:  # fmt: skip
        async def prove(seq: int) -> AckProof:
            return await source.client.prove_ack(destination.chain_id, seq, height=height)

        proofs = await _batch(prove, record.settle_next, certified.ack_size)
        payload = SettlePayload(
            source.chain_id, height, proofs[0].commitment, tuple(p.entry for p in proofs)
        )
        await self._submit(source, destination, "chain.settle", payload)

    async def _submit(self, source: _Side, side: _Side, kind: str, payload: Struct) -> None:
        """Submit a relay transaction and wait until it, or another relayer's, has done its work.

        Raises:
            DeadlineExceeded: nobody's was committed in time.
        """
        before = await self._peer(source, side)
        address = encode_address(self._account)
        tip = await side.client.header("latest")
        tx = build_transaction(
            chain_id=side.chain_id, kind=kind, sender=self._account,
            nonce=(await side.client.account(address)).nonce,
            valid_until_height=tip.header.height + VALID_BLOCKS, fee=0, payload=payload,
        )  # fmt: skip
        signed = sign_transaction(tx, side.chain_id, [self._key])
        await side.client.submit(signed.raw)
        for _ in range(COMMIT_TIMEOUT_MS // LOOK_AGAIN_MS):
            try:
                done = await side.client.wait_committed(signed.id, timeout_ms=LOOK_AGAIN_MS)
            except DeadlineExceeded:
                if await self._peer(source, side) != before:
                    log.info("relayed_by_another", kind=kind, to=side.name)
                    return
            else:
                log.info("relayed", kind=kind, to=side.name, height=done.height)
                return
        raise DeadlineExceeded(transaction=signed.id, timeout_ms=COMMIT_TIMEOUT_MS)


def _brings(commitment: PeerCommitment, record: PeerRecord) -> bool:
    """Whether a header with this commitment lets the destination move forward."""
    return commitment.outbox_size > record.inbox_next or commitment.ack_size > record.settle_next


async def _batch(prove: Callable[[int], Awaitable[P]], first: int, size: int) -> list[P]:
    """Proofs of the next entries, as many as fit into one transaction."""
    proofs = await asyncio.gather(*(prove(seq) for seq in range(first, min(size, first + BATCH))))
    room = PAYLOAD_BYTES_MAX - len(encode(proofs[0].commitment)) - MARGIN_BYTES
    taken: list[P] = []
    for proof in proofs:
        room -= len(encode(proof.entry))
        if taken and room < 0:
            break
        taken.append(proof)
    return taken
