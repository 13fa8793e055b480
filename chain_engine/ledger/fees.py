"""What a transaction costs and who gets it (docs/spec/11-main-chain.md section 3)."""

from chain_engine.blocks.parameters import ChainParameters
from chain_engine.crypto.accounts import account_of_key
from chain_engine.ledger.balances import credit, debit
from chain_engine.ledger.errors import FeeTooLow
from chain_engine.ledger.ledger import Ledger

GAS_UNIT = 1000
"""Gas that `gas_price` buys."""


def gas_cost(parameters: ChainParameters, gas: int) -> int:
    """Price of gas in units of the fee asset, rounded up."""
    return -(-gas * parameters.fees.gas_price // GAS_UNIT)


def required_fee(parameters: ChainParameters, size: int, gas_limit: int) -> int:
    """Least fee of a transaction of `size` bytes, units of the fee asset."""
    return parameters.fees.byte_fee * size + gas_cost(parameters, gas_limit)


def verify_fee(parameters: ChainParameters, size: int, gas_limit: int, fee: int) -> None:
    """Check that a fee pays for size and gas.

    Raises:
        FeeTooLow: it does not.
    """
    needed = required_fee(parameters, size, gas_limit)
    if fee < needed:
        raise FeeTooLow(fee=fee, needed=needed)


def pay_fee(ledger: Ledger, account: bytes, fee: int) -> None:
    """Take a fee out of an account; the forger gets it at the end of the block.

    Raises:
        InsufficientFunds: the account cannot pay it.
    """
    if fee:
        debit(ledger, account, ledger.context.parameters.fees.asset, fee)
        ledger.fees += fee


def pay_forger(ledger: Ledger) -> int:
    """Give the block's fees to the forger's single-key account; returns the amount."""
    amount, ledger.fees = ledger.fees, 0
    if amount:
        forger = account_of_key(ledger.context.forger)
        credit(ledger, forger, ledger.context.parameters.fees.asset, amount)
    return amount
