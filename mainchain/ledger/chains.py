"""Registered sidechains and how to find them (docs/spec/11-main-chain.md section 5)."""

from chain_engine.blocks.block import Header
from chain_engine.blocks.delegates import DelegateSet
from chain_engine.blocks.parameters import ChainParameters
from chain_engine.codec.canonical import Struct, decode_unchecked
from chain_engine.ledger.keys import CHAINS, chain_key, chain_name_key, end_of
from chain_engine.primitives.limits import HASH_BYTES
from chain_engine.state.view import StateView


class ChainName(Struct, frozen=True):
    """The chain behind a name."""

    chain: bytes
    """Chain id."""


class ChainRecord(Struct, frozen=True):
    """What the main chain knows about a sidechain: all that a node needs to start it."""

    version: int
    """Format: 1."""

    chain: bytes
    """Chain id: the block id of `genesis`."""

    name: str
    """Unique name, `[a-z][a-z0-9-]{1,31}`."""

    owner: bytes
    """20-byte account that registered it."""

    package_hash: bytes
    """SHA-256 of the DApp's package file."""

    package_bytes: int
    """Size of that file."""

    parameters: ChainParameters
    """Parameters of the sidechain."""

    delegates: DelegateSet
    """Set that signs its height 1."""

    genesis: Header
    """Its genesis header."""

    anchor_height: int
    """Main-chain height whose header its genesis state trusts."""

    bond: int
    """ACC units locked by the owner."""

    registered_height: int
    """Main-chain height of the registration."""


def find_chain_by_id(view: StateView, chain: bytes) -> ChainRecord | None:
    """Record of a sidechain by its id, or None."""
    raw = view.get(chain_key(chain))
    return None if raw is None else decode_unchecked(raw, ChainRecord)


def find_chain(view: StateView, name_or_id: str) -> ChainRecord | None:
    """Record of a sidechain by its name or the hex of its id, or None."""
    if len(name_or_id) == 2 * HASH_BYTES:
        try:
            return find_chain_by_id(view, bytes.fromhex(name_or_id))
        except ValueError:
            return None
    if not name_or_id.isascii():
        return None
    raw = view.get(chain_name_key(name_or_id))
    return None if raw is None else find_chain_by_id(view, decode_unchecked(raw, ChainName).chain)


def list_chains(view: StateView, limit: int, after: bytes | None = None) -> list[ChainRecord]:
    """Up to `limit` sidechains, ascending by chain id, behind the chain `after`."""
    start = CHAINS if after is None else chain_key(after) + b"\0"
    rows = view.scan(start, end_of(CHAINS), limit=limit)
    return [decode_unchecked(raw, ChainRecord) for _, raw in rows]
