"""What the committed chain fixes for the height being decided: delegates, forgers, times."""

from collections.abc import Callable
from typing import Protocol

import msgspec

from chain_engine.blocks.block import Header, block_id
from chain_engine.blocks.certificate import Certificate
from chain_engine.blocks.delegates import DelegateSet, forging_order
from chain_engine.blocks.parameters import ChainParameters
from chain_engine.consensus.schedule import epoch_start, slot_after

SignatureCheck = Callable[[bytes, bytes, bytes], bool]
"""(tagged key, 32-byte hash, signature) -> whether it is that key's signature."""


class Setup(msgspec.Struct, frozen=True):
    """What never changes while a node runs one chain."""

    chain_id: bytes
    """The chain."""

    key: bytes | None
    """Tagged key this node votes with; none for a node that only watches."""

    is_signature_valid: SignatureCheck
    """Signature check: `crypto.keys.is_signature_valid`, or a cheap scheme in the simulator."""


class Height(msgspec.Struct, frozen=True):
    """One height to decide."""

    number: int
    """The height, from 1."""

    parent: Header
    """Header of the block below."""

    parent_id: bytes
    """Its id."""

    parent_certificate: Certificate | None
    """A certificate of it; none for genesis."""

    delegates: DelegateSet
    """The set that votes."""

    total_weight: int
    """Sum of its weights."""

    order: tuple[int, ...]
    """Member indexes in forging order."""

    slot: int
    """Slot of round 0 within the epoch."""

    parameters: ChainParameters
    """Parameters in force."""


class ChainReader(Protocol):
    """The committed chain, as consensus reads it."""

    @property
    def tip(self) -> Header:
        """Newest committed header."""
        ...

    @property
    def tip_certificate(self) -> Certificate | None:
        """Its certificate; none for genesis."""
        ...

    @property
    def delegates(self) -> DelegateSet:
        """The set that signs the next block."""
        ...

    @property
    def parameters(self) -> ChainParameters:
        """Parameters in force."""
        ...

    def find_header(self, height: int) -> Header | None:
        """Header of a committed height."""
        ...


def forger_of(height: Height, round_: int) -> int:
    """Index of the delegate whose slot (height, round) is."""
    return height.order[(height.slot + round_) % len(height.order)]


def read_height(chain: ChainReader, previous: Height | None = None) -> Height:
    """Read the height above the tip; `previous` saves walking back through the epoch."""
    parent, delegates, parameters = chain.tip, chain.delegates, chain.parameters
    number = parent.height + 1
    start = epoch_start(number, parameters.epoch_blocks)
    seed_header = _header(chain, start - 1)
    if previous is not None and previous.number == parent.height and start < number:
        slot = previous.slot + slot_after([parent])
    else:
        slot = slot_after(_header(chain, below) for below in range(start, number))
    return Height(
        number=number,
        parent=parent,
        parent_id=block_id(parent),
        parent_certificate=chain.tip_certificate,
        delegates=delegates,
        total_weight=delegates.total_weight,
        order=forging_order(delegates, seed_header.seed),
        slot=slot,
        parameters=parameters,
    )


def _header(chain: ChainReader, height: int) -> Header:
    header = chain.find_header(height)
    assert header is not None, "the chain holds every header below its tip"
    return header
