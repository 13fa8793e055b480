"""A sidechain that runs a real DApp in the real sandbox, beside a main chain in memory."""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from support.bridge_chains import (
    ALICE,
    BOB,
    BOND,
    CAROL,
    RELAYER,
    MemoryChain,
    Pair,
    account_of,
    build_main,
    key_of,
)

from chain_engine.blocks.block import Receipt
from chain_engine.blocks.build import build_transaction, sign_transaction
from chain_engine.blocks.delegates import Delegate, DelegateSet
from chain_engine.blocks.transaction import SignedTransaction
from chain_engine.crypto.keys import SecretKey
from chain_engine.ledger.audit import audit
from chain_engine.ledger.balances import balance_of
from chain_engine.ledger.genesis import genesis_entries
from chain_engine.ledger.ledger import Ledger
from chain_engine.ledger.machine import BlockContext, Changes
from chain_engine.state.tree import DictTreeStore, update_tree
from chain_engine.state.view import DictView
from mainchain.ledger.kinds.chain_register import RegisterPayload
from sidechain_host.addresses import address_of
from sidechain_host.build_program import compile_contract
from sidechain_host.calls import CallPayload, encode_arguments
from sidechain_host.executor import SidechainMachine
from sidechain_host.genesis import (
    MainAnchor,
    SidechainGenesis,
    build_sidechain_genesis,
    read_package_manifest,
)
from sidechain_host.package import Package, pack_files, read_package
from sidechain_host.program import Program
from sidechain_host.runner import RunnerSettings

CORPUS = Path(__file__).parent / "dapps"
GAS = 1_000_000
RICH = 10**12
SIDE_FEE = 1_000_000
"""Enough for the bytes and gas of any call in the tests."""


def address(key: SecretKey) -> str:
    return address_of(account_of(key))


@cache
def read_dapp(name: str) -> Package:
    """The package in `dapps/NAME`: dapp.json, genesis.json and contract/*.js."""
    folder = CORPUS / name
    files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.*")}
    return pack_files(files)


def packed(dapp: str | Package) -> Package:
    return dapp if isinstance(dapp, Package) else read_dapp(dapp)


@cache
def compiled_factory(package_bytes: bytes) -> str:
    return asyncio.run(compile_contract(read_package(package_bytes))).factory


@dataclass
class DAppChain(MemoryChain):
    """A `MemoryChain` whose machine lives in processes and therefore in one event loop."""

    loop: Any = None
    main_chain: bytes = b""

    def wait(self, work: Any) -> Any:
        return self.loop.run_until_complete(asyncio.wait_for(work, 60))

    def select(
        self, candidates: Sequence[SignedTransaction], later_ms: int = 1000
    ) -> tuple[BlockContext, list[SignedTransaction], Changes]:
        context = self.context(later_ms)
        chosen, changes = self.wait(self.machine.select(context, candidates, self.view))
        return context, chosen, changes

    def _commit(
        self, context: BlockContext, chosen: list[SignedTransaction], changes: Changes
    ) -> None:
        super()._commit(context, chosen, changes)
        self.wait(self.machine.committed(context, changes))
        audit(self.view)

    def sign_call(
        self,
        key: SecretKey,
        method: str,
        arguments: Mapping[str, Any] | None = None,
        *,
        gas: int = GAS,
        ahead: int = 0,
        cosigners: Sequence[SecretKey] = (),
        fee: int = SIDE_FEE,
    ) -> SignedTransaction:
        tx = build_transaction(
            chain_id=self.chain_id,
            kind="dapp.call",
            sender=account_of(key),
            nonce=self.nonce_of(account_of(key)) + ahead,
            valid_until_height=self.tip.height + 100,
            fee=fee,
            gas_limit=gas,
            payload=CallPayload(method, encode_arguments(dict(arguments or {}))),
            cosigners=[account_of(c) for c in cosigners],
        )
        return sign_transaction(tx, self.chain_id, [key, *cosigners])

    def call(
        self, key: SecretKey, method: str, arguments: Mapping[str, Any] | None = None, **more: Any
    ) -> Receipt:
        """Commit a block with one call; its receipt."""
        signed = self.sign_call(key, method, arguments, **more)
        self.machine.verify_stateless(signed)
        self.machine.check(signed, self.view, self.context())
        assert self.forge([signed]) == [signed]
        return self.receipts[signed.id]

    def events(self, receipt: Receipt) -> list[tuple[str, Any]]:
        return [(event.name, json.loads(event.data)) for event in receipt.events]

    def query(self, name: str, **texts: str) -> Any:
        context = BlockContext(
            self.chain_id,
            self.tip.height,
            self.tip.time_ms,
            self.tip.seed,
            self.keys[0].public,
            self.parameters,
        )
        return json.loads(self.wait(self.machine.query(name, texts, self.view, context)))

    def balance(self, key: SecretKey, asset: str = "ACC") -> int:
        return balance_of(
            Ledger(self.view, self.context(), self.main_chain), account_of(key), asset
        )


def delegates_of(*keys: SecretKey) -> DelegateSet:
    return DelegateSet(tuple(Delegate(k, 1) for k in sorted(key.public for key in keys)))


def genesis_of(main: MemoryChain, package: Package, name: str = "dapp") -> SidechainGenesis:
    anchor = MainAnchor(main.chain_id, main.tip, main.delegates, main.parameters)
    return build_sidechain_genesis(
        package, name=name, delegates=delegates_of(key_of(50)), anchor=anchor
    )


def build_dapp_chain(
    main: MemoryChain,
    package: Package,
    loop: Any,
    *,
    rich: Sequence[SecretKey] = (),
    settings: RunnerSettings | None = None,
) -> DAppChain:
    """Start the sidechain of a package; `rich` begin with ACC vouchers out of nowhere."""
    start = genesis_of(main, package)
    entries = {
        **start.genesis.entries,
        **genesis_entries({account_of(k): {"ACC": RICH} for k in rich}),
    }
    program = Program(
        read_package_manifest(package),
        compiled_factory(package.raw),
        start.params,
        start.chain_id,
        main.chain_id,
    )
    machine = SidechainMachine(program, start.genesis.parameters, settings)
    view, tree = DictView(entries), DictTreeStore()
    tree.apply(update_tree(tree, entries))
    return DAppChain(
        chain_id=start.chain_id,
        machine=machine,
        parameters=start.genesis.parameters,
        keys=[key_of(50)],
        delegates=start.genesis.delegates,
        view=view,
        tree=tree,
        headers=[start.block.header],
        commitments=[start.genesis.commitments],
        loop=loop,
        main_chain=main.chain_id,
    )


@contextmanager
def dapp_chain(dapp: str | Package = "bank", **more: Any) -> Iterator[DAppChain]:
    """A lonely sidechain with rich Alice, Bob and Carol; `dapp` is in `dapps/`, or packed."""
    with asyncio.Runner() as runner:
        options = {"rich": (ALICE, BOB, CAROL)} | more
        chain = build_dapp_chain(build_main(), packed(dapp), runner.get_loop(), **options)
        try:
            yield chain
        finally:
            chain.wait(chain.machine.close())


@contextmanager
def dapp_pair(dapp: str | Package = "bank", **more: Any) -> Iterator[Pair]:
    """A main chain and a registered sidechain that runs a DApp."""
    main = build_main()
    package = packed(dapp)
    with asyncio.Runner() as runner:
        side = build_dapp_chain(main, package, runner.get_loop(), **more)
        main.submit(
            CAROL,
            "chain.register",
            RegisterPayload(
                name="dapp",
                package_hash=package.hash,
                package_bytes=len(package.raw),
                parameters=side.parameters,
                delegates=side.delegates,
                genesis=side.headers[0],
                anchor_height=main.tip.height,
                bond=BOND,
            ),
        )
        try:
            yield Pair(main, side)
        finally:
            side.wait(side.machine.close())


__all__ = ["ALICE", "BOB", "CAROL", "RELAYER", "DAppChain", "dapp_chain", "dapp_pair"]
