"""Texts of assets on one chain, and their names between chains (docs/spec/07-bridge.md section 1).

Locally an asset is a short text: `SYMBOL` for the chain's own assets and for the main chain's
coin `ACC`, `<home chain id>:SYMBOL` for every other. Between chains it is `AssetId`.
"""

import re
from functools import lru_cache

from chain_engine.blocks.bridge import AssetId
from chain_engine.ledger.errors import BadAsset
from chain_engine.primitives.limits import HASH_BYTES

MAIN_COIN = "ACC"
"""The main chain's coin, and everywhere else its voucher: no chain can issue another one."""

ASSET_BYTES_MAX = 2 * HASH_BYTES + 1 + 32
"""Longest asset text."""

_SYMBOL = re.compile(r"[A-Z0-9._]{1,32}", re.ASCII)


def is_symbol(symbol: str) -> bool:
    """Whether a text may be an asset's symbol on its home chain."""
    return _SYMBOL.fullmatch(symbol) is not None


@lru_cache(maxsize=4096)
def asset_text(asset: AssetId, chain: bytes, main: bytes) -> str:
    """Return the text of an asset on `chain`, whose main chain is `main`.

    Raises:
        BadAsset: no asset can have this id.
    """
    if len(asset.home) != HASH_BYTES or not is_symbol(asset.symbol):
        raise BadAsset(home=asset.home, symbol=asset.symbol[:40])
    if asset.symbol == MAIN_COIN and asset.home == main:
        return MAIN_COIN
    if asset.home != chain:
        return f"{asset.home.hex()}:{asset.symbol}"
    if asset.symbol == MAIN_COIN:
        raise BadAsset(home=asset.home, symbol=asset.symbol)
    return asset.symbol


@lru_cache(maxsize=4096)
def asset_id(text: str, chain: bytes, main: bytes) -> AssetId:
    """Return the bridge's name of an asset text of `chain`.

    Raises:
        BadAsset: the text is not the one text of any asset.
    """
    home, separator, symbol = text.rpartition(":")
    try:
        origin = bytes.fromhex(home) if separator else chain
    except ValueError:
        raise BadAsset(asset=text[:ASSET_BYTES_MAX]) from None
    if text == MAIN_COIN:
        origin = main
    asset = AssetId(home=origin, symbol=symbol)
    if asset_text(asset, chain, main) != text:
        raise BadAsset(asset=text[:ASSET_BYTES_MAX])
    return asset


def is_voucher_of(asset: AssetId, peer: bytes, chain: bytes, main: bytes) -> bool:
    """Whether units of `asset` on `chain` stand for units locked on `peer`.

    The main chain holds vouchers of a sidechain's own assets; a sidechain, whose only peer is the
    main chain, holds vouchers of everything that is not its own.
    """
    return asset.home == peer if chain == main else asset.home != chain
