"""One accepted connection: closed when there are too many, or when nothing sensible comes in."""

import asyncio
import secrets

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from chain_engine.http.errors import MalformedRequest
from chain_engine.http.problem import problem_response
from chain_engine.http.settings import HttpSettings

REASON_CHARACTERS_MAX = 200


class Connection(RequestHandler):
    """aiohttp's connection with this server's limits."""

    __slots__ = ("_server", "_settings", "_silence", "has_asked")

    def __init__(self, server: web.Server, settings: HttpSettings) -> None:
        """`has_asked` is set by the middleware when a whole request has come in."""
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=settings.keep_alive_s,
            max_line_size=settings.header_bytes_max,
            max_field_size=settings.header_bytes_max,
            max_headers=settings.headers_max,
            auto_decompress=False,
            access_log=None,  # type: ignore[arg-type]
        )
        self._server = server
        self._settings = settings
        self._silence: asyncio.TimerHandle | None = None
        self.has_asked = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Accept it, unless there are too many."""
        super().connection_made(transport)
        if len(self._server.connections) > self._settings.connections_max:
            self.force_close()
            return
        loop = asyncio.get_running_loop()
        self._silence = loop.call_later(self._settings.first_request_s, self._end_silence)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Forget the deadline."""
        if self._silence is not None:
            self._silence.cancel()
        super().connection_lost(exc)

    def _end_silence(self) -> None:
        if not self.has_asked:
            self.force_close()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what is no HTTP with a problem as well; a bug goes aiohttp's way, to its log."""
        if not isinstance(exc, web.HTTPException) and status == MalformedRequest.status:
            reason = (message or "not HTTP").splitlines()[0][:REASON_CHARACTERS_MAX]
            response = problem_response(MalformedRequest(reason=reason), secrets.token_hex(8))
            response.force_close()
            return response
        return super().handle_error(request, status, exc, message)
