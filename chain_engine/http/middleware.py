"""Around every request: its id, its address's tokens, its deadline, its errors, its headers."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware

from chain_engine.http.buckets import TokenBuckets, address_key
from chain_engine.http.connection import Connection
from chain_engine.http.errors import (
    DeadlineExceeded,
    Internal,
    MalformedRequest,
    MethodNotAllowed,
    NoSuchRoute,
)
from chain_engine.http.problem import problem_response
from chain_engine.http.settings import HttpSettings
from chain_engine.primitives.errors import ChainError, LimitExceeded

log = structlog.get_logger(__name__)

REQUEST_ID = web.RequestKey("request_id", str)

Next = Callable[[web.Request], Awaitable[web.StreamResponse]]

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


class Guard:
    """The one middleware of a server."""

    def __init__(
        self,
        settings: HttpSettings,
        buckets: TokenBuckets,
        draw_request_id: Callable[[], str],
    ) -> None:
        """`draw_request_id` gives ids that are unlikely to repeat."""
        self._settings = settings
        self._buckets = buckets
        self._draw_request_id = draw_request_id

    def middleware(self) -> Middleware:
        """The middleware as aiohttp wants it."""

        @web.middleware
        async def around(request: web.Request, handler: Next) -> web.StreamResponse:
            request[REQUEST_ID] = self._draw_request_id()
            if isinstance(request.protocol, Connection):
                request.protocol.has_asked = True
            return await self._answer(request, handler)

        return around

    async def _answer(self, request: web.Request, handler: Next) -> web.StreamResponse:
        identity = request[REQUEST_ID]
        try:
            if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
                return self._preflight(request)
            if not getattr(request.match_info.handler, "meters_itself", False):
                self._buckets.take(address_key(request.remote))
            return await self._within_deadline(request, handler)
        except ChainError as e:
            return problem_response(e, identity)
        except web.HTTPException as e:
            return _translate(e, identity)
        except (ConnectionResetError, asyncio.CancelledError):
            raise
        except Exception:
            log.exception("request_failed", request_id=identity, method=request.method,
                          path=request.path[:200])  # fmt: skip
            return problem_response(Internal(), identity)

    async def _within_deadline(self, request: web.Request, handler: Next) -> web.StreamResponse:
        route = getattr(request.match_info.handler, "route", None)
        if route is not None and not route.has_deadline:
            return await handler(request)
        try:
            async with asyncio.timeout(self._settings.deadline_ms / 1000) as deadline:
                return await handler(request)
        except TimeoutError:
            if not deadline.expired():
                raise
            raise DeadlineExceeded(deadline_ms=self._settings.deadline_ms) from None

    def _preflight(self, request: web.Request) -> web.Response:
        response = web.Response(status=204)
        if self._allowed_origin(request) is not None:
            response.headers["Access-Control-Allow-Methods"] = "GET, POST"
            response.headers["Access-Control-Allow-Headers"] = (
                "Content-Type, If-None-Match, Last-Event-ID"
            )
            response.headers["Access-Control-Max-Age"] = "600"
        return response

    def _allowed_origin(self, request: web.Request) -> str | None:
        origin = request.headers.get("Origin")
        allowed = self._settings.cors_origins
        if origin is None:
            return None
        if "*" in allowed:
            return "*"
        return origin if origin in allowed else None

    async def add_headers(self, request: web.Request, response: web.StreamResponse) -> None:
        """Put the headers on that every answer carries; called before they are sent."""
        headers = response.headers
        for name, value in SECURITY_HEADERS.items():
            headers.setdefault(name, value)
        headers["X-Request-ID"] = request.get(REQUEST_ID, "")
        origin = self._allowed_origin(request)
        if origin is not None:
            headers["Access-Control-Allow-Origin"] = origin
            headers["Access-Control-Expose-Headers"] = "ETag, X-Request-ID, Retry-After"
        if self._settings.cors_origins and "*" not in self._settings.cors_origins:
            headers["Vary"] = "Origin"


def _translate(error: web.HTTPException, identity: str) -> web.Response:
    """An error of aiohttp itself as a problem of ours."""
    match error:
        case web.HTTPNotFound():
            return problem_response(NoSuchRoute(), identity)
        case web.HTTPMethodNotAllowed():
            allowed = sorted(error.allowed_methods)
            response = problem_response(
                MethodNotAllowed(method=error.method, allowed=allowed), identity
            )
            response.headers["Allow"] = ", ".join(allowed)
            return response
        case web.HTTPRequestEntityTooLarge():
            return problem_response(LimitExceeded(reason="body"), identity)
        case web.HTTPClientError():
            return problem_response(MalformedRequest(reason=error.reason), identity)
        case web.HTTPServerError():
            log.error("request_failed", request_id=identity, status=error.status)
            return problem_response(Internal(), identity)
        case _:
            return web.Response(status=error.status, headers=error.headers)
