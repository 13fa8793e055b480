"""A sidechain on this node: the engine's chain node, and what a DApp adds to its API."""

from collections.abc import Mapping
from typing import Any

from chain_engine.blocks.block import Receipt
from chain_engine.blocks.transaction import decode_transaction
from chain_engine.node.chain_node import ChainNode
from chain_engine.node.context import context_of
from sidechain_host.registration import LoadedDApp
from sidechain_host.schema import fields_schema

_ATTEMPTS = 5
"""Reads of a query must not straddle a commit: it is run again when one came between."""


class SidechainNode(ChainNode):
    """Runs one DApp's chain; a `DAppService` for the API."""

    def __init__(self, *, loaded: LoadedDApp, **engine: Any) -> None:
        """`engine` is what `ChainNode` takes; its machine is the DApp's."""
        super().__init__(**{"name": loaded.registration.name, "machine": loaded.machine, **engine})
        self.loaded = loaded

    @property
    def transactions_wait(self) -> bool:
        """Whether there is work: transactions, or news for the main chain.

        The main chain takes messages and acks at checkpoint heights only, so a chain that would
        rest goes on to the next one when the bridge has moved since the last.
        """
        return super().transactions_wait or self._owes_checkpoint()

    def _owes_checkpoint(self) -> bool:
        tip, every = self.store.tip, self.store.parameters.checkpoint_blocks
        if tip.height % every == 0:
            return False
        last = self.store.find_header(tip.height - tip.height % every)
        return last is not None and last.bridge_root != tip.bridge_root

    async def query(self, name: str, arguments: Mapping[str, str]) -> str:
        """Run a query on the newest committed state; returns its JSON text.

        Raises:
            UnknownMethod, BadArguments, NotFound, QueryRefused, SandboxError.
        """
        for _ in range(_ATTEMPTS):
            tip = self.store.tip
            context = context_of(tip, self.store)
            answer = await self.loaded.machine.query(name, arguments, self.store.view(), context)
            if self.store.tip.height == tip.height:
                break
        return answer

    async def simulate(self, raw: bytes) -> Receipt:
        """Receipt that a transaction would get on the committed state; signatures may be missing.

        Raises:
            ChainError: it cannot be in a block.
        """
        signed = decode_transaction(raw, self.chain_id)
        receipt, _ = await self.loaded.machine.simulate(
            signed, self.store.view(), self.next_context()
        )
        return receipt

    def describe(self) -> Mapping[str, Any]:
        """Manifest and schemas, for documentation and wallets."""
        manifest = self.loaded.manifest
        return {
            "name": manifest.name,
            "version": manifest.version,
            "title": manifest.title,
            "description": manifest.description,
            "package": self.loaded.package.hash.hex(),
            "permissions": manifest.permissions.model_dump(by_alias=True, mode="json"),
            "roles": manifest.roles,
            "methods": [
                {
                    "name": name, "summary": method.summary, "gas": method.gas,
                    "roles": list(method.roles), "parameters": fields_schema(method.arguments),
                    "open_to_deposits": name in manifest.permissions.bridge_call,
                }
                for name, method in sorted(manifest.methods.items())
            ],
            "queries": [
                {
                    "name": name, "summary": query.summary,
                    "parameters": fields_schema(query.arguments),
                }
                for name, query in sorted(manifest.queries.items())
            ],
        }  # fmt: skip
