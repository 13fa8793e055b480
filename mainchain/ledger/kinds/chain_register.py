"""`chain.register`: put a sidechain on the main chain (docs/spec/11-main-chain.md section 5).

The genesis header is posted, not made here: every node that installs the package builds the same
genesis block from package, parameters, delegates and the anchor header, and compares.
"""

import re

from msgspec.structs import replace

from chain_engine.blocks.block import (
    HEADER_VERSION,
    NO_HASH,
    Event,
    Header,
    block_id,
    receipts_root,
    transactions_root,
)
from chain_engine.blocks.bridge import chain_account
from chain_engine.blocks.delegates import DelegateSet, delegates_hash, verify_delegates
from chain_engine.blocks.light_client import trust_header
from chain_engine.blocks.parameters import ChainParameters, parameters_hash, verify_parameters
from chain_engine.blocks.transaction import SignedTransaction
from chain_engine.codec.canonical import Struct
from chain_engine.crypto.hashing import tagged_hash
from chain_engine.crypto.merkle import EMPTY_ROOT
from chain_engine.ledger.assets import MAIN_COIN
from chain_engine.ledger.balances import move
from chain_engine.ledger.bridge.errors import ChainExists
from chain_engine.ledger.bridge.peers import open_peer
from chain_engine.ledger.errors import BadPayload
from chain_engine.ledger.events import EventData, address_of, build_event
from chain_engine.ledger.keys import chain_key, chain_name_key
from chain_engine.ledger.kinds.kind import Kind
from chain_engine.ledger.ledger import Ledger
from chain_engine.primitives.errors import ChainError
from chain_engine.primitives.limits import AMOUNT_MAX, HASH_BYTES
from mainchain.ledger.chains import ChainName, ChainRecord

BOND_UNITS_MIN = 100_000_000
"""Least bond of a sidechain: 100 ACC."""

NAMES_RESERVED = frozenset({"acc", "main"})
"""Names of the main chain itself."""

_NAME = re.compile(r"[a-z][a-z0-9-]{1,31}", re.ASCII)


class BadRegistration(ChainError):
    """A sidechain's registration does not fit together or does not fit the main chain."""

    code = "BAD_REGISTRATION"
    title = "The registration of the chain does not hold."
    fix = "`field` names the field; docs/spec/11-main-chain.md section 5 lists the rules."
    status = 422


class RegisterPayload(Struct, frozen=True):
    """Payload of `chain.register`."""

    name: str
    """Unique name, `[a-z][a-z0-9-]{1,31}`; also the name in the sidechain's genesis."""

    package_hash: bytes
    """SHA-256 of the DApp's package file."""

    package_bytes: int
    """Size of that file, at least 1."""

    parameters: ChainParameters
    """Parameters of the sidechain."""

    delegates: DelegateSet
    """Set that signs its height 1."""

    genesis: Header
    """Its genesis header."""

    anchor_height: int
    """Main-chain height whose header its genesis state trusts; older than this block."""

    bond: int
    """ACC units to lock, at least 100 ACC."""


class ChainRegistered(EventData, frozen=True):
    """A sidechain was registered; nodes may install it."""

    chain: str
    """Chain id."""

    name: str
    """Its name."""

    owner: str
    """Address that registered it."""

    package: str
    """SHA-256 of its package."""

    bond: str
    """ACC units locked."""


def bond_account(main_chain: bytes, chain: bytes) -> bytes:
    """Keyless account that holds the bond of a sidechain."""
    return chain_account(main_chain, "bond", chain)


def verify(payload: RegisterPayload) -> None:
    """Check everything that the payload says about itself.

    Raises:
        BadPayload: name, package or bond.
        InvalidParameters, InvalidDelegates, InvalidKey: those of the sidechain.
        BadRegistration: the genesis header does not follow from the rest.
    """
    rules = {
        "name": _NAME.fullmatch(payload.name) is not None and payload.name not in NAMES_RESERVED,
        "package_hash": len(payload.package_hash) == HASH_BYTES,
        "package_bytes": 1 <= payload.package_bytes <= AMOUNT_MAX,
        "anchor_height": 0 <= payload.anchor_height <= AMOUNT_MAX,
        "bond": BOND_UNITS_MIN <= payload.bond <= AMOUNT_MAX,
    }
    for field, holds in rules.items():
        if not holds:
            raise BadPayload(field=field)
    verify_parameters(payload.parameters)
    verify_delegates(payload.delegates)
    _verify_genesis(payload)


def _verify_genesis(payload: RegisterPayload) -> None:
    """All but time, state and bridge root follow from name, delegates and parameters."""
    genesis, signers = payload.genesis, delegates_hash(payload.delegates)
    expected = replace(
        genesis,
        version=HEADER_VERSION,
        chain_id=NO_HASH,
        height=0,
        round=0,
        parent_id=NO_HASH,
        transactions_root=transactions_root([]),
        receipts_root=receipts_root([]),
        delegates_hash=signers,
        next_delegates_hash=signers,
        parameters_hash=parameters_hash(payload.parameters),
        evidence_root=EMPTY_ROOT,
        parent_certificate_hash=NO_HASH,
        seed=tagged_hash("acc/genesis-seed", payload.name.encode(), signers),
        consensus_root=NO_HASH,
        forger=b"",
    )
    for field in Header.__struct_fields__:
        if getattr(genesis, field) != getattr(expected, field):
            raise BadRegistration(field=f"genesis.{field}")
    for field in ("state_root", "bridge_root"):
        if len(getattr(genesis, field)) != HASH_BYTES:
            raise BadRegistration(field=f"genesis.{field}")


def apply(ledger: Ledger, signed: SignedTransaction, payload: RegisterPayload) -> tuple[Event, ...]:
    """Lock the bond, record the chain and open the bridge to it.

    Raises:
        BadRegistration: the genesis is later than this block or too old to be followed.
        ChainExists: id or name is taken.
        TooManyChains: no more chains.
        InsufficientFunds: the bond cannot be paid.
    """
    context, sender = ledger.context, signed.tx.sender
    chain, period = block_id(payload.genesis), payload.parameters.trusting_period_ms
    if payload.anchor_height >= context.height:
        raise BadRegistration(field="anchor_height", height=context.height)
    if not payload.genesis.time_ms <= context.time_ms <= payload.genesis.time_ms + period:
        raise BadRegistration(field="genesis.time_ms", now_ms=context.time_ms)
    if ledger.record(chain_name_key(payload.name), ChainName) is not None:
        raise ChainExists(name=payload.name)
    open_peer(
        ledger,
        trust_header(chain, payload.genesis, payload.delegates, period),
        checkpoint_blocks=payload.parameters.checkpoint_blocks,
        relay_fee=payload.parameters.fees.relay_fee,
    )
    move(ledger, MAIN_COIN, sender, bond_account(context.chain_id, chain), payload.bond)
    ledger.put(chain_name_key(payload.name), ChainName(chain))
    ledger.put(chain_key(chain), _record_of(payload, chain, sender, context.height))
    event = ChainRegistered(
        chain=chain.hex(),
        name=payload.name,
        owner=address_of(sender),
        package=payload.package_hash.hex(),
        bond=str(payload.bond),
    )
    return (build_event(event),)


def _record_of(payload: RegisterPayload, chain: bytes, owner: bytes, height: int) -> ChainRecord:
    return ChainRecord(
        version=1,
        chain=chain,
        name=payload.name,
        owner=owner,
        package_hash=payload.package_hash,
        package_bytes=payload.package_bytes,
        parameters=payload.parameters,
        delegates=payload.delegates,
        genesis=payload.genesis,
        anchor_height=payload.anchor_height,
        bond=payload.bond,
        registered_height=height,
    )


CHAIN_REGISTER = Kind("chain.register", RegisterPayload, verify, apply)
"""The kind."""
