"""The owner's side of a node's admin socket."""

from pathlib import Path
from typing import Any

import aiohttp

from chain_engine.http.errors import NodeUnreachable, RemoteError
from chain_engine.http.problem import error_of

TIMEOUT_S = 180.0
"""Installing fetches a package and compiles it."""


class AdminClient:
    """Asks one node through its unix socket."""

    def __init__(self, socket: Path) -> None:
        """`socket` is the node's admin socket."""
        self.socket = socket

    async def add_package(self, raw: bytes) -> dict[str, Any]:
        """Give the node a package to keep and to serve to its peers."""
        headers = {"Content-Type": "application/octet-stream"}
        return await self._request("POST", "/packages", data=raw, headers=headers)

    async def dapps(self) -> list[dict[str, Any]]:
        """The installed DApps."""
        answer = await self._request("GET", "/dapps")
        data: list[dict[str, Any]] = answer["data"]
        return data

    async def install(self, chain: str) -> dict[str, Any]:
        """Install a registered chain by name or id, and start it."""
        return await self._request("POST", "/dapps", json={"chain": chain})

    async def start(self, chain: str) -> dict[str, Any]:
        """Start a stopped DApp."""
        return await self._request("POST", f"/dapps/{chain}/start")

    async def stop(self, chain: str) -> dict[str, Any]:
        """Stop a DApp; its state stays."""
        return await self._request("POST", f"/dapps/{chain}/stop")

    async def remove(self, chain: str) -> dict[str, Any]:
        """Stop and forget a DApp; its files stay."""
        return await self._request("DELETE", f"/dapps/{chain}")

    async def _request(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """Ask and read the JSON object.

        Raises:
            NodeUnreachable: nobody answers on the socket.
            ChainError: what the node answered instead.
        """
        url = f"http://node/admin/v1{path}"
        connector = aiohttp.UnixConnector(path=str(self.socket))
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        try:
            async with (
                aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
                session.request(method, url, **options) as response,
            ):
                answer = await response.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            reason = f"{type(error).__name__}: {error}"[:200]
            raise NodeUnreachable(socket=str(self.socket), reason=reason) from None
        except ValueError:
            raise RemoteError(reason="not JSON") from None
        if not response.ok:
            raise error_of(answer)
        if not isinstance(answer, dict):
            raise RemoteError(reason="not an object")
        return answer
