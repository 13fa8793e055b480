"""This machine's settings of a node: a TOML file, and `ACC_` environment variables above it.

What must be equal on all nodes is not here but in the genesis (`ChainParameters`). Unknown keys
are refused, and a wrong file is answered with every error at once, each with its path.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import tomlkit
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)
from yarl import URL

from chain_engine.crypto.keys import InvalidKey, verify_key
from chain_engine.primitives.errors import ChainError

SETTINGS_FILE = "node.toml"
"""Name of the settings file in a node's home directory."""

ENVIRONMENT_PREFIX = "ACC_"
"""Environment variables that begin so are settings; `__` reaches inside: `ACC_LIMITS__PAGE_MAX`."""

SOCKET_PATH_BYTES_MAX = 100
"""Longest path of a unix socket that every supported system accepts."""


class InvalidSettings(ChainError):
    """The settings of a node cannot be used."""

    code = "INVALID_SETTINGS"
    title = "The node's settings are not valid."
    fix = "Correct each of `problems` in the settings file or environment; paths are given."


def _verify_public_key(text: str) -> str:
    try:
        verify_key(bytes.fromhex(text))
    except (ValueError, InvalidKey):
        msg = "must be a public key: 66 hex digits that begin with 01"
        raise ValueError(msg) from None
    return text.lower()


def _verify_url(text: str) -> str:
    try:
        url = URL(text)
        usable = url.scheme in ("http", "https") and bool(url.host)
    except ValueError:
        usable = False
    if not usable:
        msg = "must be an http or https address such as http://127.0.0.1:8080"
        raise ValueError(msg)
    return text.rstrip("/")


HttpUrl = Annotated[str, AfterValidator(_verify_url)]
PublicKeyHex = Annotated[str, AfterValidator(_verify_public_key)]


class PeerSettings(BaseModel):
    """Another node this one connects to."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    url: HttpUrl
    """Where it listens, such as `http://127.0.0.1:8081`."""

    public_key: PublicKeyHex
    """The key it must prove to hold: 66 hex digits."""


class LimitSettings(BaseModel):
    """What this node lets others ask of it. The protocol's own limits are in the engine."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    request_bytes_max: int = Field(default=8 * 1024 * 1024, ge=1024, le=64 * 1024 * 1024)
    """Body of one HTTP request, bytes."""

    page_max: int = Field(default=200, ge=1, le=1000)
    """Items in one page of a list."""

    requests_per_second: int = Field(default=2000, ge=1, le=1_000_000)
    """Refill of every client address's token bucket."""

    requests_burst: int = Field(default=4000, ge=1, le=1_000_000)
    """Size of that bucket."""

    mempool_transactions_max: int = Field(default=50_000, ge=100, le=1_000_000)
    """Transactions waiting on one chain."""

    mempool_bytes_max: int = Field(default=64 * 1024 * 1024, ge=1024 * 1024, le=2**32)
    """Their bytes."""

    streams_max: int = Field(default=200, ge=1, le=10_000)
    """Event streams open at one time."""

    sandbox_memory_mb: int = Field(default=512, ge=512, le=4096)
    """Heap of one DApp's process, MiB; with less, a call could kill it that its gas allows."""


class NodeSettings(BaseSettings):
    """Everything a node process needs to know about its machine."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix=ENVIRONMENT_PREFIX,
        env_nested_delimiter="__",
        use_attribute_docstrings=True,
    )

    home: Path
    """Folder that holds everything the node writes; relative paths below are inside it."""

    name: str = Field(default="", max_length=40, pattern=r"^[A-Za-z0-9_-]*$")
    """Name in logs and on the status page; empty: the key's first digits are shown."""

    listen_host: str = "127.0.0.1"
    """Address the HTTP server binds."""

    listen_port: int = Field(default=8080, ge=0, le=65535)
    """Port the HTTP server binds; 0 lets the system choose."""

    admin_socket: Path = Path("admin.sock")
    """Unix socket of the routes that change this node."""

    genesis: Path = Path("genesis.json")
    """The main chain's genesis file."""

    key_file: Path = Path("node.json")
    """Keystore of the key that signs votes and proves this node to its peers."""

    key_password_file: Path | None = None
    """File whose first line opens the keystore; asked for at the terminal when absent."""

    peers: tuple[PeerSettings, ...] = Field(default=(), max_length=256)
    """The other nodes."""

    dapps: tuple[str, ...] = Field(default=(), max_length=64)
    """Chains, by id or name, that this node's owner wants: run as soon as registered.

    A name belongs to whoever registers it first: write the id wherever others can register.
    """

    cors_origins: tuple[str, ...] = Field(default=(), max_length=64)
    """Web origins whose pages may read the API; `*` allows all."""

    limits: LimitSettings = LimitSettings()
    """Budgets of this node."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least important line that is logged."""

    log_format: Literal["text", "json"] = "text"
    """`text` for people, `json` for machines; both on stderr."""

    relay: bool = True
    """Whether this node relays bridge messages between chains it runs."""

    unsafe_dev: bool = False
    """Run DApps even where the kernel cannot isolate them. Never on a machine that matters."""

    @model_validator(mode="after")
    def _resolve_paths(self) -> Self:
        home = self.home.expanduser().absolute()
        for field in ("admin_socket", "genesis", "key_file", "key_password_file"):
            path: Path | None = getattr(self, field)
            if path is not None:
                # the model is frozen for everybody else; paths are completed once, here
                object.__setattr__(self, field, home / path.expanduser())
        object.__setattr__(self, "home", home)
        if len(os.fsencode(self.admin_socket)) > SOCKET_PATH_BYTES_MAX:
            msg = f"admin_socket: at most {SOCKET_PATH_BYTES_MAX} bytes; choose a shorter path"
            raise ValueError(msg)
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take values as given: `load_settings` merges file, environment and arguments."""
        return (init_settings,)


def load_settings(
    home: Path,
    *,
    overrides: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
) -> NodeSettings:
    """Read `home/node.toml`, then the environment, then `overrides`; the later wins.

    `environment` is `os.environ` unless given.

    Raises:
        InvalidSettings: `problems` lists every error as {path, problem}.
    """
    path = home / SETTINGS_FILE
    problems: list[dict[str, str]] = []
    values = _merge(_read_file(path, problems), _read_environment(environment, problems))
    values = _merge(values, dict(overrides or {}))
    if values.pop("home", None) is not None:
        problems.append({"path": "home", "problem": "is where the settings file lies"})
    try:
        settings = NodeSettings(home=home, **values)
    except ValidationError as error:
        problems += [
            {"path": _path_of(e["loc"]), "problem": e["msg"].removeprefix("Value error, ")}
            for e in error.errors(include_url=False, include_context=False)
        ]
    if problems:
        raise InvalidSettings(file=str(path), problems=problems)
    return settings


def save_settings(settings: NodeSettings) -> Path:
    """Write the explicitly given settings to `home/node.toml` and return its path."""
    given = settings.model_dump(
        mode="json", exclude_unset=True, exclude_none=True, exclude={"home"}
    )
    path = settings.home / SETTINGS_FILE
    path.write_text(tomlkit.dumps(given), encoding="utf-8")
    return path


def _read_file(path: Path, problems: list[dict[str, str]]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        problems.append({"path": str(path), "problem": "there is no such file"})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append({"path": str(path), "problem": str(error)})
    return {}


def _read_environment(
    environment: Mapping[str, str] | None, problems: list[dict[str, str]]
) -> dict[str, Any]:
    variables = dict(os.environ if environment is None else environment)
    mine = {k: v for k, v in variables.items() if k.upper().startswith(ENVIRONMENT_PREFIX)}
    settable = NodeSettings.model_fields.keys() - {"home"}
    fields = {f"{ENVIRONMENT_PREFIX}{field}".upper(): field for field in settable}
    values: dict[str, Any] = {}
    for variable, text in sorted(mine.items()):
        head, *inner = variable.upper().split("__")
        if head not in fields:
            problems.append({"path": variable, "problem": "there is no such setting"})
            continue
        values = _merge(values, _parse_variable(fields[head], inner, variable, text, problems))
    return values


def _parse_variable(
    field: str, inner: list[str], variable: str, text: str, problems: list[dict[str, str]]
) -> dict[str, Any]:
    """Values of one variable; lists and tables are JSON, as pydantic-settings reads them."""
    if inner:
        value: Any = text
        for key in reversed(inner):
            value = {key.lower(): value}
        return {field: value}
    source = EnvSettingsSource(NodeSettings, env_prefix=ENVIRONMENT_PREFIX)
    info = NodeSettings.model_fields[field]
    try:
        complex_ = source.field_is_complex(info)
        value = source.prepare_field_value(field, info, text, value_is_complex=complex_)
    except (SettingsError, ValueError):
        problems.append({"path": variable, "problem": "must be JSON"})
        return {}
    return {field: value}


def _merge(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Merge tables key by key; anything else is replaced."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        both = isinstance(old, dict) and isinstance(value, dict)
        merged[key] = _merge(old, value) if both else value  # type: ignore[arg-type]
    return merged


def _path_of(location: tuple[int | str, ...]) -> str:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return path.removeprefix(".") or "."
