"""First state of a chain (docs/spec/03-blocks.md section 6)."""

from collections.abc import Mapping

from chain_engine.codec.canonical import encode
from chain_engine.ledger.errors import SupplyExceeded
from chain_engine.ledger.keys import balance_key, supply_key
from chain_engine.primitives.limits import AMOUNT_MAX


def genesis_entries(allocations: Mapping[bytes, Mapping[str, int]]) -> dict[bytes, bytes]:
    """Build the state rows of first holdings: 20-byte account -> asset text -> units.

    Raises:
        SupplyExceeded: more units of an asset than can be counted.
    """
    entries: dict[bytes, bytes] = {}
    supplies: dict[str, int] = {}
    for account, holdings in allocations.items():
        for asset, amount in holdings.items():
            assert amount >= 0, "amounts are checked where they enter"
            if amount:
                entries[balance_key(account, asset)] = encode(amount)
                supplies[asset] = supplies.get(asset, 0) + amount
    for asset, supply in supplies.items():
        if supply > AMOUNT_MAX:
            raise SupplyExceeded(asset=asset, supply=supply)
        entries[supply_key(asset)] = encode(supply)
    return entries
