"""A program: everything a sandbox needs to run one package on one chain."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import msgspec

from sidechain_host.calls import Arguments
from sidechain_host.manifest import Manifest
from sidechain_host.schema import ValueType
from sidechain_host.tables import Index, Table

BALANCES: Final = 0
LOCKS: Final = 1
COUNTERS: Final = 2

_ACCOUNT = ValueType("account")
_ASSET = ValueType("asset")
_AMOUNT = ValueType("u", max=2**63 - 1)
_ID = ValueType("id", min=1, max=2**53 - 1)

SYSTEM_TABLES: Final = (
    Table("$balances", {"account": _ACCOUNT, "asset": _ASSET, "amount": _AMOUNT},
          ("account", "asset")),
    Table("$locks", {"id": _ID, "owner": _ACCOUNT, "asset": _ASSET, "amount": _AMOUNT,
                     "kind": ValueType("text", max=32), "ref": ValueType("text", max=64),
                     "fallback": _ACCOUNT}, ("id",)),
    Table("$counters", {"name": ValueType("text", max=32), "value": _ID}, ("name",)),
)  # fmt: skip
"""Tables of the host: balances lie in the ledger's own rows, locks and counters beside the DApp's.

A lock's units lie in the chain's keyless reserve account; the record says whose they are."""


@dataclass(frozen=True)
class Program:
    """One package, compiled, on one chain."""

    manifest: Manifest
    """Its manifest."""

    factory: str
    """JavaScript source of the factory of fresh instances, made by the compiler."""

    params: Mapping[str, Any]
    """`params` of the package's genesis file."""

    chain_id: bytes
    """The sidechain."""

    main_chain: bytes
    """The main chain."""

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """The host's tables, then the declared ones; sandbox and node count them alike."""
        return (*SYSTEM_TABLES, *self.manifest.build_tables())

    @cached_property
    def arguments(self) -> Arguments:
        """Checks of arguments."""
        return Arguments(self.manifest)

    def setup_request(self, cache_bytes: int) -> bytes:
        """Return the first request to a fresh sandbox."""
        request = {
            "op": "setup",
            "tables": [_table_spec(table) for table in self.tables],
            "entry": self.manifest.entry,
            "withdrawAssets": list(self.manifest.permissions.bridge_withdraw),
            "params": self.params,
            "chain": {"id": self.chain_id.hex(), "main": self.main_chain.hex()},
            "cacheBytes": cache_bytes,
        }
        return msgspec.json.encode(request)


def _table_spec(table: Table) -> dict[str, Any]:
    return {
        "name": table.name,
        "fields": [{"name": name} | _type_spec(kind) for name, kind in table.fields.items()],
        "key": list(table.key),
        "indexes": [_index_spec(index) for index in table.indexes],
        "volatile": table.name == "$balances",
    }


def _index_spec(index: Index) -> dict[str, Any]:
    return {"name": index.name, "fields": list(index.fields), "unique": index.unique}


def _type_spec(kind: ValueType) -> dict[str, Any]:
    exact = kind.kind == "u"
    spec: dict[str, Any] = {
        "kind": kind.kind,
        "optional": kind.optional,
        "min": str(kind.min) if exact else kind.min,
        "max": str(kind.max) if exact else kind.max,
        "values": list(kind.values),
    }
    if kind.items is not None:
        spec["items"] = _type_spec(kind.items)
    return spec
