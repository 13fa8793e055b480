"""The chapters about HTTP name every resource, limit and error code, with the true defaults."""

import dataclasses
import re
from pathlib import Path

import pytest

from chain_engine.crypto.keys import SecretKey
from chain_engine.http import errors
from chain_engine.http.application import build_application
from chain_engine.http.chains import ChainDirectory
from chain_engine.http.peer.server import PeerServer
from chain_engine.http.peer.settings import PeerSettings
from chain_engine.http.settings import HttpSettings
from chain_engine.primitives.errors import ChainError

SPEC = Path(__file__).parents[2] / "docs" / "spec"
API = (SPEC / "10-api.md").read_text()
TRANSPORT = (SPEC / "09-transport.md").read_text()
UNITS = {"KiB": 2**10, "MiB": 2**20}


def test_every_resource_is_described():
    peers = PeerServer(SecretKey(bytes([1]) * 32), network=bytes(32))
    application = build_application(ChainDirectory(), peers=peers)
    for route in application.router.routes():
        path = route.resource.canonical
        short = path.removeprefix("/api/v1/chains/{chain}").removeprefix("/api/v1")
        chapter = TRANSPORT if path.startswith("/p2p") else API
        assert f"{short}`" in chapter or f"{short}?" in chapter, path


def test_every_error_code_is_named():
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, ChainError) and kind is not ChainError:
            assert f"`{kind.code}`" in API, kind


def defaults_in(chapter):
    """Defaults by name out of the rows of the table of limits."""
    found = {}
    for row in re.findall(r"^\|(.+)\|$", chapter, re.MULTILINE):
        cells = [cell.strip() for cell in row.split("|")]
        names = re.findall(r"`(\w+)`", cells[0])
        values = [value.split(" (")[0] for value in re.split(r", ", cells[1])]
        if names and len(names) == len(values):
            found |= dict(zip(names, values, strict=True))
    return found


def number(text):
    digits, _, unit = text.partition(" ")
    return float(digits.replace(",", "")) * UNITS.get(unit, 1)


@pytest.mark.parametrize(("settings", "chapter"), [(HttpSettings, API), (PeerSettings, TRANSPORT)])
def test_every_limit_is_described_with_its_default(settings, chapter):
    described = defaults_in(chapter)
    for field in dataclasses.fields(settings):
        if isinstance(field.default, (int, float)):
            assert number(described[field.name]) == field.default, field.name
        else:
            assert field.name in described
