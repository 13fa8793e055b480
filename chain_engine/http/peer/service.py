"""What the transport needs of a chain: declared here, implemented by the node."""

from pathlib import Path
from typing import Protocol


class PeerService(Protocol):
    """Answers the peers of one chain.

    Raising `ProtocolViolation` counts against the peer; raising `NotReady` asks it to come again.
    """

    async def on_messages(self, peer: bytes, messages: list[bytes]) -> None:
        """Take consensus messages in the order in which they were sent."""
        ...

    async def on_announce(self, peer: bytes, hashes: list[bytes]) -> None:
        """Learn witness hashes of transactions that the peer has."""
        ...

    async def bodies(self, hashes: list[bytes]) -> list[bytes]:
        """Transactions by witness hash: as many items as hashes, empty where it has none."""
        ...

    async def certified_block(self, block_id: bytes) -> bytes | None:
        """Encoded `CertifiedBlock`, or None."""
        ...

    async def certified_blocks(self, from_height: int, count: int) -> list[bytes]:
        """Encoded `CertifiedBlock`s from a height upwards."""
        ...


class PackageSource(Protocol):
    """Files by their SHA-256."""

    def find_package(self, sha256: bytes) -> Path | None:
        """The file, or None."""
        ...
