"""Consensus messages that wait for the driver: a queue per peer, taken in turns.

One queue for all would let a single peer that floods crowd out the votes of every other.
"""

from collections import OrderedDict, deque

PEER_MESSAGES_MAX = 1024
"""Messages of one peer that wait; more are dropped and pulled later."""

PEER_BYTES_MAX = 8 * 1024 * 1024
"""Bytes of them."""


class MessageQueue:
    """Messages by peer; holds nothing for a peer that has none waiting."""

    def __init__(self) -> None:
        """Start empty."""
        self._waiting: OrderedDict[bytes, deque[bytes]] = OrderedDict()
        self._bytes: dict[bytes, int] = {}

    def __len__(self) -> int:
        """Number of waiting messages."""
        return sum(len(own) for own in self._waiting.values())

    def push(self, peer: bytes, data: bytes) -> bool:
        """Append a message; False when this peer has too many waiting."""
        own, size = self._waiting.get(peer), self._bytes.get(peer, 0) + len(data)
        if own is None:
            own = self._waiting[peer] = deque()
        elif len(own) >= PEER_MESSAGES_MAX or size > PEER_BYTES_MAX:
            return False
        own.append(data)
        self._bytes[peer] = size
        return True

    def pop(self) -> tuple[bytes, bytes] | None:
        """The oldest message of the peer whose turn it is, or None."""
        if not self._waiting:
            return None
        peer, own = self._waiting.popitem(last=False)
        data = own.popleft()
        if own:
            self._waiting[peer] = own
            self._bytes[peer] -= len(data)
        else:
            del self._bytes[peer]
        return peer, data
