"""Holdings and supply. Every unit that exists is in a balance or an escrow, and in the supply.

`move`, `lock` and `unlock` keep the sum; `mint` and `burn` change it together with the supply.
"""

from chain_engine.ledger.bridge.errors import EscrowExceeded
from chain_engine.ledger.errors import InsufficientFunds, SupplyExceeded
from chain_engine.ledger.keys import balance_key, escrow_key, supply_key
from chain_engine.ledger.ledger import Ledger
from chain_engine.primitives.limits import AMOUNT_MAX


def balance_of(ledger: Ledger, account: bytes, asset: str) -> int:
    """Free units of an asset that an account holds."""
    return ledger.amount(balance_key(account, asset))


def supply_of(ledger: Ledger, asset: str) -> int:
    """Units of an asset that exist on this chain: of a foreign one, its vouchers."""
    return ledger.amount(supply_key(asset))


def escrow_of(ledger: Ledger, peer: bytes, asset: str) -> int:
    """Units of an asset locked here for a peer chain."""
    return ledger.amount(escrow_key(peer, asset))


def credit(ledger: Ledger, account: bytes, asset: str, amount: int) -> None:
    """Add units that were taken somewhere else; alone it does not conserve."""
    key = balance_key(account, asset)
    ledger.put(key, ledger.amount(key) + amount)


def debit(ledger: Ledger, account: bytes, asset: str, amount: int) -> None:
    """Take units that will be added somewhere else; alone it does not conserve.

    Raises:
        InsufficientFunds: the account holds less.
    """
    assert amount >= 0, "amounts are checked where they enter"
    key = balance_key(account, asset)
    balance = ledger.amount(key)
    if balance < amount:
        raise InsufficientFunds(balance=balance, needed=amount, asset=asset)
    ledger.put(key, balance - amount)


def move(ledger: Ledger, asset: str, sender: bytes, recipient: bytes, amount: int) -> None:
    """Move units between two accounts.

    Raises:
        InsufficientFunds: the sender holds less.
    """
    debit(ledger, sender, asset, amount)
    credit(ledger, recipient, asset, amount)


def mint(ledger: Ledger, account: bytes, asset: str, amount: int) -> None:
    """Create units in an account.

    Raises:
        SupplyExceeded: there would be more than can be counted.
    """
    key = supply_key(asset)
    supply = ledger.amount(key)
    if supply + amount > AMOUNT_MAX:
        raise SupplyExceeded(asset=asset, supply=supply, amount=amount)
    ledger.put(key, supply + amount)
    credit(ledger, account, asset, amount)


def burn(ledger: Ledger, account: bytes, asset: str, amount: int) -> None:
    """Destroy units of an account.

    Raises:
        InsufficientFunds: the account holds less.
    """
    debit(ledger, account, asset, amount)
    key = supply_key(asset)
    ledger.put(key, ledger.amount(key) - amount)


def lock(ledger: Ledger, account: bytes, asset: str, amount: int, peer: bytes) -> None:
    """Move units of an account into the escrow for a peer chain.

    Raises:
        InsufficientFunds: the account holds less.
    """
    debit(ledger, account, asset, amount)
    key = escrow_key(peer, asset)
    ledger.put(key, ledger.amount(key) + amount)


def unlock(ledger: Ledger, account: bytes, asset: str, amount: int, peer: bytes) -> None:
    """Move units out of the escrow for a peer chain into an account.

    Raises:
        EscrowExceeded: the escrow holds less: the peer made units from nowhere.
    """
    key = escrow_key(peer, asset)
    escrow = ledger.amount(key)
    if escrow < amount:
        raise EscrowExceeded(asset=asset, escrow=escrow, needed=amount)
    ledger.put(key, escrow - amount)
    credit(ledger, account, asset, amount)
