"""The side of the peer transport that answers."""

import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import msgspec
from aiohttp import web

from chain_engine.codec.canonical import Malformed, NonCanonical, decode, encode
from chain_engine.crypto.keys import SecretKey
from chain_engine.http.bodies import MSGPACK, read_body
from chain_engine.http.buckets import TokenBuckets, address_key
from chain_engine.http.errors import (
    InvalidParameter,
    MalformedRequest,
    ProtocolViolation,
    UnknownParameter,
)
from chain_engine.http.parameters import parse_hash, parse_number
from chain_engine.http.peer.guard import PeerGuard
from chain_engine.http.peer.handshake import Hello, Proof
from chain_engine.http.peer.service import PackageSource, PeerService
from chain_engine.http.peer.sessions import Sessions
from chain_engine.http.peer.settings import PeerSettings
from chain_engine.http.ranges import bytes_response, file_response
from chain_engine.primitives.errors import ChainError, LimitExceeded, NotFound
from chain_engine.primitives.limits import HASH_BYTES

PREFIX = "/p2p/v1"
TOKEN_HEADER = "X-Peer-Session"  # noqa: S105 - the name of a header
HELLO_BYTES_MAX = 1024

_items = msgspec.msgpack.Decoder(list[bytes])
_hashes = msgspec.msgpack.Decoder(
    list[Annotated[bytes, msgspec.Meta(min_length=HASH_BYTES, max_length=HASH_BYTES)]]
)

PeerHandler = Callable[[web.Request, bytes], Awaitable[web.StreamResponse]]


class PeerServer:
    """Serves the peers of every chain of a node."""

    def __init__(
        self,
        key: SecretKey,
        *,
        network: bytes,
        settings: PeerSettings = PeerSettings(),  # noqa: B008 - frozen
        packages: PackageSource | None = None,
        draw: Callable[[int], bytes] = secrets.token_bytes,
        clock: Callable[[], float] = time.monotonic,
        guard: PeerGuard | None = None,
    ) -> None:
        """`guard` is shared with the node's `PeerNetwork`, so that a ban holds both ways."""
        self._settings = settings
        self._packages = packages
        self._guard = guard or PeerGuard(settings, clock)
        self._sessions = Sessions(key, network, settings, draw, clock)
        self._chains: dict[str, PeerService] = {}
        self._addresses: TokenBuckets | None = None

    def add_chain(self, chain_id: bytes, service: PeerService) -> None:
        """Serve a chain from now on."""
        self._chains[chain_id.hex()] = service

    def remove_chain(self, chain_id: bytes) -> None:
        """Stop serving a chain."""
        self._chains.pop(chain_id.hex(), None)

    def attach(self, application: web.Application, addresses: TokenBuckets) -> None:
        """Add the transport's resources; `addresses` meters whoever has no session."""
        self._addresses = addresses
        router, chain = application.router, PREFIX + "/{chain}"
        router.add_post(PREFIX + "/hello", self._open_to_all(self._hello))
        router.add_post(PREFIX + "/hello/proof", self._open_to_all(self._proof))
        router.add_get(PREFIX + "/packages/{hash}", self._open_to_all(self._package))
        router.add_get(chain + "/blocks/{id}", self._open_to_all(self._block))
        router.add_post(chain + "/messages", self._for_peers(self._messages))
        router.add_post(chain + "/transactions/announce", self._for_peers(self._announce))
        router.add_post(chain + "/transactions/fetch", self._for_peers(self._fetch))
        router.add_get(chain + "/blocks", self._for_peers(self._blocks))

    def _open_to_all(
        self, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def endpoint(request: web.Request) -> web.StreamResponse:
            _verify_parameters(request, ())
            return await handler(request)

        return endpoint

    def _for_peers(
        self, handler: PeerHandler
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def endpoint(request: web.Request) -> web.StreamResponse:
            try:
                peer = self._sessions.peer_of(request.headers.get(TOKEN_HEADER))
            except ChainError:
                if self._addresses is not None:
                    self._addresses.take(address_key(request.remote))
                raise
            self._guard.verify_allowed(peer)
            self._guard.take(peer)
            try:
                return await handler(request, peer)
            except (ProtocolViolation, LimitExceeded, MalformedRequest) as e:
                if self._guard.strike(peer, e.detail):
                    self._sessions.close(peer)
                raise

        endpoint.meters_itself = True  # type: ignore[attr-defined]
        return endpoint

    def _service(self, request: web.Request) -> PeerService:
        text = request.match_info["chain"]
        service = self._chains.get(text)
        if service is None:
            raise NotFound(chain=text[: 2 * HASH_BYTES])
        return service

    async def _hello(self, request: web.Request) -> web.Response:
        hello = await _read_struct(request, Hello)
        self._guard.verify_allowed(hello.initiator)
        return _packed(self._sessions.challenge(hello))

    async def _proof(self, request: web.Request) -> web.Response:
        proof = await _read_struct(request, Proof)
        _, session = self._sessions.open(proof)
        return _packed(session)

    async def _messages(self, request: web.Request, peer: bytes) -> web.Response:
        _verify_parameters(request, ())
        service, settings = self._service(request), self._settings
        body = await read_body(request, settings.batch_bytes_max)
        messages = _decode_items(_items, body, settings.batch_messages_max)
        await service.on_messages(peer, messages)
        return web.Response(status=204)

    async def _announce(self, request: web.Request, peer: bytes) -> web.Response:
        _verify_parameters(request, ())
        count_max = self._settings.announce_hashes_max
        hashes = await self._read_hashes(request, count_max)
        await self._service(request).on_announce(peer, hashes)
        return web.Response(status=204)

    async def _fetch(self, request: web.Request, _peer: bytes) -> web.Response:
        _verify_parameters(request, ())
        hashes = await self._read_hashes(request, self._settings.fetch_hashes_max)
        found = await self._service(request).bodies(hashes)
        assert len(found) == len(hashes), "one item for every hash"
        left = self._settings.fetch_bytes_max
        for index, body in enumerate(found):
            left -= len(body)
            if left < 0:
                found[index:] = [b""] * (len(found) - index)
                break
        return _packed(found)

    async def _read_hashes(self, request: web.Request, count_max: int) -> list[bytes]:
        body = await read_body(request, count_max * (HASH_BYTES + 2) + 8)
        return _decode_items(_hashes, body, count_max)

    async def _blocks(self, request: web.Request, _peer: bytes) -> web.Response:
        _verify_parameters(request, ("from", "count"))
        start = parse_number("from", request.query.get("from", ""))
        count = parse_number("count", request.query.get("count", ""))
        limit = self._settings.blocks_max
        if not 1 <= count <= limit:
            raise InvalidParameter(parameter="count", reason=f"1 to {limit}")
        blocks = await self._service(request).certified_blocks(start, count)
        return _packed(fitting(blocks, self._settings.blocks_bytes_max))

    async def _block(self, request: web.Request) -> web.Response:
        identity = parse_hash("id", request.match_info["id"])
        content = await self._service(request).certified_block(identity)
        if content is None:
            raise NotFound(block=identity)
        return bytes_response(request, identity.hex(), content)

    async def _package(self, request: web.Request) -> web.StreamResponse:
        identity = parse_hash("hash", request.match_info["hash"])
        path = None if self._packages is None else self._packages.find_package(identity)
        if path is None:
            raise NotFound(package=identity)
        return await file_response(request, identity.hex(), path)


def fitting(items: list[bytes], bytes_max: int) -> list[bytes]:
    """The first items whose sum is at most `bytes_max`; at least one if there is any."""
    total = 0
    for index, item in enumerate(items):
        total += len(item)
        if total > bytes_max and index:
            return items[:index]
    return items


def _packed(value: Any) -> web.Response:
    return web.Response(body=encode(value), content_type=MSGPACK)


async def _read_struct(request: web.Request, kind: Any) -> Any:
    body = await read_body(request, HELLO_BYTES_MAX)
    try:
        return decode(body, kind)
    except (Malformed, NonCanonical) as e:
        raise MalformedRequest(reason=e.detail[:200]) from None


def _decode_items(
    decoder: "msgspec.msgpack.Decoder[list[bytes]]", body: bytes, count_max: int
) -> list[bytes]:
    try:
        items = decoder.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError) as e:
        raise ProtocolViolation(reason=str(e)[:200]) from None
    if len(items) > count_max:
        raise LimitExceeded(items=len(items), limit=count_max)
    return items


def _verify_parameters(request: web.Request, known: tuple[str, ...]) -> None:
    for name in request.query:
        if name not in known:
            raise UnknownParameter(parameter=name[:64], known=list(known))
