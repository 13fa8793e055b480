"""Resources about the node itself: health, its chains, its OpenAPI documents, its pages."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from chain_engine.http import models
from chain_engine.http.chains import ChainDirectory
from chain_engine.http.errors import NotReady
from chain_engine.http.openapi import build_document
from chain_engine.http.resources.mount import API
from chain_engine.http.routes import Call, Route
from chain_engine.primitives.errors import NotFound

DAPP_PREFIX = API + "/chains/{chain}/"

API_VERSION = "1.0.0"
"""Of the resources and their shapes."""

Readiness = Callable[[], str | None]
"""Why the node is not ready, or None."""


class NodeResources:
    """Handlers that need the whole directory and registry."""

    def __init__(
        self,
        chains: ChainDirectory,
        readiness: Readiness,
        routes: Iterable[Route],
    ) -> None:
        """`routes` is read when a document is asked for, after all are added."""
        self._chains = chains
        self._readiness = readiness
        self._routes = routes

    def routes(self) -> list[Route]:
        """The resources."""
        json_document: dict[str, Any] = {"response_type": "application/json", "tags": ("node",)}
        return [
            Route("GET", "/healthz", "Whether the process answers", self.health, "getHealth",
                  response=models.HealthView, tags=("node",)),
            Route("GET", "/readyz", "Whether the node serves its chains", self.ready, "getReady",
                  response=models.ReadyView, errors=(NotReady,), tags=("node",)),
            Route("GET", "/openapi.json", "This document", self.document, "getOpenApi",
                  **json_document),
            Route("GET", API + "/chains", "Chains that this node serves", self.list_chains,
                  "listChains", response=models.ChainList, tags=("node",)),
            Route("GET", DAPP_PREFIX + "openapi.json", "The document of one chain",
                  self.chain_document, "getOpenApiOfChain", errors=(NotFound,), **json_document),
        ]  # fmt: skip

    async def health(self, _call: Call) -> models.HealthView:
        """The process answers."""
        return models.HealthView(status="ok")

    async def ready(self, _call: Call) -> models.ReadyView:
        """Raises `NotReady` with the reason while the node starts or stands still."""
        reason = self._readiness()
        if reason is not None:
            raise NotReady(reason=reason)
        return models.ReadyView(status="ready")

    async def document(self, _call: Call) -> web.Response:
        """OpenAPI of every resource."""
        document = build_document(self._routes, title="ACC node", version=API_VERSION)
        return _json(document)

    async def list_chains(self, _call: Call) -> models.ChainList:
        """Every chain and where its resources are."""
        return models.ChainList(
            data=[
                models.ChainView(
                    chain_id=chain.chain_id.hex(),
                    name=chain.name,
                    height=chain.store.tip.height,
                    path=API if chain is self._chains.main else f"{API}/chains/{chain.name}",
                )
                for chain in self._chains.all()
            ]
        )

    async def chain_document(self, call: Call) -> web.Response:
        """OpenAPI of one chain: the generic resources, and its queries by name."""
        chain = self._chains.find(call.path("chain"))
        if chain is None:
            raise NotFound(chain=call.path("chain")[:64])
        routes = [route for route in self._routes if route.path.startswith(DAPP_PREFIX)]
        document = build_document(
            routes, title=chain.name, version=API_VERSION, fixed={"chain": chain.name}
        )
        describe = getattr(chain, "describe", None)
        if describe is not None:
            _add_queries(document, f"{API}/chains/{chain.name}/queries/", describe())
        return _json(document)


def _add_queries(document: dict[str, Any], prefix: str, description: Any) -> None:
    """Replace the generic query path by one path for every query of the manifest."""
    generic = document["paths"].pop(prefix + "{name}")["get"]
    for query in description.get("queries", []):
        schema = query.get("parameters", {})
        required = schema.get("required", [])
        parameters = [
            {"name": name, "in": "query", "required": name in required, "schema": field}
            for name, field in schema.get("properties", {}).items()
        ]
        document["paths"][prefix + query["name"]] = {
            "get": generic
            | {
                "operationId": f"query_{query['name']}",
                "summary": query.get("summary", query["name"]),
                "parameters": parameters,
            }
        }


def _json(document: Any) -> web.Response:
    return web.Response(body=msgspec.json.encode(document), content_type="application/json")


def add_pages(application: web.Application, folder: Path) -> None:
    """Serve the web pages: `/` is `index.html`, the other files are under `/web/`."""

    async def index(_request: web.Request) -> web.StreamResponse:
        return web.FileResponse(folder / "index.html", headers={"Content-Security-Policy": POLICY})

    application.router.add_get("/", index)
    application.router.add_static("/web", folder, append_version=False)


POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
"""Pages load nothing from anywhere else and run no inline script."""
