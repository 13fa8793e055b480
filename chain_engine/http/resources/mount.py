"""The same resources stand under the main chain's path and under every DApp's."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from pydantic import BaseModel

from chain_engine.http.chains import ChainDirectory, ChainService
from chain_engine.http.routes import Call, Handler, Route
from chain_engine.primitives.errors import NotFound

API = "/api/v1"

ChainHandler = Callable[[ChainService, Call], Awaitable[BaseModel | web.StreamResponse]]


class Mount:
    """Where a set of chain resources stands and how a request names its chain."""

    def __init__(
        self, prefix: str, name_suffix: str, find_chain: Callable[[Call], ChainService]
    ) -> None:
        """`name_suffix` keeps operation ids apart."""
        self._prefix = prefix
        self._name_suffix = name_suffix
        self._find_chain = find_chain

    def get(self, path: str, name: str, handler: ChainHandler, **more: Any) -> Route:
        """A resource to read; its summary is the handler's docstring."""
        return self._route("GET", path, name, handler, more)

    def post(self, path: str, name: str, handler: ChainHandler, **more: Any) -> Route:
        """A resource to send to; its summary is the handler's docstring."""
        return self._route("POST", path, name, handler, more)

    def _route(
        self, method: str, path: str, name: str, handler: ChainHandler, more: dict[str, Any]
    ) -> Route:
        assert handler.__doc__, f"{name} needs a docstring"
        return Route(
            method=method,
            path=self._prefix + path,
            summary=handler.__doc__.splitlines()[0].rstrip("."),
            name=name + self._name_suffix,
            handler=self._bind(handler),
            **more,
        )

    def _bind(self, handler: ChainHandler) -> Handler:
        async def bound(call: Call) -> BaseModel | web.StreamResponse:
            return await handler(self._find_chain(call), call)

        return bound


def main_mount(chains: ChainDirectory) -> Mount:
    """The main chain at the top."""

    def find(_call: Call) -> ChainService:
        if chains.main is None:
            raise NotFound(chain="main")
        return chains.main

    return Mount(API, "", find)


def chain_mount(chains: ChainDirectory) -> Mount:
    """Any chain by name or id."""

    def find(call: Call) -> ChainService:
        text = call.path("chain")
        service = chains.find(text)
        if service is None:
            raise NotFound(chain=text[:64])
        return service

    return Mount(API + "/chains/{chain}", "OfChain", find)
