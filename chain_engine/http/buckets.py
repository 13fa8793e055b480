"""Token buckets: so many requests at once, so many per second for long. Pure but for the clock."""

import ipaddress
from collections import OrderedDict
from collections.abc import Callable, Hashable
from math import ceil

from chain_engine.http.errors import RateLimited

IPV6_NETWORK_BITS = 64
"""One customer of a provider has at least this much IPv6 space: it counts as one address."""


class TokenBuckets:
    """One bucket for every key; the longest unused is forgotten when there are too many."""

    def __init__(
        self, *, per_s: float, tokens_max: float, keys_max: int, clock: Callable[[], float]
    ) -> None:
        """Every new key starts with a full bucket; `per_s` 0 turns the limit off."""
        self._per_s = per_s
        self._tokens_max = tokens_max
        self._keys_max = keys_max
        self._clock = clock
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: Hashable, cost: float = 1.0) -> None:
        """Take tokens.

        A cost above the bucket's size is taken from a full bucket and leaves a debt.

        Raises:
            RateLimited: the bucket has too few; nothing is taken.
        """
        if self._per_s <= 0:
            return
        now = self._clock()
        tokens, at = self._buckets.get(key, (self._tokens_max, now))
        tokens = min(self._tokens_max, tokens + (now - at) * self._per_s)
        needed = min(cost, self._tokens_max)
        if tokens < needed:
            raise RateLimited(retry_after_s=ceil((needed - tokens) / self._per_s))
        self._buckets[key] = (tokens - cost, now)
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._keys_max:
            self._buckets.popitem(last=False)


def address_key(remote: str | None) -> str:
    """What counts as one address: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        address = ipaddress.ip_address((remote or "").partition("%")[0])
    except ValueError:
        return remote or ""
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, IPV6_NETWORK_BITS), strict=False))
