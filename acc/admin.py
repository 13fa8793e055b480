"""Routes that change this node, on a unix socket that only its owner can reach.

No such route exists on the public server. The socket's file mode is the permission.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from acc.dapps import NodeDApps
from chain_engine.http.application import build_application
from chain_engine.http.bodies import read_body
from chain_engine.http.chains import ChainDirectory
from chain_engine.http.routes import Call, Model, Route
from chain_engine.http.settings import HttpSettings
from chain_engine.primitives.errors import NotFound
from sidechain_host import limits
from sidechain_host.genesis import read_package_manifest
from sidechain_host.package import read_package
from sidechain_host.service import DAppStatus

OWNER_ONLY = 0o600


class PackageAdded(Model):
    """A package now on this node's disk."""

    sha256: str
    bytes: int
    name: str
    version: str


class InstallBody(Model):
    """Which chain to install."""

    chain: str


class DAppView(Model):
    """One installed DApp."""

    chain_id: str
    name: str
    package: str
    state: str
    error: str
    restarts: int


class DAppList(Model):
    """All installed DApps."""

    data: list[DAppView]


def admin_routes(dapps: NodeDApps) -> list[Route]:
    """Everything the owner can do while the node runs."""

    async def add_package(call: Call) -> PackageAdded:
        raw = await read_body(call.request, limits.PACKAGE_BYTES_MAX)
        package = read_package(raw)
        manifest = read_package_manifest(package)
        dapps.packages.add(package)
        return PackageAdded(
            sha256=package.hash.hex(),
            bytes=len(package.raw),
            name=manifest.name,
            version=manifest.version,
        )

    async def list_dapps(call: Call) -> DAppList:  # noqa: ARG001 - the shape of a handler
        return DAppList(data=[_view(status) for status in dapps.host.installed()])

    async def install(call: Call) -> DAppView:
        return _view(await dapps.install(call.body.chain))

    async def start(call: Call) -> DAppView:
        chain = _installed(dapps, call.path("chain"))
        await dapps.host.start(chain)
        return _view(dapps.host.status(chain))

    async def stop(call: Call) -> DAppView:
        chain = _installed(dapps, call.path("chain"))
        await dapps.host.stop(chain)
        return _view(dapps.host.status(chain))

    async def remove(call: Call) -> DAppList:
        await dapps.host.remove(_installed(dapps, call.path("chain")))
        return await list_dapps(call)

    tags = ("admin",)
    return [
        Route("POST", "/admin/v1/packages", "Keep a package and serve it to peers.", add_package,
              "addPackage", raw_bodies=("application/octet-stream",), response=PackageAdded,
              tags=tags),
        Route("GET", "/admin/v1/dapps", "Installed DApps.", list_dapps, "listInstalledDApps",
              response=DAppList, tags=tags),
        Route("POST", "/admin/v1/dapps", "Install a registered chain.", install, "installDApp",
              body=InstallBody, response=DAppView, has_deadline=False, tags=tags),
        Route("POST", "/admin/v1/dapps/{chain}/start", "Start a stopped DApp.", start,
              "startDApp", response=DAppView, tags=tags),
        Route("POST", "/admin/v1/dapps/{chain}/stop", "Stop a DApp; its state stays.", stop,
              "stopDApp", response=DAppView, tags=tags),
        Route("DELETE", "/admin/v1/dapps/{chain}", "Stop and forget a DApp; its files stay.",
              remove, "removeDApp", response=DAppList, tags=tags),
    ]  # fmt: skip


def _installed(dapps: NodeDApps, name_or_id: str) -> bytes:
    for status in dapps.host.installed():
        if name_or_id in (status.name, status.chain_id.hex()):
            return status.chain_id
    raise NotFound(dapp=name_or_id)


def _view(status: DAppStatus) -> DAppView:
    return DAppView(
        chain_id=status.chain_id.hex(),
        name=status.name,
        package=status.package_hash.hex(),
        state=status.state,
        error=status.error,
        restarts=status.restarts,
    )


@asynccontextmanager
async def serve_admin(dapps: NodeDApps, socket: Path) -> AsyncIterator[None]:
    """Serve the admin routes on a unix socket for as long as the block lasts."""
    settings = HttpSettings(
        tokens_per_s=0.0, submit_bytes_max=limits.PACKAGE_BYTES_MAX, deadline_ms=120_000
    )
    application = build_application(ChainDirectory(), settings=settings, routes=admin_routes(dapps))
    runner = web.AppRunner(application, shutdown_timeout=1.0, access_log=None)
    await runner.setup()
    _clear(socket)
    try:
        await web.UnixSite(runner, str(socket)).start()
        _restrict(socket)
        yield
    finally:
        await runner.cleanup()
        _clear(socket)


def _clear(socket: Path) -> None:
    """Remove what a node that was killed left behind."""
    socket.parent.mkdir(parents=True, exist_ok=True)
    socket.unlink(missing_ok=True)


def _restrict(socket: Path) -> None:
    socket.chmod(OWNER_ONLY)
