"""Following a chain as a light client over HTTP, and checking what a node claims.

Nothing a node says is believed: headers need certificates of the delegates we already trust, and a
transaction needs its path to the header's roots.
"""

import time
from pathlib import Path
from typing import Self

from chain_engine.blocks.block import Header, Receipt
from chain_engine.blocks.genesis import Genesis, build_genesis_block, chain_id_of
from chain_engine.blocks.light_client import (
    TrustedHeader,
    UntrustedHeader,
    advance,
    trust_header,
)
from chain_engine.blocks.proofs import verify_transaction_proof
from chain_engine.blocks.transaction import SignedTransaction
from chain_engine.http.client import ChainClient
from chain_engine.state.tree import root_of_entries
from mainchain.genesis import build_genesis, load_genesis


class FollowedChain:
    """A chain followed by headers and certificates alone."""

    def __init__(self, trusted: TrustedHeader) -> None:
        """Start from a header that is trusted for another reason."""
        self.trusted = trusted

    @classmethod
    def from_genesis(cls, genesis: Genesis) -> Self:
        """Trust a genesis that was built here."""
        block = build_genesis_block(genesis, root_of_entries(genesis.entries))
        period = genesis.parameters.trusting_period_ms
        return cls(trust_header(chain_id_of(block), block.header, genesis.delegates, period))

    @classmethod
    def from_genesis_file(cls, path: Path) -> Self:
        """Trust a main chain's genesis file."""
        return cls.from_genesis(build_genesis(load_genesis(path)))

    async def header(self, client: ChainClient, height: int) -> Header:
        """The header at a height, proven by its certificate.

        Raises:
            UntrustedHeader, InvalidCertificate: the node's answer proves nothing.
        """
        bundle = await client.header(height)
        if bundle.certificate is None:
            raise UntrustedHeader(height=height, reason="there is no certificate")
        now_ms = time.time_ns() // 1_000_000
        advance(self.trusted, bundle.header, bundle.certificate, bundle.delegates, now_ms)
        return bundle.header

    async def verify_transaction(self, client: ChainClient, signed: SignedTransaction) -> Receipt:
        """Check that a transaction is in a certified block; returns its proven receipt.

        Raises:
            InvalidProof: it is not, or the receipt is another one.
            UntrustedHeader, InvalidCertificate: the header proves nothing.
        """
        proof = await client.prove_transaction(signed.id)
        header = await self.header(client, proof.height)
        verify_transaction_proof(header, signed.id, signed.witness_hash, proof)
        return proof.receipt
