"""Recomputing from state what must hold about supply (docs/spec/07-bridge.md section 10).

One chain: balances + escrows = supply, per asset. Two chains: what one holds in escrow for the
other = the vouchers there + what is in flight, exactly.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from chain_engine.blocks.bridge import AssetId
from chain_engine.codec.canonical import Struct, decode_unchecked
from chain_engine.ledger.assets import MAIN_COIN, asset_id, asset_text, is_voucher_of
from chain_engine.ledger.bridge.errors import UnknownChain
from chain_engine.ledger.bridge.send import settling_share
from chain_engine.ledger.bridge.tallies import TALLY_MODULUS
from chain_engine.ledger.errors import SupplyBroken
from chain_engine.ledger.keys import (
    BALANCES,
    ESCROWS,
    SUPPLIES,
    end_of,
    escrow_key,
    peer_key,
    pending_key,
    supply_key,
    tally_key,
)
from chain_engine.ledger.records import NO_TALLY, PeerRecord, PendingMessage, Tally
from chain_engine.primitives.limits import ACCOUNT_BYTES, HASH_BYTES
from chain_engine.state.view import StateView

S = TypeVar("S", bound=Struct)

PAGE_ROWS = 4096
"""Rows read at once."""


@dataclass(frozen=True, slots=True)
class Audit:
    """Sums of one chain's state, units by asset text."""

    supply: Mapping[str, int]
    """Units that exist."""

    free: Mapping[str, int]
    """Units in accounts, keyless ones included."""

    escrows: Mapping[tuple[bytes, str], int]
    """Units locked, by peer chain id and asset."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """One asset between its escrow on one chain and its vouchers on the other."""

    asset: AssetId
    """The asset."""

    escrow: int
    """Units locked on the side that backs it."""

    vouchers: int
    """Units in circulation on the other side."""

    in_flight: int
    """Units sent and not received, or refused and not yet refunded."""


def audit(view: StateView) -> Audit:
    """Add up a chain's state and check that no unit came from nowhere or was lost.

    Raises:
        SupplyBroken: balances and escrows of an asset are not its supply, or one is negative.
    """
    free: Counter[str] = Counter()
    escrowed: Counter[str] = Counter()
    escrows: dict[tuple[bytes, str], int] = {}
    for key, amount in _amounts(view, BALANCES):
        free[_asset_behind(key, ACCOUNT_BYTES)] += amount
    for key, amount in _amounts(view, ESCROWS):
        asset = _asset_behind(key, HASH_BYTES)
        escrowed[asset] += amount
        escrows[key[1 : 1 + HASH_BYTES], asset] = amount
    supply = {_asset_behind(key, 0): amount for key, amount in _amounts(view, SUPPLIES)}
    for asset in sorted(supply.keys() | free.keys() | escrowed.keys()):
        held = free[asset] + escrowed[asset]
        if held != supply.get(asset, 0):
            raise SupplyBroken(asset=asset, supply=supply.get(asset, 0), held=held)
    return Audit(supply=supply, free=dict(free), escrows=escrows)


def audit_pair(main: StateView, main_id: bytes, side: StateView, side_id: bytes) -> list[Crossing]:
    """Check escrow = vouchers + in flight for every asset between main chain and sidechain.

    Exact for any two committed states of honest chains, whatever was relayed so far.

    Raises:
        UnknownChain: the two are no peers.
        SupplyBroken: escrow and vouchers differ by more than what is in flight.
    """
    ends = (_End(main, main_id, main_id, side_id), _End(side, side_id, main_id, main_id))
    assets = {asset for end in ends for asset in end.assets()}
    crossings: list[Crossing] = []
    for asset in sorted(assets, key=lambda a: (a.home, a.symbol)):
        is_backed_by_side = is_voucher_of(asset, side_id, main_id, main_id)
        backing, issuing = reversed(ends) if is_backed_by_side else ends
        in_flight = _in_flight(backing, issuing, asset) + _in_flight(issuing, backing, asset)
        crossing = Crossing(asset, backing.escrow(asset), issuing.supply(asset), in_flight)
        if crossing.escrow != crossing.vouchers + crossing.in_flight:
            raise SupplyBroken(
                asset=backing.text(asset),
                escrow=crossing.escrow,
                vouchers=crossing.vouchers,
                in_flight=crossing.in_flight,
            )
        crossings.append(crossing)
    return crossings


class _End:
    """One of two chains, seen from the bridge between them."""

    def __init__(self, view: StateView, chain: bytes, main: bytes, peer: bytes) -> None:
        self.view, self.chain, self.main, self.peer = view, chain, main, peer
        record = _find(view, peer_key(peer), PeerRecord)
        if record is None:
            raise UnknownChain(chain=peer)
        self.record = record

    def text(self, asset: AssetId) -> str:
        return asset_text(asset, self.chain, self.main)

    def assets(self) -> Iterator[AssetId]:
        """Every asset that has or may have units on the other side."""
        for key, _ in _amounts(self.view, ESCROWS + self.peer):
            yield asset_id(_asset_behind(key, HASH_BYTES), self.chain, self.main)
        for key, _ in _amounts(self.view, SUPPLIES):
            asset = asset_id(_asset_behind(key, 0), self.chain, self.main)
            if is_voucher_of(asset, self.peer, self.chain, self.main):
                yield asset
        for _, pending in self.pending(0):
            yield pending.asset

    def escrow(self, asset: AssetId) -> int:
        return _amount(self.view, escrow_key(self.peer, self.text(asset)))

    def supply(self, asset: AssetId) -> int:
        return _amount(self.view, supply_key(self.text(asset)))

    def tally(self, asset: AssetId) -> Tally:
        return _find(self.view, tally_key(self.peer, self.text(asset)), Tally) or NO_TALLY

    def pending(self, from_seq: int) -> Iterator[tuple[int, PendingMessage]]:
        """Own messages that are not settled, from a seq on."""
        for seq in range(max(from_seq, self.record.settle_next), self.record.outbox.size):
            pending = _find(self.view, pending_key(self.peer, seq), PendingMessage)
            if pending is None:
                raise SupplyBroken(chain=self.chain, missing_message=seq)
            yield seq, pending


def _in_flight(source: _End, destination: _End, asset: AssetId) -> int:
    """Units on the way to `destination`, and refused there but not refunded at `source` yet."""
    units = 0
    main_coin = AssetId(home=source.main, symbol=MAIN_COIN)
    for _, pending in source.pending(destination.record.inbox_next):
        if pending.asset == asset:
            units += pending.amount
        if asset == main_coin:
            units += pending.fee - settling_share(pending.fee)
    refused, refunded = destination.tally(asset).refused, source.tally(asset).refunded
    return units + (refused - refunded) % TALLY_MODULUS


def _amounts(view: StateView, prefix: bytes) -> Iterator[tuple[bytes, int]]:
    start, end = prefix, _end_of_any(prefix)
    while rows := view.scan(start, end, limit=PAGE_ROWS):
        for key, raw in rows:
            amount = decode_unchecked(raw, int)
            if amount <= 0:
                raise SupplyBroken(key=key, amount=amount)
            yield key, amount
        start = rows[-1][0] + b"\0"


def _end_of_any(prefix: bytes) -> bytes:
    """Smallest key above a prefix that may end in 0xff bytes."""
    return end_of(prefix.rstrip(b"\xff"))


def _asset_behind(key: bytes, skipped: int) -> str:
    return key[1 + skipped :].decode()


def _amount(view: StateView, key: bytes) -> int:
    raw = view.get(key)
    return 0 if raw is None else decode_unchecked(raw, int)


def _find(view: StateView, key: bytes, kind: type[S]) -> S | None:
    raw = view.get(key)
    return None if raw is None else decode_unchecked(raw, kind)
