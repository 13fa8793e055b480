"""The OpenAPI 3.1 document, generated from the route registry: what is served is what is said."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from chain_engine.http.bodies import JSON
from chain_engine.http.problem import MEDIA_TYPE
from chain_engine.http.routes import Route

REFERENCE = "#/components/schemas/{model}"

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem document. `code` is stable; the codes are in the error spec.",
    "required": ["type", "title", "status", "detail", "code", "values", "fix", "retryable"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "values": {"type": "object"},
        "fix": {"type": "string"},
        "doc_url": {"type": "string"},
        "request_id": {"type": "string"},
        "retryable": {"type": "boolean"},
    },
}

RAW_SCHEMAS: dict[str, dict[str, Any]] = {
    "application/msgpack": {"description": "msgpack array of bin"},
    JSON: {"type": "object"},
    "text/event-stream": {"type": "string"},
    "application/octet-stream": {"description": "raw bytes"},
}


def build_document(
    routes: Iterable[Route],
    *,
    title: str,
    version: str,
    description: str = "",
    fixed: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Build the document.

    `fixed` replaces path parameters by values: the document of one DApp names its chain.
    """
    chosen = list(routes)
    paths: dict[str, dict[str, Any]] = {}
    for route in chosen:
        path = route.path
        for name, value in (fixed or {}).items():
            path = path.replace("{" + name + "}", value)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, fixed or {})
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "description": description},
        "paths": paths,
        "components": {"schemas": _schemas(chosen) | {"Problem": PROBLEM_SCHEMA}},
    }


def _operation(route: Route, fixed: Mapping[str, str]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "tags": list(route.tags),
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in route.path_parameters
            if name not in fixed
        ]
        + _query_parameters(route.query),
        "responses": {"200": _success(route)} | _failures(route),
    }
    body = _request_body(route)
    if body:
        operation["requestBody"] = body
    return operation


def _query_parameters(model: type[BaseModel] | None) -> list[dict[str, Any]]:
    if model is None:
        return []
    schema = model.model_json_schema(ref_template=REFERENCE)
    required = schema.get("required", [])
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "description": field.get("description", ""),
            "schema": {k: v for k, v in field.items() if k not in ("description", "title")},
        }
        for name, field in schema.get("properties", {}).items()
    ]


def _success(route: Route) -> dict[str, Any]:
    if route.response is None:
        schema = RAW_SCHEMAS.get(route.response_type, {})
    else:
        schema = {"$ref": REFERENCE.format(model=route.response.__name__)}
    return {
        "description": route.summary,
        "content": {route.response_type: {"schema": schema}},
    }


def _failures(route: Route) -> dict[str, Any]:
    """Every status that this resource can fail with, naming its codes."""
    codes: dict[str, list[str]] = {}
    for error in route.errors:
        codes.setdefault(str(error.status), []).append(error.code)
    answers = {
        status: _problem("One of " + ", ".join(sorted(names)))
        for status, names in sorted(codes.items())
    }
    return answers | {"default": _problem("Any other error")}


def _problem(description: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "content": {MEDIA_TYPE: {"schema": schema}}}


def _request_body(route: Route) -> dict[str, Any] | None:
    content: dict[str, Any] = {
        media_type: {"schema": RAW_SCHEMAS.get(media_type, {})} for media_type in route.raw_bodies
    }
    if route.body is not None:
        content[JSON] = {"schema": {"$ref": REFERENCE.format(model=route.body.__name__)}}
    return {"required": True, "content": content} if content else None


def _schemas(routes: Iterable[Route]) -> dict[str, Any]:
    bodies = {route.body for route in routes if route.body is not None}
    answers = {route.response for route in routes if route.response is not None}
    inputs = [(model, "validation") for model in sorted(bodies, key=lambda m: m.__name__)]
    outputs = [(model, "serialization") for model in sorted(answers, key=lambda m: m.__name__)]
    _, definitions = models_json_schema(
        [*inputs, *outputs],  # type: ignore[list-item]
        ref_template=REFERENCE,
    )
    schemas: dict[str, Any] = definitions.get("$defs", {})
    return schemas
