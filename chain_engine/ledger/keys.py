"""State keys: the first byte names the space (docs/spec/11-main-chain.md section 1).

One layout on all chains, so that an account's control record or balance can be proven anywhere.
The spaces `d` and `i` belong to a DApp's rows and indexes and are written by its executor only.
"""

from functools import lru_cache

ACCOUNTS = b"a"
BALANCES = b"b"
SUPPLIES = b"s"
PEERS = b"p"
LIGHT_CLIENTS = b"l"
PENDING = b"m"
ESCROWS = b"e"
TALLIES = b"t"
VOUCHERS = b"v"
CHAINS = b"c"
CHAIN_NAMES = b"n"
DAPP_ROWS = b"d"
DAPP_INDEXES = b"i"

encode_asset = lru_cache(maxsize=4096)(str.encode)
"""UTF-8 bytes of an asset text."""


def end_of(prefix: bytes) -> bytes:
    """Return the smallest key above all keys with this prefix."""
    head = prefix.rstrip(b"\xff")
    assert head, "there is no key above all ones"
    return head[:-1] + bytes([head[-1] + 1])


def account_key(account: bytes) -> bytes:
    """Key of an account's record."""
    return b"a" + account


def balance_key(account: bytes, asset: str) -> bytes:
    """Key of what an account holds of one asset."""
    return b"b" + account + encode_asset(asset)


def supply_key(asset: str) -> bytes:
    """Key of the units of an asset that exist on this chain."""
    return b"s" + encode_asset(asset)


def peer_key(peer: bytes) -> bytes:
    """Key of the bridge state towards a peer chain."""
    return b"p" + peer


def light_client_key(peer: bytes) -> bytes:
    """Key of the newest certified header of a peer chain."""
    return b"l" + peer


def pending_key(peer: bytes, seq: int) -> bytes:
    """Key of a message that was sent and not settled yet."""
    return b"m" + peer + seq.to_bytes(8, "big")


def escrow_key(peer: bytes, asset: str) -> bytes:
    """Key of the units of an asset locked here while they circulate on a peer chain."""
    return b"e" + peer + encode_asset(asset)


def tally_key(peer: bytes, asset: str) -> bytes:
    """Key of the sums of refused and refunded units, per peer and asset."""
    return b"t" + peer + encode_asset(asset)


def vouchers_key(peer: bytes) -> bytes:
    """Key of the list of a peer's assets in circulation here."""
    return b"v" + peer


def chain_key(chain: bytes) -> bytes:
    """Key of a registered chain's record (main chain)."""
    return b"c" + chain


def chain_name_key(name: str) -> bytes:
    """Key of the chain id behind a registered name (main chain)."""
    return b"n" + name.encode("ascii")
