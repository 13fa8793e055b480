"""Reading the manifest with every error at once, each with its path and what to write instead."""

import json
from collections.abc import Iterable
from typing import Any, Final

from pydantic import ValidationError

from chain_engine.primitives.errors import ChainError
from sidechain_host import limits
from sidechain_host.manifest import ENGINE_VERSION, Manifest
from sidechain_host.schema import Problem, is_asset


class InvalidManifest(ChainError):
    """The manifest breaks rules; all of them are listed."""

    code = "INVALID_MANIFEST"
    title = "The manifest is not valid."
    fix = "Correct every entry of `problems`; each has its path, what is wrong and what to write."
    status = 422

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep all problems, in document order."""
        self.problems = tuple(problems)
        super().__init__(
            problems=[{"path": p.path, "reason": p.reason, "fix": p.fix} for p in self.problems]
        )


def read_manifest(data: bytes, paths: Iterable[str]) -> Manifest:
    """Read `dapp.json` of a package holding the files `paths`.

    Raises:
        InvalidManifest: with every problem found, each with its path and a fix.
    """
    raw = parse_json(data, limits.MANIFEST_BYTES_MAX)
    problems = list(_cross_problems(raw, set(paths)))
    try:
        manifest = Manifest.model_validate(raw)
    except ValidationError as e:
        problems = [*_problems_of(e), *problems]
    if problems:
        raise InvalidManifest(problems)
    return manifest


def parse_json(data: bytes, bytes_max: int) -> Any:
    """Parse a JSON file of a package: size, UTF-8 and duplicate keys are checked.

    Raises:
        InvalidManifest: it is no such file.
    """
    if len(data) > bytes_max:
        raise InvalidManifest([Problem("", "file too large", f"at most {bytes_max} bytes")])
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=_distinct, parse_float=_no_float,
                          parse_constant=_no_float)  # fmt: skip
    except (ValueError, RecursionError) as e:
        raise InvalidManifest([Problem("", f"not JSON: {e}", "correct the file")]) from None


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        twice = next(k for k, _ in pairs if sum(k == other for other, _ in pairs) > 1)
        raise ValueError(f"key {twice!r} occurs twice")
    return result


def _no_float(text: str) -> Any:
    raise ValueError(f"{text} is no integer")


_FIXES: Final = {
    "missing": "add it",
    "extra_forbidden": "remove it, or correct its name",
    "string_pattern_mismatch": "see docs/spec/12-packages.md for the allowed form",
    "literal_error": f"this host runs engine version {ENGINE_VERSION}",
    "greater_than_equal": "raise it to the limit named",
    "less_than_equal": "lower it to the limit named",
}


def _problems_of(error: ValidationError) -> Iterable[Problem]:
    for item in error.errors(include_url=False):
        path = ".".join(str(part) for part in item["loc"] if part != "[key]")
        context = item.get("ctx", {})
        if item["type"] == "problems":
            for problem in context["problems"]:
                inner = ".".join(part for part in (path, problem.path.lstrip(".")) if part)
                yield Problem(inner, problem.reason, problem.fix)
        else:
            yield Problem(path, item["msg"], _FIXES.get(item["type"], "correct its type or value"))


def _cross_problems(raw: Any, paths: set[str]) -> Iterable[Problem]:
    """Check what ties sections together, even when single sections are broken."""
    if not isinstance(raw, dict):
        return
    entry = raw.get("entry", "contract/index.js")
    if isinstance(entry, str) and entry not in paths:
        yield Problem("entry", f"the package has no file {entry[:80]!r}", "name an existing module")
    methods = raw.get("methods", {})
    if isinstance(methods, dict):
        yield from _permission_problems(raw.get("permissions", {}), methods)
        yield from _role_problems(raw.get("roles", {}), methods)


def _permission_problems(permissions: Any, methods: dict[str, Any]) -> Iterable[Problem]:
    if not isinstance(permissions, dict):
        return
    for place, name in enumerate(_listed(permissions, "bridge.call")):
        if not isinstance(name, str) or name not in methods:
            path = f"permissions.bridge.call.{place}"
            yield Problem(path, f"no method {name!r:.80}", "name a declared method")
    for key in ("assets.issue", "bridge.deposit", "bridge.withdraw"):
        for place, value in enumerate(_listed(permissions, key)):
            if not isinstance(value, str) or not is_asset(value):
                yield Problem(f"permissions.{key}.{place}", "not an asset", "such as ACC")


def _role_problems(roles: Any, methods: dict[str, Any]) -> Iterable[Problem]:
    if not isinstance(roles, dict):
        return
    for name, method in methods.items():
        for role in _listed(method, "roles"):
            if not isinstance(role, str) or role not in roles:
                path = f"methods.{name}.roles"
                yield Problem(path, f"no role {role!r:.80}", "declare it in roles")


def _listed(section: Any, key: str) -> list[Any]:
    value = section.get(key, []) if isinstance(section, dict) else []
    return value if isinstance(value, list) else []
