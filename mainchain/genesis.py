"""The genesis file of a main chain: JSON, validated with every error at once.

The file is for people: addresses, decimal strings, names. `build_genesis` turns it into the
engine's `Genesis`, whose block id is the chain's id.
"""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from chain_engine.blocks.delegates import Delegate, DelegateSet
from chain_engine.blocks.genesis import Genesis
from chain_engine.blocks.parameters import (
    ChainParameters,
    FeeSchedule,
    InvalidParameters,
    Timeouts,
    verify_parameters,
)
from chain_engine.crypto.accounts import decode_address
from chain_engine.crypto.keys import verify_key
from chain_engine.ledger.genesis import genesis_entries
from chain_engine.primitives.errors import ChainError
from chain_engine.primitives.limits import AMOUNT_MAX, DELEGATES_MAX, HASH_BYTES, WEIGHT_MAX

COIN = "ACC"
"""The main chain's coin."""

UNITS_PER_ACC = 1_000_000
"""ACC has 6 decimals (ACChain's figures)."""

SUPPLY_UNITS = 100_000_000_000 * UNITS_PER_ACC
"""100,000,000,000 ACC: the whole supply, in units. Nothing is ever minted after genesis."""

MACHINE = "acc-ledger/1"
"""Name and version of the main chain's state machine."""


class InvalidGenesis(ChainError):
    """A genesis file is not valid."""

    code = "INVALID_GENESIS"
    title = "The genesis file is not valid."
    fix = "Correct every problem listed: each names the path inside the file."


def _address(text: str) -> str:
    try:
        decode_address(text)
    except ChainError as e:
        raise ValueError(e.title) from None
    return text


def _key(text: str) -> str:
    try:
        verify_key(bytes.fromhex(text))
    except ChainError as e:
        raise ValueError(e.title) from None
    return text


def _amount(text: str) -> str:
    if not 1 <= int(text) <= AMOUNT_MAX:
        msg = f"an amount is 1 to {AMOUNT_MAX} units"
        raise ValueError(msg)
    return text


Address = Annotated[str, AfterValidator(_address)]
PublicKeyHex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{66}$"), AfterValidator(_key)]
Amount = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,18}$"), AfterValidator(_amount)]
"""Decimal string of units."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class TimeoutsFile(_Model):
    """Deadlines of a round, milliseconds."""

    propose_ms: int = Field(1_500, ge=1)
    propose_step_ms: int = Field(500, ge=1)
    vote_ms: int = Field(500, ge=1)
    vote_step_ms: int = Field(250, ge=1)


class ParametersFile(_Model):
    """Chain parameters; what is left out has the public network's default."""

    block_interval_ms: int = 3_000
    idle_interval_ms: int = 30_000
    clock_bound_ms: int = 3_000
    timeouts: TimeoutsFile = TimeoutsFile()
    epoch_blocks: int = 100
    checkpoint_blocks: int = 10
    trusting_period_ms: int = 21 * 24 * 3_600_000
    block_transactions_max: int = 10_000
    block_bytes_max: int = 4 * 1024 * 1024
    byte_fee: int = 10
    relay_fee: int = 100_000

    def build(self) -> ChainParameters:
        """Return the engine's parameters."""
        return ChainParameters(
            version=1,
            machine=MACHINE,
            machine_hash=bytes(HASH_BYTES),
            consensus="abft",
            block_interval_ms=self.block_interval_ms,
            idle_interval_ms=self.idle_interval_ms,
            clock_bound_ms=self.clock_bound_ms,
            timeouts=Timeouts(**self.timeouts.model_dump()),
            epoch_blocks=self.epoch_blocks,
            checkpoint_blocks=self.checkpoint_blocks,
            trusting_period_ms=self.trusting_period_ms,
            block_transactions_max=self.block_transactions_max,
            block_bytes_max=self.block_bytes_max,
            block_gas_max=0,
            transaction_gas_max=0,
            refusals="left_out",
            fees=FeeSchedule(
                asset=COIN, byte_fee=self.byte_fee, gas_price=0, relay_fee=self.relay_fee
            ),
        )

    @model_validator(mode="after")
    def _within_ranges(self) -> Self:
        try:
            verify_parameters(self.build())
        except InvalidParameters as e:
            raise ValueError(e.detail) from None
        return self


class DelegateFile(_Model):
    """One founding delegate."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{2,32}$")]
    key: PublicKeyHex
    weight: int = Field(1, ge=1, le=WEIGHT_MAX)


class BalanceFile(_Model):
    """First balance of one account."""

    address: Address
    amount: Amount


class GenesisFile(_Model):
    """A main chain's genesis file."""

    format: Literal[1] = 1
    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,31}$")]
    time_ms: int = Field(ge=0, le=AMOUNT_MAX)
    parameters: ParametersFile = ParametersFile()
    delegates: list[DelegateFile] = Field(min_length=1, max_length=DELEGATES_MAX)
    balances: list[BalanceFile] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        problems = []
        if len({d.key for d in self.delegates}) != len(self.delegates):
            problems.append("delegates: a key stands twice")
        if len({d.name for d in self.delegates}) != len(self.delegates):
            problems.append("delegates: a name stands twice")
        if len({b.address for b in self.balances}) != len(self.balances):
            problems.append("balances: an address stands twice")
        total = sum(int(b.amount) for b in self.balances)
        if total != SUPPLY_UNITS:
            problems.append(f"balances: they sum to {total} units, the supply is {SUPPLY_UNITS}")
        if problems:
            raise ValueError("; ".join(problems))
        return self


def load_genesis(path: Path) -> GenesisFile:
    """Read and check a genesis file.

    Raises:
        InvalidGenesis: unreadable or wrong; `problems` holds every error with its path.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise InvalidGenesis(problems=[f"{path}: {e}"]) from None
    return parse_genesis(text)


def parse_genesis(text: str) -> GenesisFile:
    """Check the text of a genesis file.

    Raises:
        InvalidGenesis: `problems` holds every error with its path.
    """
    try:
        return GenesisFile.model_validate_json(text)
    except ValidationError as e:
        problems = [
            f"{'.'.join(str(part) for part in error['loc']) or 'file'}: {error['msg']}"
            for error in e.errors()
        ]
        raise InvalidGenesis(problems=problems) from None


def delegate_set(file: GenesisFile) -> DelegateSet:
    """The founding delegates in key order."""
    members = (Delegate(key=bytes.fromhex(d.key), weight=d.weight) for d in file.delegates)
    return DelegateSet(members=tuple(sorted(members, key=lambda member: member.key)))


def build_genesis(file: GenesisFile) -> Genesis:
    """Turn a checked file into what decides the chain's first block."""
    allocations = {decode_address(b.address): {COIN: int(b.amount)} for b in file.balances}
    return Genesis(
        version=1,
        name=file.name,
        time_ms=file.time_ms,
        parameters=file.parameters.build(),
        delegates=delegate_set(file),
        entries=genesis_entries(allocations),
        commitments=(),
    )
