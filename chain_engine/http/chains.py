"""What the API needs to know about a chain: declared here, implemented by whoever runs one."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from chain_engine.blocks.block import Receipt
from chain_engine.http.chain_reader import ChainReader, ReceiptPlace
from chain_engine.primitives.errors import ChainError


@dataclass(frozen=True, slots=True)
class SubmitResult:
    """What became of one submitted transaction at the door."""

    id: bytes | None
    """Transaction id; None when the bytes are no transaction of this chain."""

    error: ChainError | None
    """Why it was refused; None when it waits in the pool or is committed already."""


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """An account in the committed state."""

    nonce: int
    """Nonce that its next transaction must carry."""

    balances: Mapping[str, int]
    """Units by asset; assets it does not hold are left out."""

    details: Mapping[str, Any] = field(default_factory=dict)
    """Whatever else the chain tells about an account, as JSON values."""


class ChainService(Protocol):
    """One running chain."""

    @property
    def chain_id(self) -> bytes:
        """Id of its genesis block, 32 bytes."""
        ...

    @property
    def name(self) -> str:
        """Its name on the main chain: `main`, or what it was registered under."""
        ...

    @property
    def store(self) -> ChainReader:
        """Its committed data."""
        ...

    async def submit(self, raws: Sequence[bytes]) -> list[SubmitResult]:
        """Offer encoded transactions to the pool; one result each, in order.

        A transaction that is waiting or committed already is accepted again.
        """
        ...

    async def wait_committed(self, transaction_id: bytes, timeout_ms: int) -> ReceiptPlace | None:
        """Wait until a transaction is committed; None when it is not within `timeout_ms`."""
        ...

    async def wait_above(self, height: int) -> int:
        """Wait until the chain is higher than `height`; returns the new height."""
        ...

    async def simulate(self, raw: bytes) -> Receipt:
        """Receipt that a transaction would get on top of the committed state."""
        ...

    def account(self, account: bytes) -> AccountSummary:
        """An account; one that was never used has nonce 0 and no balance."""
        ...

    def status(self) -> Mapping[str, Any]:
        """What else is to tell: peers, pool, progress; JSON values."""
        ...


class DAppService(ChainService, Protocol):
    """A chain that runs a DApp."""

    async def query(self, name: str, arguments: Mapping[str, str]) -> str:
        """Run a query; arguments are the texts of the URL. Returns JSON text.

        Raises:
            NotFound: no such query.
        """
        ...

    def describe(self) -> Mapping[str, Any]:
        """Methods and queries of the manifest as JSON values (docs/spec/10-api.md section 6)."""
        ...


class CommitSignal:
    """Lets any number of readers wait for the next block, without a queue for each."""

    def __init__(self, height: int = 0) -> None:
        """Start at a height."""
        self.height = height
        self._changed = asyncio.Event()

    def publish(self, height: int) -> None:
        """A block was committed: wake everybody who waits."""
        self.height = height
        woken, self._changed = self._changed, asyncio.Event()
        woken.set()

    async def wait_above(self, height: int) -> int:
        """Wait until the height is above `height`; may be cancelled."""
        while self.height <= height:
            await self._changed.wait()
        return self.height


class ChainDirectory:
    """The chains this node serves: the main chain and any number of DApps."""

    def __init__(self, main: ChainService | None = None) -> None:
        """Start with the main chain, or without one (a node that serves DApps only)."""
        self.main = main
        self._chains: dict[bytes, ChainService] = {}
        if main is not None:
            self.add(main)

    def add(self, service: ChainService) -> None:
        """Serve a chain from now on."""
        self._chains[service.chain_id] = service

    def remove(self, chain_id: bytes) -> None:
        """Stop serving a chain; unknown ones are ignored."""
        self._chains.pop(chain_id, None)

    def find(self, name_or_id: str) -> ChainService | None:
        """A chain by its name or by its id in lower-case hex."""
        for service in self._chains.values():
            if name_or_id in (service.name, service.chain_id.hex()):
                return service
        return None

    def all(self) -> list[ChainService]:
        """Every chain in the order in which they were added."""
        return list(self._chains.values())
