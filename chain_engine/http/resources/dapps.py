"""What only DApp chains have: queries and the description of their methods."""

from typing import cast

import msgspec
from aiohttp import web

from chain_engine.http import models
from chain_engine.http.chains import ChainService, DAppService
from chain_engine.http.errors import InvalidParameter
from chain_engine.http.resources.mount import Mount
from chain_engine.http.routes import Call, Route
from chain_engine.primitives.errors import NotFound


def dapp_routes(at: Mount) -> list[Route]:
    """Resources of DApps."""
    return [
        at.get("/dapp", "describeDApp", describe, response=models.DAppView, errors=(NotFound,),
               tags=("dapp",)),
        at.get("/queries/{name}", "query", run_query, query=None,
               response=models.QueryAnswer, errors=(NotFound,), tags=("dapp",)),
    ]  # fmt: skip


def _dapp(chain: ChainService) -> DAppService:
    if not callable(getattr(chain, "query", None)):
        raise NotFound(chain=chain.name, reason="this chain runs no DApp")
    return cast(DAppService, chain)


async def describe(chain: ChainService, _call: Call) -> models.DAppView:
    """Methods and queries of the DApp, from its manifest."""
    description = dict(_dapp(chain).describe())
    return models.DAppView(chain_id=chain.chain_id.hex(), name=chain.name, description=description)


async def run_query(chain: ChainService, call: Call) -> web.Response:
    """Run a query of the DApp on the committed state; its parameters are the URL's."""
    dapp, given = _dapp(chain), call.request.query
    for name in given:
        if len(given.getall(name)) > 1:
            raise InvalidParameter(parameter=name[:64], reason="given more than once")
    height = chain.store.tip.height
    text = await dapp.query(call.path("name"), dict(given))
    answer = {"height": height, "data": msgspec.Raw(text.encode())}
    return web.Response(body=msgspec.json.encode(answer), content_type="application/json")
