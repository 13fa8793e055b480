"""The contexts blocks are executed in: of a header that exists, and of one yet to be forged."""

from chain_engine.blocks.block import Header, next_seed
from chain_engine.ledger.machine import BlockContext
from chain_engine.storage.chain_store import ChainStore


def context_of(header: Header, store: ChainStore) -> BlockContext:
    """Context of a block with this header."""
    return BlockContext(
        chain_id=store.chain_id,
        height=header.height,
        time_ms=header.time_ms,
        seed=header.seed,
        forger=header.forger,
        parameters=store.parameters,
    )


def next_context(store: ChainStore, *, time_ms: int, forger: bytes) -> BlockContext:
    """Context of the block after the tip, as if it were forged at `time_ms`.

    A clock behind the tip's time gives that time plus one.
    """
    tip = store.tip
    return BlockContext(
        chain_id=store.chain_id,
        height=tip.height + 1,
        time_ms=max(time_ms, tip.time_ms + 1),
        seed=next_seed(tip.seed, b""),
        forger=forger,
        parameters=store.parameters,
    )
