"""The client of the HTTP API: what the command line, the relayer and the tests use.

Every failure is a `ChainError`: the class of the problem document's code when it is known here,
`RemoteError` when not, `NodeUnreachable` when no answer came.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Self, TypeVar

import aiohttp
import msgspec

import chain_engine.mempool.pool  # noqa: F401 - its refusals come back as their own classes
from chain_engine.blocks.block import Header, block_id
from chain_engine.blocks.bridge import (
    BridgeMessage,
    CommitmentProof,
    PeerCommitment,
    ProvenAck,
    ProvenMessage,
)
from chain_engine.blocks.certificate import Certificate
from chain_engine.blocks.delegates import DelegateSet
from chain_engine.blocks.proofs import TransactionProof
from chain_engine.codec.canonical import decode, encode
from chain_engine.http.answers import (
    Account,
    AckProof,
    EventPage,
    HeaderBundle,
    Json,
    MessageProof,
    SubmitOutcome,
)
from chain_engine.http.bodies import MSGPACK, outgoing
from chain_engine.http.errors import DeadlineExceeded, NodeUnreachable, RemoteError
from chain_engine.http.problem import error_of
from chain_engine.primitives.errors import NotFound

__all__ = [
    "Account",
    "AckProof",
    "ChainClient",
    "EventPage",
    "HeaderBundle",
    "MessageProof",
    "SubmitOutcome",
]

T = TypeVar("T")

ANSWER_BYTES_MAX = 32 * 1024 * 1024
"""Longest answer that is read."""

WAIT_MS_MAX = 20_000
"""Longest wait that is asked for at once."""


class ChainClient:
    """Talks to one chain of one node. An asynchronous context manager."""

    def __init__(self, base_url: str, *, chain: str | None = None, timeout_s: float = 30.0) -> None:
        """`base_url` is the node's root, `chain` a DApp's name or id, None for the main chain."""
        self.base_url = base_url.rstrip("/")
        self.root = self.base_url + "/api/v1"
        self.path = self.root if chain is None else f"{self.root}/chains/{chain}"
        self._timeout_s = timeout_s
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Nothing is sent before the first request."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self.close()

    async def close(self) -> None:
        """Close the connections; the client can be used again."""
        if self._http is not None:
            await self._http.close()
            self._http = None

    def session(self) -> aiohttp.ClientSession:
        """The HTTP session, made at first use inside the running loop."""
        if self._http is None:
            self._http = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        return self._http

    async def status(self) -> Json:
        """Where the chain stands."""
        return await self._get("/status")

    async def chains(self) -> list[Json]:
        """Chains that the node serves."""
        answer = await self._request("GET", self.root + "/chains")
        data: list[Json] = answer["data"]
        return data

    async def header(self, height: int | str = "latest") -> HeaderBundle:
        """Header, certificate and delegates of a height.

        Raises:
            NotFound: the chain is not that high.
        """
        answer = await self._get(f"/headers/{height}")
        header = _unhex(answer["header"], Header)
        sealed = answer["certificate"]
        return HeaderBundle(
            id=block_id(header),
            header=header,
            certificate=None if sealed is None else _unhex(sealed, Certificate),
            delegates=_unhex(answer["delegates"], DelegateSet),
        )

    async def block(self, block: int | str = "latest") -> Json:
        """One block by height, id in hex, or `latest`."""
        return await self._get(f"/blocks/{block}")

    async def blocks(self, *, before: int | None = None, limit: int = 20) -> Json:
        """Blocks, newest first."""
        return await self._get("/blocks", _given(before=before, limit=limit))

    async def block_transactions(self, block: int | str, *, after: int | None = None) -> Json:
        """Transactions of one block."""
        return await self._get(f"/blocks/{block}/transactions", _given(after=after))

    async def delegates(self) -> Json:
        """The set that signs the next block."""
        return await self._get("/delegates")

    async def submit(self, raw: bytes) -> bytes:
        """Offer one transaction; returns its id, or raises what it was refused with."""
        (outcome,) = await self.submit_many([raw])
        if outcome.error is not None:
            raise outcome.error
        assert outcome.id is not None, "an accepted transaction has an id"
        return outcome.id

    async def submit_many(
        self, raws: Sequence[bytes], *, wait_ms: int | None = None
    ) -> list[SubmitOutcome]:
        """Offer up to 1,000 transactions; one outcome each, in order.

        With `wait_ms` the node answers after they are committed, or after that time.
        """
        query = {} if wait_ms is None else {"wait": "committed", "timeout_ms": str(max(1, wait_ms))}
        timeout_s = self._timeout_s + (wait_ms or 0) / 1000
        answer = await self._request(
            "POST", self.path + "/transactions", query, encode(list(raws)), timeout_s=timeout_s
        )
        return [_outcome(item) for item in answer["data"]]

    async def submit_and_wait(self, raw: bytes, *, timeout_ms: int = 30_000) -> SubmitOutcome:
        """Offer one transaction and wait until it is committed.

        Its receipt may still say that it was refused at execution: look at `receipt["code"]`.

        Raises:
            DeadlineExceeded: it is not committed in time; it may be later.
            ChainError: it was refused at the door.
        """
        transaction_id = await self.submit(raw)
        return await self.wait_committed(transaction_id, timeout_ms=timeout_ms)

    async def wait_committed(
        self, transaction_id: bytes, *, timeout_ms: int = 30_000
    ) -> SubmitOutcome:
        """Wait until a transaction is committed.

        Raises:
            DeadlineExceeded: it is not committed in time.
        """
        path = f"{self.path}/transactions/{transaction_id.hex()}/wait"
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout_ms / 1000
        while (left_ms := int((end - loop.time()) * 1000)) > 0:
            timeout_s = self._timeout_s + left_ms / 1000
            item = await self._request(
                "GET", path, {"timeout_ms": str(min(left_ms, WAIT_MS_MAX))}, timeout_s=timeout_s
            )
            outcome = _outcome(item)
            if outcome.height is not None:
                return outcome
        raise DeadlineExceeded(transaction=transaction_id, timeout_ms=timeout_ms)

    async def transaction(self, transaction_id: bytes) -> Json:
        """A committed transaction with its receipt. Raises `NotFound`."""
        return await self._get(f"/transactions/{transaction_id.hex()}")

    async def find_transaction(self, transaction_id: bytes) -> Json | None:
        """A committed transaction, or None."""
        try:
            return await self.transaction(transaction_id)
        except NotFound:
            return None

    async def simulate(self, raw: bytes) -> Json:
        """The receipt that a transaction would get on the committed state."""
        body = msgspec.json.encode({"transaction": raw.hex()})
        return await self._request(
            "POST", self.path + "/transactions/simulate", {}, body, "application/json"
        )

    async def account(self, address: str) -> Account:
        """Nonce and balances; `address` may also be the 20 bytes of the account in hex."""
        answer = await self._get(f"/accounts/{address}")
        balances = {asset: int(units) for asset, units in answer["balances"].items()}
        return Account(nonce=answer["nonce"], balances=balances, details=answer["details"])

    async def account_transactions(
        self, address: str, *, before: int | None = None, limit: int = 20
    ) -> Json:
        """History of an account, newest first."""
        query = _given(before=before, limit=limit)
        return await self._get(f"/accounts/{address}/transactions", query)

    async def prove_state(self, key: bytes, *, height: int | None = None) -> Json:
        """A state entry, or its absence, with its proof under a recent header, or the newest."""
        return await self._get(f"/proofs/state/{key.hex()}", _given(height=height))

    async def prove_transaction(self, transaction_id: bytes) -> TransactionProof:
        """A committed transaction and its receipt under its header's roots; not verified here."""
        answer = await self._get(f"/proofs/transactions/{transaction_id.hex()}")
        return _unhex(answer["proof"], TransactionProof)

    async def prove_message(
        self, peer: bytes, seq: int, *, height: int | None = None
    ) -> MessageProof:
        """A message to `peer` under the header of `height`, the newest if None."""
        answer = await self._get(f"/proofs/messages/{peer.hex()}/{seq}", _given(height=height))
        return MessageProof(
            height=answer["height"],
            entry=_unhex(answer["entry"], ProvenMessage),
            commitment=_unhex(answer["commitment"], CommitmentProof),
        )

    async def prove_ack(self, peer: bytes, seq: int, *, height: int | None = None) -> AckProof:
        """The ack of a message from `peer` under the header of `height`, the newest if None."""
        answer = await self._get(f"/proofs/acks/{peer.hex()}/{seq}", _given(height=height))
        return AckProof(
            height=answer["height"],
            entry=_unhex(answer["entry"], ProvenAck),
            commitment=_unhex(answer["commitment"], CommitmentProof),
        )

    async def commitments(self, *, height: int | None = None) -> list[PeerCommitment]:
        """What the header of a height commits to about every peer chain."""
        answer = await self._get("/commitments", _given(height=height))
        return [_unhex(item["encoded"], PeerCommitment) for item in answer["data"]]

    async def messages(
        self, peer: bytes, *, from_seq: int = 0, limit: int = 100
    ) -> list[BridgeMessage]:
        """Messages to a peer chain in order."""
        query = {"from": str(from_seq), "limit": str(limit)}
        answer = await self._get(f"/messages/{peer.hex()}", query)
        return [_unhex(item["encoded"], BridgeMessage) for item in answer["data"]]

    async def events(
        self, *, after: int = 0, limit: int = 100, name: str | None = None
    ) -> EventPage:
        """Events behind a cursor; see `event_stream.follow_events` for a stream of them."""
        answer = await self._get("/events", _given(after=after, limit=limit, name=name))
        return EventPage(answer["data"], answer["has_more"], int(answer["next_cursor"]))

    async def query(self, name: str, **arguments: object) -> Any:
        """Run a query of a DApp; returns its JSON value."""
        answer = await self._get(f"/queries/{name}", _given(**arguments))
        return answer["data"]

    async def describe_dapp(self) -> Json:
        """Methods and queries of a DApp."""
        return await self._get("/dapp")

    async def _get(self, path: str, query: dict[str, str] | None = None) -> Json:
        return await self._request("GET", self.path + path, query)

    async def _request(
        self,
        method: str,
        url: str,
        query: dict[str, str] | None = None,
        body: bytes | None = None,
        content_type: str = MSGPACK,
        *,
        timeout_s: float | None = None,
    ) -> Json:
        headers = {} if body is None else {"Content-Type": content_type}
        timeout = aiohttp.ClientTimeout(total=timeout_s or self._timeout_s)
        try:
            async with self.session().request(
                method, url, params=query, data=outgoing(body), headers=headers, timeout=timeout
            ) as response:
                content = await _read(response)
                status = response.status
        except (aiohttp.ClientError, TimeoutError, OSError) as e:
            raise NodeUnreachable(url=url, reason=f"{type(e).__name__}: {e}"[:200]) from None
        return _answer(status, content)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    parts: list[bytes] = []
    received = 0
    async for part in response.content.iter_any():
        received += len(part)
        if received > ANSWER_BYTES_MAX:
            response.close()
            raise RemoteError(reason="answer too long", limit=ANSWER_BYTES_MAX)
        parts.append(part)
    return b"".join(parts)


def _answer(status: int, content: bytes) -> Json:
    """The JSON object of a good answer.

    Raises:
        ChainError: what the node answered instead.
    """
    try:
        document = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        text = content[:200].decode(errors="replace")
        raise RemoteError(http_status=status, remote_detail=text) from None
    # the problem of a single transaction that was refused holds its item like any other answer
    is_item = isinstance(document, dict) and "data" in document
    if status != 200 and not is_item:  # noqa: PLR2004 - the one good status of the API
        raise error_of(document)
    if not isinstance(document, dict):
        raise RemoteError(reason="not an object")
    return document


def _given(**values: object) -> dict[str, str]:
    return {name: str(value) for name, value in values.items() if value is not None}


def _unhex(text: str, kind: type[T]) -> T:
    return decode(bytes.fromhex(text), kind)


def _outcome(item: Json) -> SubmitOutcome:
    return SubmitOutcome(
        id=None if item["id"] is None else bytes.fromhex(item["id"]),
        error=None if item["error"] is None else error_of(item["error"]),
        height=item["height"],
        receipt=item["receipt"],
    )
