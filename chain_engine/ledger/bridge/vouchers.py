"""Moving value across the bridge: lock or burn on the way out, unlock or mint on the way in.

A voucher going home is burned, everything else is locked in the escrow of the peer it goes to; the
other side does the reverse. So all units abroad stay covered, and a peer can never take out more
than was sent to it.
"""

from chain_engine.blocks.bridge import AssetId
from chain_engine.codec.canonical import Struct, encode
from chain_engine.crypto.merkle import merkle_root
from chain_engine.ledger.assets import asset_id, asset_text, is_voucher_of
from chain_engine.ledger.balances import burn, lock, mint, supply_of, unlock
from chain_engine.ledger.bridge.errors import TooManyAssets
from chain_engine.ledger.keys import vouchers_key
from chain_engine.ledger.ledger import Ledger

VOUCHER_ASSETS_MAX = 1024
"""Different assets of one peer in circulation here at a time."""


def text_of(ledger: Ledger, asset: AssetId) -> str:
    """Text of an asset on the ledger's chain.

    Raises:
        BadAsset: no asset can have this id.
    """
    return asset_text(asset, ledger.context.chain_id, ledger.main_chain)


def send_value(ledger: Ledger, peer: bytes, asset: str, amount: int, sender: bytes) -> None:
    """Take units of an account out of circulation here, for the peer to release.

    Raises:
        BadAsset: the text names no asset.
        InsufficientFunds: the account holds less.
    """
    if not amount:
        return
    if _is_voucher(ledger, asset, peer):
        burn(ledger, sender, asset, amount)
        _list_voucher(ledger, peer, asset)
    else:
        lock(ledger, sender, asset, amount, peer)


def release_value(ledger: Ledger, peer: bytes, asset: str, amount: int, recipient: bytes) -> None:
    """Put units that left the peer, or never arrived there, into an account here.

    Raises:
        BadAsset: the text names no asset.
        EscrowExceeded: the peer asks for more than is locked for it.
        SupplyExceeded: the vouchers would be more than can be counted.
        TooManyAssets: the peer has the most different assets here already.
    """
    if not amount:
        return
    if _is_voucher(ledger, asset, peer):
        _verify_room(ledger, peer, asset)
        mint(ledger, recipient, asset, amount)
        _list_voucher(ledger, peer, asset)
    else:
        unlock(ledger, recipient, asset, amount, peer)


def vouchers_of(ledger: Ledger, peer: bytes) -> list[tuple[str, int]]:
    """Assets of a peer in circulation here with their units, ascending by text."""
    return [(asset, supply_of(ledger, asset)) for asset in _listed(ledger, peer)]


def vouchers_root(ledger: Ledger, peer: bytes) -> bytes:
    """RFC 6962 root over the encoded (asset id, units) of a peer's assets in circulation here."""
    chain = ledger.context.chain_id
    return merkle_root(
        [
            encode((asset_id(asset, chain, ledger.main_chain), units))
            for asset, units in vouchers_of(ledger, peer)
        ]
    )


def _is_voucher(ledger: Ledger, asset: str, peer: bytes) -> bool:
    chain = ledger.context.chain_id
    return is_voucher_of(asset_id(asset, chain, ledger.main_chain), peer, chain, ledger.main_chain)


class _VoucherList(Struct, frozen=True):
    assets: tuple[str, ...]


def _listed(ledger: Ledger, peer: bytes) -> tuple[str, ...]:
    stored = ledger.record(vouchers_key(peer), _VoucherList)
    return stored.assets if stored else ()


def _verify_room(ledger: Ledger, peer: bytes, asset: str) -> None:
    listed = _listed(ledger, peer)
    if len(listed) >= VOUCHER_ASSETS_MAX and asset not in listed:
        raise TooManyAssets(limit=VOUCHER_ASSETS_MAX)


def _list_voucher(ledger: Ledger, peer: bytes, asset: str) -> None:
    """Keep the list of assets in circulation in step with their supplies."""
    ledger.voucher_peers.add(peer)
    listed = set(_listed(ledger, peer))
    if supply_of(ledger, asset):
        listed.add(asset)
    else:
        listed.discard(asset)
    ledger.put(vouchers_key(peer), _VoucherList(tuple(sorted(listed))) if listed else None)
