"""The ECC DApp of `dapps/ecc` on a chain of its own, and how tests speak to it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.dapp_chain import ALICE, BOB, CAROL, DAppChain, address, dapp_chain, dapp_pair

from chain_engine.blocks.block import Receipt
from chain_engine.blocks.bridge import chain_account
from chain_engine.crypto.keys import SecretKey
from chain_engine.ledger.balances import balance_of, supply_of
from chain_engine.ledger.ledger import Ledger
from sidechain_host.program import LOCKS
from sidechain_host.tables import Table

ECC = str(Path(__file__).parents[2] / "dapps" / "ecc")
AGREEMENT, OTHER_AGREEMENT, PROOF = "11" * 32, "22" * 32, "33" * 32
BLOCK_SECS = 1
"""From one block of the tests to the next."""

GENESIS_SECS_MAX = 3_155_760_000
"""`deadline_secs_max` of the package."""

ARG, NOT_FOUND, ROLE, STATE, EARLY, LATE, FUNDS = (f"ECC-0{n}" for n in range(1, 8))
AMOUNT, MISMATCH, DUPLICATE = "ECC-12", "ECC-13", "ECC-19"


@dataclass
class Ecc:
    """A running ECC chain on which Alice, Bob and Carol are rich."""

    chain: DAppChain

    @property
    def next_secs(self) -> int:
        """Block time of the next call."""
        return self.chain.tip.time_ms // 1000 + BLOCK_SECS

    def terms(
        self, *, amounts: Sequence[int] = (100,), accept_in: int = 100, deliver_in: int = 200,
        confirm_secs: int = 50, payer: SecretKey = ALICE, payee: SecretKey = BOB, **changes: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """Arguments of `escrow.open`; times count from the block that opens."""
        milestone = {"deliver_by": self.next_secs + deliver_in, "confirm_secs": confirm_secs}
        return {
            "payer": address(payer),
            "payee": address(payee),
            "asset": "ACC",
            "kind": "goods",
            "milestones": [{**milestone, "amount": str(amount)} for amount in amounts],
            "agreement_hash": AGREEMENT,
            "silence": "release",
            "accept_by": self.next_secs + accept_in,
            **changes,
        }

    def call(self, key: SecretKey, method: str, **arguments: Any) -> Receipt:
        """Commit one call; what was refused left nothing but its fee."""
        before, rows = self.chain.balance(key), self.rows()
        receipt = self.chain.call(key, method, arguments)
        if receipt.code:
            assert receipt.events == ()
            assert self.rows() == rows
            assert self.chain.balance(key) == before - receipt.fee
        return receipt

    def code(self, key: SecretKey, method: str, **arguments: Any) -> str:
        return self.call(key, method, **arguments).code

    def event(self, key: SecretKey, method: str, **arguments: Any) -> tuple[str, dict[str, Any]]:
        """The one event of a call that must succeed."""
        receipt = self.call(key, method, **arguments)
        assert receipt.code == ""
        (event,) = self.chain.events(receipt)
        return event

    def open(self, key: SecretKey = ALICE, **changes: Any) -> int:
        name, data = self.event(key, "escrow.open", **self.terms(**changes))
        assert name == "EscrowOpened"
        return int(data["id"])

    def funded(self, **changes: Any) -> int:
        """An accepted offer."""
        escrow = self.open(**changes)
        self.event(BOB, "escrow.accept", id=escrow, agreement_hash=AGREEMENT)
        return escrow

    def wait(self, secs: int) -> None:
        """Commit an empty block `secs` later."""
        self.chain.forge([], later_ms=secs * 1000)

    def wait_until(self, secs: int) -> None:
        """Wait so that the next call's block time is `secs`."""
        if secs > self.next_secs:
            self.wait(secs - self.next_secs)

    def escrow(self, number: int) -> dict[str, Any]:
        found: dict[str, Any] = self.chain.query("escrow", id=str(number))
        return found

    def milestone(self, number: int, no: int = 0) -> dict[str, Any]:
        row: dict[str, Any] = self.escrow(number)["milestones"][no]
        return row

    def rows(self) -> dict[bytes, bytes]:
        """Rows and index entries of the DApp and of the host's locks and counters."""
        return {k: v for k, v in self.chain.view.entries.items() if k[:1] in b"di"}

    @property
    def _ledger(self) -> Ledger:
        return Ledger(self.chain.view, self.chain.context(), self.chain.main_chain)

    @property
    def supply(self) -> int:
        """Units of ACC on this chain; the audit of every block adds up the accounts to it."""
        return supply_of(self._ledger, "ACC")

    @property
    def reserve(self) -> int:
        """Units of ACC in the keyless account behind all locks."""
        return balance_of(self._ledger, chain_account(self.chain.chain_id, "locks"), "ACC")

    def lock(self, number: int) -> Mapping[str, Any] | None:
        """The host's lock that an escrow row names, read from the state."""
        named = self.escrow(number)["lock"]
        if named is None:
            return None
        locks: Table = self.chain.machine.program.tables[LOCKS]
        row = locks.decode_row(self.chain.view.entries[locks.key_of_wire([named])])
        return dict(zip(locks.fields, row, strict=True))

    def verify(self, number: int) -> dict[str, Any]:
        """Check what always holds of an escrow (docs/spec/14-ecc.md section 4); returns it."""
        escrow = self.escrow(number)
        left = [
            int(m["amount"]) - int(m["released"]) - int(m["refunded"]) for m in escrow["milestones"]
        ]
        lock = self.lock(number)
        is_locked = escrow["state"] in ("OFFERED", "FUNDED")
        assert int(escrow["held"]) == (sum(left) if is_locked else 0)
        assert int(escrow["held"]) == (0 if lock is None else lock["amount"])
        assert (lock is None) != is_locked
        assert escrow["open_milestones"] == sum(units > 0 for units in left)
        assert (escrow["state"] == "CLOSED") == (not any(left))
        for milestone, units in zip(escrow["milestones"], left, strict=True):
            assert units >= 0
            assert (milestone["state"] in ("RELEASED", "REFUNDED")) == (units == 0)
        return escrow


@contextmanager
def ecc_chain() -> Iterator[Ecc]:
    with dapp_chain(ECC) as chain:
        yield Ecc(chain)


__all__ = ["ALICE", "BOB", "CAROL", "ECC", "Ecc", "address", "dapp_pair", "ecc_chain"]
