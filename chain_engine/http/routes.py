"""The registry of resources: one description gives the handler, the checks and the OpenAPI text."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from chain_engine.http.bodies import read_json_body
from chain_engine.http.errors import InvalidParameter, MalformedRequest, UnknownParameter
from chain_engine.http.problem import jsonable
from chain_engine.primitives.errors import ChainError

PATH_PARAMETER = re.compile(r"\{([a-z_]+)\}")


class Model(BaseModel):
    """Base of every query, body and answer: nothing unknown, nothing mutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NoQuery(Model):
    """For resources without query parameters."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request, checked as far as its route describes it."""

    request: web.Request
    """The request itself."""

    query: Any
    """Instance of the route's query model."""

    body: Any
    """Instance of the route's body model; None when the handler reads the body itself."""

    def path(self, name: str) -> str:
        """A parameter of the path."""
        return self.request.match_info[name]


Handler = Callable[[Call], Awaitable[BaseModel | web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """One resource and method."""

    method: str
    """`GET`, `POST`, `PUT` or `DELETE`."""

    path: str
    """Path with `{parameters}`, such as `/api/v1/blocks/{block}`."""

    summary: str
    """One line for the OpenAPI document."""

    handler: Handler
    """Gets the checked call; returns an instance of `response` or a finished answer."""

    name: str
    """Unique operation id, such as `getBlock`."""

    query: type[BaseModel] | None = NoQuery
    """Query parameters; anything else is refused. None: the handler reads any parameters."""

    body: type[BaseModel] | None = None
    """JSON body that is read and checked before the handler is called."""

    raw_bodies: tuple[str, ...] = ()
    """Media types of bodies that the handler reads itself."""

    response: type[BaseModel] | None = None
    """Shape of the answer."""

    response_type: str = "application/json"
    """Media type of the answer."""

    errors: tuple[type[ChainError], ...] = ()
    """Errors of this resource, for the OpenAPI document; the general ones need no mention."""

    tags: tuple[str, ...] = ()
    """Groups in the OpenAPI document."""

    has_deadline: bool = True
    """False for streams."""

    @property
    def path_parameters(self) -> list[str]:
        """Names of the parameters in the path."""
        return PATH_PARAMETER.findall(self.path)


class RouteRegistry:
    """Every resource of one server."""

    def __init__(self, routes: Iterable[Route] = ()) -> None:
        """Start with some routes."""
        self._routes: dict[tuple[str, str], Route] = {}
        self.add(*routes)

    def add(self, *routes: Route) -> None:
        """Add resources; the same method and path, or operation id, twice is a bug."""
        for route in routes:
            key = (route.method, route.path)
            assert key not in self._routes, f"{key} is registered twice"
            assert all(route.name != other.name for other in self._routes.values()), route.name
            self._routes[key] = route

    def __iter__(self) -> Any:
        return iter(self._routes.values())

    def attach(
        self, application: web.Application, *, body_bytes_max: int, page_items_max: int
    ) -> None:
        """Serve every resource in an application."""
        for route in self._routes.values():
            endpoint = _endpoint(route, body_bytes_max, page_items_max)
            application.router.add_route(route.method, route.path, endpoint, name=route.name)
            if route.method == "GET" and route.has_deadline:
                application.router.add_route("HEAD", route.path, endpoint)


def _endpoint(
    route: Route, body_bytes_max: int, page_items_max: int
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def endpoint(request: web.Request) -> web.StreamResponse:
        query = None
        if route.query is not None:
            query = bounded_page(parse_query(route.query, request), page_items_max)
        body = None
        if route.body is not None:
            body = parse_body(route.body, await read_json_body(request, body_bytes_max))
        answer = await route.handler(Call(request, query, body))
        if isinstance(answer, web.StreamResponse):
            return answer
        return json_response(answer)

    endpoint.route = route  # type: ignore[attr-defined]
    return endpoint


def json_response(answer: BaseModel, headers: Mapping[str, str] | None = None) -> web.Response:
    """An answer as JSON."""
    return web.Response(
        body=answer.model_dump_json(by_alias=True).encode(),
        content_type="application/json",
        headers=headers,
    )


def parse_query(model: type[BaseModel], request: web.Request) -> BaseModel:
    """Check the query parameters of a request.

    Raises:
        UnknownParameter: one that the model does not have.
        InvalidParameter: one given twice, missing or with a wrong value.
    """
    given = request.query
    known = {field.alias or name for name, field in model.model_fields.items()}
    for name in given:
        if name not in known:
            raise UnknownParameter(parameter=name[:64], known=sorted(known))
        if len(given.getall(name)) > 1:
            raise InvalidParameter(parameter=name, reason="given more than once")
    try:
        return model.model_validate(dict(given))
    except ValidationError as e:
        first = e.errors(include_url=False, include_context=False)[0]
        raise InvalidParameter(
            parameter=".".join(map(str, first["loc"])), reason=first["msg"]
        ) from None


def bounded_page(query: BaseModel, items_max: int) -> BaseModel:
    """Hold a list's `limit` to what this node gives at once.

    Raises:
        InvalidParameter: a larger one was asked for.
    """
    limit = getattr(query, "limit", None)
    if limit is None or limit <= items_max:
        return query
    if "limit" in query.model_fields_set:
        raise InvalidParameter(parameter="limit", reason=f"at most {items_max} on this node")
    return query.model_copy(update={"limit": items_max})


def parse_body(model: type[BaseModel], text: bytes) -> BaseModel:
    """Check a JSON body; every error is named with its path.

    Raises:
        MalformedRequest: it does not fit the model.
    """
    try:
        return model.model_validate_json(text)
    except ValidationError as e:
        errors = [
            {"path": "/".join(map(str, error["loc"])), "reason": error["msg"]}
            for error in e.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise MalformedRequest(
            path=errors[0]["path"], reason=errors[0]["reason"], errors=jsonable(errors[:20])
        ) from None
