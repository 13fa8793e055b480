"""Calls of contract methods: the transaction kind `dapp.call`, and arguments checked by schema."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from chain_engine.blocks.block import Event
from chain_engine.blocks.transaction import SignedTransaction
from chain_engine.codec.canonical import Struct
from chain_engine.ledger.kinds.kind import Kind
from chain_engine.ledger.ledger import Ledger
from chain_engine.primitives.errors import ChainError
from sidechain_host import limits
from sidechain_host.manifest import Manifest
from sidechain_host.schema import Problem, ValueType, fields_to_wire

DAPP_CALL = "dapp.call"

_encoder = msgspec.json.Encoder(order="deterministic")


class BadArguments(ChainError):
    """Arguments do not fit the method's or query's schema."""

    code = "ARG"
    title = "The arguments do not fit the schema."
    fix = "Correct every entry of `problems`; the chain's description holds the schema."
    status = 422


class UnknownMethod(ChainError):
    """The DApp has no such method or query."""

    code = "UNKNOWN_METHOD"
    title = "The DApp has no such method."
    fix = "See the chain's description for its methods and queries."
    status = 404


class CallPayload(Struct, frozen=True):
    """Payload of `dapp.call`."""

    method: str
    """Name of a method that the manifest declares."""

    arguments: str
    """Canonical JSON text of the arguments: no spaces, keys ascending, amounts decimal strings."""


class Arguments:
    """Checks the arguments of one DApp's methods and queries."""

    def __init__(self, manifest: Manifest) -> None:
        """Take the schemas from the manifest."""
        self._methods: Mapping[str, Mapping[str, ValueType]] = {
            name: spec.arguments for name, spec in manifest.methods.items()
        }
        self._queries: Mapping[str, Mapping[str, ValueType]] = {
            name: spec.arguments for name, spec in manifest.queries.items()
        }
        self.of_method = lru_cache(maxsize=8192)(self._of_method)
        """(method, canonical JSON) -> tagged JSON for the sandbox. Cached: a call is checked when
        it is admitted and again when it is executed."""

    def _of_method(self, method: str, arguments: str) -> msgspec.Raw:
        """Check the arguments of a method.

        Raises:
            UnknownMethod: the manifest declares no such method.
            BadArguments: with every problem.
        """
        schema = self._methods.get(method)
        if schema is None:
            raise UnknownMethod(method=method[:64])
        raw = arguments.encode("utf-8", "replace")
        if len(raw) > limits.ARGUMENTS_BYTES_MAX:
            raise BadArguments(reason="too long", limit=limits.ARGUMENTS_BYTES_MAX)
        try:
            value = msgspec.json.decode(raw)
        except (msgspec.DecodeError, RecursionError) as e:
            raise BadArguments(reason=f"not JSON: {e}") from None
        if encode_arguments(value) != arguments:
            raise BadArguments(reason="not canonical JSON: no spaces, keys ascending, each once")
        return _checked(value, schema)

    def of_query(self, query: str, texts: Mapping[str, str]) -> msgspec.Raw:
        """Check the arguments of a query, which come as texts.

        Raises:
            UnknownMethod: the manifest declares no such query.
            BadArguments: with every problem.
        """
        schema = self._queries.get(query)
        if schema is None:
            raise UnknownMethod(query=query[:64])
        values = {name: _of_text(text, schema.get(name)) for name, text in texts.items()}
        return _checked(values, schema)


def encode_arguments(value: Any) -> str:
    """Return the canonical JSON text of arguments."""
    return _encoder.encode(value).decode()


def call_kind(arguments: Arguments) -> Kind:
    """Build the kind `dapp.call` of one DApp."""

    def verify(payload: CallPayload) -> None:
        arguments.of_method(payload.method, payload.arguments)

    return Kind(DAPP_CALL, CallPayload, verify, _never_native, check=_no_check)


def _never_native(
    _ledger: Ledger, _signed: SignedTransaction, _payload: CallPayload
) -> tuple[Event, ...]:
    raise AssertionError("a contract call runs in the sandbox")


def _no_check(_ledger: Ledger, _signed: SignedTransaction, _payload: CallPayload) -> None:
    """Whether the contract would refuse is found out by simulating, not by admission."""


def _checked(value: Any, schema: Mapping[str, ValueType]) -> msgspec.Raw:
    problems: list[Problem] = []
    wire = fields_to_wire(value, schema, "", problems)
    if problems:
        listed = [{"path": p.path, "reason": p.reason, "fix": p.fix} for p in problems[:20]]
        raise BadArguments(problems=listed)
    return msgspec.Raw(msgspec.json.encode(wire))


def _of_text(text: str, kind: ValueType | None) -> Any:
    """Turn an address's text into the JSON value its type expects; anything else stays a text."""
    if kind is not None and kind.kind in ("int", "id") and text.isascii() and text.isdecimal():
        return int(text) if len(text) < len(str(limits.INTEGER_MAX)) + 1 else text
    if kind is not None and kind.kind == "bool":
        return {"true": True, "false": False}.get(text, text)
    return text
