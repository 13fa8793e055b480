"""The side of the peer transport that asks: one proven session to one peer."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec

from chain_engine.codec.canonical import Malformed, NonCanonical, decode, encode
from chain_engine.crypto.keys import SecretKey
from chain_engine.http.bodies import MSGPACK, outgoing
from chain_engine.http.errors import BadAnswer, PeerUnavailable, PeerUnproven
from chain_engine.http.peer.handshake import (
    HELLO_VERSION,
    NONCE_BYTES,
    TOKEN_BYTES,
    Challenge,
    Hello,
    Session,
    sign_proof,
    verify_challenge,
)
from chain_engine.http.peer.server import HELLO_BYTES_MAX, PREFIX, TOKEN_HEADER
from chain_engine.http.peer.settings import PeerSettings
from chain_engine.http.problem import error_of

ANSWER_OVERHEAD_BYTES = 64 * 1024
"""Room for lengths and errors above the content of an answer."""

_items = msgspec.msgpack.Decoder(list[bytes])


@dataclass(frozen=True, slots=True)
class PeerAddress:
    """A configured peer."""

    url: str
    """Root URL, such as `http://10.0.0.2:8080`."""

    key: bytes
    """Tagged public key that must answer there, 33 bytes."""


class PeerClient:
    """Requests to one peer over persistent connections."""

    def __init__(
        self,
        address: PeerAddress,
        key: SecretKey,
        network: bytes,
        *,
        http: aiohttp.ClientSession,
        settings: PeerSettings,
        draw: Callable[[int], bytes],
    ) -> None:
        """No connection is made before the first request."""
        self.address = address
        self._key = key
        self._network = network
        self._http = http
        self._settings = settings
        self._draw = draw
        self._token: str | None = None
        self._hello_lock = asyncio.Lock()
        self._root = address.url.rstrip("/") + PREFIX

    async def connect(self) -> None:
        """Prove both keys, unless that was done already.

        Raises:
            PeerUnavailable: no answer.
            PeerUnproven: another key answers there, or it refuses ours.
        """
        async with self._hello_lock:
            if self._token is None:
                self._token = await self._shake_hands()

    async def reconnect(self) -> None:
        """Prove both keys anew; see `connect`."""
        async with self._hello_lock:
            self._token = None
            self._token = await self._shake_hands()

    async def _shake_hands(self) -> str:
        hello = Hello(
            version=HELLO_VERSION,
            network=self._network,
            initiator=self._key.public,
            responder=self.address.key,
            nonce=self._draw(NONCE_BYTES),
        )
        answer = await self._once("POST", "/hello", encode(hello), HELLO_BYTES_MAX, {})
        challenge = _unpack(answer, Challenge)
        verify_challenge(hello, challenge)
        proof = sign_proof(self._key, hello, challenge.nonce)
        answer = await self._once("POST", "/hello/proof", encode(proof), HELLO_BYTES_MAX, {})
        session: Session = _unpack(answer, Session)
        if len(session.token) != TOKEN_BYTES:
            raise BadAnswer(reason="token")
        return session.token.hex()

    async def send_messages(self, chain_id: bytes, messages: Sequence[bytes]) -> None:
        """Hand over consensus messages in order."""
        await self._call("POST", f"/{chain_id.hex()}/messages", encode(list(messages)), 0)

    async def announce(self, chain_id: bytes, hashes: Sequence[bytes]) -> None:
        """Tell which transactions are here."""
        path = f"/{chain_id.hex()}/transactions/announce"
        await self._call("POST", path, encode(list(hashes)), 0)

    async def fetch_bodies(self, chain_id: bytes, hashes: Sequence[bytes]) -> list[bytes]:
        """Transactions by witness hash, empty where the peer has none; unverified."""
        path = f"/{chain_id.hex()}/transactions/fetch"
        limit = self._settings.fetch_bytes_max
        items = _items_of(await self._call("POST", path, encode(list(hashes)), limit))
        if len(items) != len(hashes):
            raise BadAnswer(reason="number of transactions", peer=self.address.key)
        return items

    async def fetch_blocks(self, chain_id: bytes, from_height: int, count: int) -> list[bytes]:
        """Encoded certified blocks from a height upwards; unverified, perhaps fewer."""
        path = f"/{chain_id.hex()}/blocks?from={from_height}&count={count}"
        blocks = _items_of(await self._call("GET", path, None, self._settings.blocks_bytes_max))
        if len(blocks) > count:
            raise BadAnswer(reason="more blocks than asked for", peer=self.address.key)
        return blocks

    async def fetch_block(self, chain_id: bytes, block_id: bytes) -> bytes:
        """One encoded certified block; unverified. Raises `NotFound`."""
        path = f"/{chain_id.hex()}/blocks/{block_id.hex()}"
        return await self._call("GET", path, None, self._settings.blocks_bytes_max)

    async def _call(self, method: str, path: str, body: bytes | None, content_max: int) -> bytes:
        """One request in the session; a session that the peer forgot is renewed once."""
        limit = content_max + ANSWER_OVERHEAD_BYTES
        await self.connect()
        used = self._token
        try:
            return await self._once(method, path, body, limit, {TOKEN_HEADER: used or ""})
        except PeerUnproven:
            if self._token == used:
                self._token = None
            await self.connect()
            return await self._once(method, path, body, limit, {TOKEN_HEADER: self._token or ""})

    async def _once(
        self, method: str, path: str, body: bytes | None, bytes_max: int, headers: dict[str, str]
    ) -> bytes:
        try:
            async with self._http.request(
                method,
                self._root + path,
                data=outgoing(body),
                headers=headers | ({"Content-Type": MSGPACK} if body is not None else {}),
                allow_redirects=False,
            ) as response:
                content = await _read(response, bytes_max)
                if response.status in (200, 204):
                    return content
                raise error_of(_problem(content))
        except (aiohttp.ClientError, TimeoutError, OSError) as e:
            reason = f"{type(e).__name__}: {e}"[:200]
            raise PeerUnavailable(peer=self.address.key, reason=reason) from None


async def _read(response: aiohttp.ClientResponse, bytes_max: int) -> bytes:
    parts: list[bytes] = []
    received = 0
    async for part in response.content.iter_any():
        received += len(part)
        if received > bytes_max:
            response.close()
            raise BadAnswer(reason="answer too long", limit=bytes_max)
        parts.append(part)
    return b"".join(parts)


def _problem(content: bytes) -> object:
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return content[:200].decode(errors="replace")


def _items_of(content: bytes) -> list[bytes]:
    try:
        return _items.decode(content)
    except (msgspec.DecodeError, RecursionError) as e:
        raise BadAnswer(reason=str(e)[:200]) from None


def _unpack(content: bytes, kind: Any) -> Any:
    try:
        return decode(content, kind)
    except (Malformed, NonCanonical) as e:
        raise BadAnswer(reason=e.detail[:200]) from None
