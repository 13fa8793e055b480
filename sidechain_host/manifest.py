"""What the manifest `dapp.json` may say (docs/spec/12-packages.md section 2)."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from chain_engine.blocks.parameters import ChainParameters, FeeSchedule, Timeouts
from chain_engine.primitives import limits as engine_limits
from sidechain_host import limits
from sidechain_host.schema import Problem, ValueType, is_asset, is_name
from sidechain_host.tables import Index, Table
from sidechain_host.type_reader import parse_fields

ENGINE_VERSION: Final = 1
MACHINE: Final = "dapp/1"

_DOTTED = r"^[a-z][A-Za-z0-9_]{0,31}(\.[a-z][A-Za-z0-9_]{0,31}){0,2}$"
_SEMVER = r"^(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})$"
KEY_KINDS: Final = ("u", "int", "id", "bool", "text", "account", "hash", "asset", "enum")


class FieldTypes(dict[str, ValueType]):
    """Named types, and what was wrong with them: the owner reports it with its own problems."""

    problems: list[Problem]


def _read_fields(raw: object) -> FieldTypes:
    problems: list[Problem] = []
    fields = FieldTypes(parse_fields(raw, "", problems))
    fields.problems = problems
    return fields


def _no_fields() -> FieldTypes:
    return _read_fields({})


def _located(name: str, fields: FieldTypes) -> list[Problem]:
    return [Problem(f"{name}{p.path}", p.reason, p.fix) for p in fields.problems]


def _raise(problems: list[Problem]) -> None:
    if problems:
        raise PydanticCustomError("problems", "{count} problems",
                                  {"count": len(problems), "problems": problems})  # fmt: skip


Fields = Annotated[Any, BeforeValidator(_read_fields)]
"""Named types; `FieldTypes` once read."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class TimeoutsSpec(_Model):
    """Deadlines of a consensus round, milliseconds."""

    propose_ms: int = Field(3000, ge=10, le=600_000)
    """Wait for the proposal in round 0."""
    propose_step_ms: int = Field(1000, ge=0, le=600_000)
    """Added for every further round."""
    vote_ms: int = Field(1000, ge=10, le=600_000)
    """Wait for stragglers of a vote."""
    vote_step_ms: int = Field(500, ge=0, le=600_000)
    """Added for every further round."""


class FeesSpec(_Model):
    """Prices on this chain, in units of its fee asset."""

    asset: str = "ACC"
    """Asset in which fees are paid."""
    byte_fee: int = Field(10, ge=0, le=10**12)
    """Units per byte of a transaction."""
    gas_price: int = Field(1, ge=0, le=10**12)
    """Units per 1,000 gas of a transaction's gas limit."""
    relay_fee: int = Field(20_000, ge=0, le=10**15)
    """Least ACC fee of a bridge message towards this chain."""

    @model_validator(mode="after")
    def _check(self) -> "FeesSpec":
        if not is_asset(self.asset):
            _raise([Problem("asset", "not an asset", "SYMBOL, such as ACC")])
        return self


class ChainSpec(_Model):
    """Chain parameters a DApp chooses."""

    block_interval_ms: int = Field(1000, ge=50, le=600_000)
    """Least time between two blocks."""
    idle_interval_ms: int = Field(10_000, ge=50, le=86_400_000)
    """Longest time without a block."""
    clock_bound_ms: int = Field(5000, ge=100, le=600_000)
    """How far a proposal's time may lie from a voter's clock."""
    timeouts: TimeoutsSpec = TimeoutsSpec()
    """Deadlines of a round."""
    epoch_blocks: int = Field(100, ge=1, le=1_000_000)
    """Blocks between two shuffles of the forging order."""
    checkpoint_blocks: int = Field(5, ge=1, le=1_000_000)
    """Every how many blocks a header may be used as a bridge checkpoint."""
    trusting_period_ms: int = Field(21 * 86_400_000, ge=60_000, le=400 * 86_400_000)
    """How long a light client may rely on the delegates."""
    block_transactions_max: int = Field(2000, ge=1, le=engine_limits.BLOCK_TRANSACTIONS_MAX)
    """Transactions in a block."""
    block_bytes_max: int = Field(2 * 1024 * 1024, ge=65_536, le=engine_limits.BLOCK_BYTES_MAX)
    """Bytes of transactions in a block."""
    block_gas_max: int = Field(500_000_000, ge=1_000_000, le=limits.GAS_MAX)
    """Gas of a block."""
    transaction_gas_max: int = Field(10_000_000, ge=10_000, le=limits.TRANSACTION_GAS_MAX)
    """Gas of a transaction."""
    fees: FeesSpec = FeesSpec()
    """Prices."""

    @model_validator(mode="after")
    def _check(self) -> "ChainSpec":
        problems = []
        if self.idle_interval_ms < self.block_interval_ms:
            problems.append(Problem("idle_interval_ms", "shorter than block_interval_ms",
                                    "make it at least as long"))  # fmt: skip
        if self.epoch_blocks % self.checkpoint_blocks:
            problems.append(Problem("checkpoint_blocks", "does not divide epoch_blocks",
                                    "choose a divisor"))  # fmt: skip
        if self.transaction_gas_max > self.block_gas_max:
            problems.append(Problem("transaction_gas_max", "above block_gas_max", "lower it"))
        _raise(problems)
        return self


class Permissions(_Model):
    """The closed list of powers; what is not declared is denied."""

    assets_issue: tuple[str, ...] = Field((), alias="assets.issue", max_length=64, strict=False)
    """Symbols this chain issues in its genesis."""
    bridge_deposit: tuple[str, ...] = Field((), alias="bridge.deposit", max_length=64, strict=False)
    """Assets that a deposit with a call may bring."""
    bridge_withdraw: tuple[str, ...] = Field(
        (), alias="bridge.withdraw", max_length=64, strict=False
    )
    """Assets that contracts may send to the main chain."""
    bridge_call: tuple[str, ...] = Field((), alias="bridge.call", max_length=512, strict=False)
    """Methods that a deposit may call."""
    pages: bool = False
    """Whether the package brings web pages."""


class MethodSpec(_Model):
    """A contract method."""

    summary: str = Field("", max_length=200)
    """One sentence for wallets and docs."""
    arguments: Fields = Field(default_factory=_no_fields)
    """Type of every argument."""
    gas: int = Field(1_000_000, ge=10_000, le=limits.TRANSACTION_GAS_MAX)
    """Hint: a gas limit that is enough in normal use."""
    roles: tuple[str, ...] = Field((), max_length=16, strict=False)
    """Who must sign, for wallet and docs; the contract itself checks."""

    @model_validator(mode="after")
    def _check(self) -> "MethodSpec":
        _raise(_located("arguments", self.arguments))
        return self


class QuerySpec(_Model):
    """A read-only method."""

    summary: str = Field("", max_length=200)
    """One sentence for docs."""
    arguments: Fields = Field(default_factory=_no_fields)
    """Type of every argument: scalars only, since they travel in an address."""

    @model_validator(mode="after")
    def _check(self) -> "QuerySpec":
        nested = [
            Problem(f"arguments.{name}", f"a query cannot take a {kind.kind}", "use scalars")
            for name, kind in self.arguments.items()
            if kind.kind in ("list", "object")
        ]
        _raise(_located("arguments", self.arguments) + nested)
        return self


class IndexSpec(_Model):
    """An index in its long form."""

    fields: tuple[str, ...] = Field(min_length=1, max_length=limits.KEY_FIELDS_MAX, strict=False)
    """Indexed fields, most significant first."""
    unique: bool = False
    """Whether two rows may share them."""


def _read_index(raw: object) -> object:
    if isinstance(raw, str):
        return {"fields": [raw]}
    return {"fields": raw} if isinstance(raw, list) else raw


def _read_key(raw: object) -> object:
    return [raw] if isinstance(raw, str) else raw


class TableSpec(_Model):
    """A table."""

    fields: Fields
    """Type of every field."""
    key: Annotated[tuple[str, ...], BeforeValidator(_read_key)] = Field(
        min_length=1, max_length=limits.KEY_FIELDS_MAX, strict=False
    )
    """Fields of the primary key."""
    indexes: dict[str, Annotated[IndexSpec, BeforeValidator(_read_index)]] = Field(
        default_factory=dict, max_length=limits.INDEXES_MAX
    )
    """Further orders of the rows."""

    @model_validator(mode="after")
    def _check(self) -> "TableSpec":
        problems = _located("fields", self.fields)
        problems += [
            Problem(f"fields.{name}", "a table field is a scalar or a list of scalars",
                    "use another table for records")
            for name, kind in self.fields.items()
            if kind.kind == "object" or (kind.items and kind.items.kind not in KEY_KINDS)
        ]  # fmt: skip
        self._check_key_fields("key", self.key, problems, optional=False)
        for name, index in self.indexes.items():
            if not is_name(name):
                problems.append(Problem(f"indexes.{name}", "not an index name", "a-z first"))
            self._check_key_fields(f"indexes.{name}", index.fields, problems, optional=True)
        _raise(problems)
        return self

    def _check_key_fields(
        self, path: str, names: tuple[str, ...], problems: list[Problem], *, optional: bool
    ) -> None:
        if len(set(names)) != len(names):
            problems.append(Problem(path, "a field occurs twice", "name each field once"))
        for name in names:
            kind = self.fields.get(name)
            if kind is None:
                problems.append(Problem(path, f"no field {name!r}", "name a declared field"))
            elif kind.kind not in KEY_KINDS or (kind.optional and not optional):
                problems.append(Problem(path, f"{name!r} cannot be part of a key",
                                        "use a scalar that is always there"))  # fmt: skip
            elif kind.kind == "text" and kind.max > limits.KEY_TEXT_BYTES_MAX:
                problems.append(Problem(path, f"text {name!r} is too long for a key",
                                        f'write "text:{limits.KEY_TEXT_BYTES_MAX}"'))  # fmt: skip


class Manifest(_Model):
    """`dapp.json`."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{1,31}$")
    """Short name, unique on the main chain; part of the API path."""
    version: str = Field(pattern=_SEMVER)
    """Version of this package."""
    title: str = Field("", max_length=100)
    """Name for people."""
    description: str = Field("", max_length=1000)
    """What the DApp does."""
    engine: Literal[1]
    """Version of the host it is written for: 1."""
    entry: str = Field("contract/index.js", max_length=limits.PATH_BYTES_MAX)
    """Module that exports methods and queries."""
    chain: ChainSpec = ChainSpec()
    """Chain parameters."""
    permissions: Permissions = Permissions()
    """Powers."""
    roles: dict[str, str] = Field(default_factory=dict, max_length=64)
    """Role names and what they are, for docs."""
    methods: dict[Annotated[str, Field(pattern=_DOTTED)], MethodSpec] = Field(
        default_factory=dict, max_length=limits.METHODS_MAX
    )
    """Contract methods."""
    queries: dict[Annotated[str, Field(pattern=_DOTTED)], QuerySpec] = Field(
        default_factory=dict, max_length=limits.METHODS_MAX
    )
    """Read-only methods."""
    tables: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")], TableSpec] = Field(
        default_factory=dict, max_length=limits.TABLES_MAX
    )
    """Tables."""

    def build_tables(self) -> tuple[Table, ...]:
        """Return the declared tables, ascending by name."""
        return tuple(_build_table(name, spec) for name, spec in sorted(self.tables.items()))


def _build_table(name: str, spec: TableSpec) -> Table:
    indexes = tuple(Index(n, i.fields, i.unique) for n, i in sorted(spec.indexes.items()))
    return Table(name=name, fields=spec.fields, key=spec.key, indexes=indexes)


def chain_parameters(spec: ChainSpec, machine_hash: bytes) -> ChainParameters:
    """Return the engine's parameters of a DApp chain."""
    return ChainParameters(
        version=1, machine=MACHINE, machine_hash=machine_hash, consensus="abft",
        block_interval_ms=spec.block_interval_ms, idle_interval_ms=spec.idle_interval_ms,
        clock_bound_ms=spec.clock_bound_ms, timeouts=Timeouts(**spec.timeouts.model_dump()),
        epoch_blocks=spec.epoch_blocks, checkpoint_blocks=spec.checkpoint_blocks,
        trusting_period_ms=spec.trusting_period_ms,
        block_transactions_max=spec.block_transactions_max, block_bytes_max=spec.block_bytes_max,
        block_gas_max=spec.block_gas_max, transaction_gas_max=spec.transaction_gas_max,
        refusals="charged", fees=FeeSchedule(**spec.fees.model_dump()),
    )  # fmt: skip
