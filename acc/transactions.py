"""Making a transaction that a node will accept: nonce, expiry and fee are asked of the node."""

from dataclasses import dataclass
from typing import Any

from chain_engine.blocks.build import build_transaction, sign_transaction
from chain_engine.blocks.transaction import SignedTransaction
from chain_engine.crypto.accounts import account_of_key, encode_address
from chain_engine.crypto.keys import SecretKey
from chain_engine.http.client import ChainClient
from chain_engine.ledger.fees import GAS_UNIT
from chain_engine.primitives.limits import AMOUNT_MAX

VALID_BLOCKS = 1_000
"""How many blocks a transaction made here can wait."""


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants a transaction to do."""

    kind: str
    """Transaction kind, such as `account.transfer`."""

    payload: Any
    """The kind's payload struct."""

    gas_limit: int = 0
    """Gas it may use."""

    fee: int | None = None
    """Units to pay; None: the least that the chain demands."""

    nonce: int | None = None
    """Nonce; None: the account's next one in the committed state."""


async def prepare_transaction(
    client: ChainClient, key: SecretKey, order: Order
) -> SignedTransaction:
    """Complete and sign an order for the client's chain with a single key.

    Raises:
        NodeUnreachable: the node does not answer.
        ChainError: what the node answered instead.
    """
    status = await client.status()
    account = account_of_key(key.public)
    nonce = order.nonce
    if nonce is None:
        nonce = (await client.account(encode_address(account))).nonce
    chain_id = bytes.fromhex(status["chain_id"])

    def sign(fee: int) -> SignedTransaction:
        unsigned = build_transaction(
            chain_id=chain_id,
            kind=order.kind,
            sender=account,
            nonce=nonce,
            valid_until_height=status["height"] + VALID_BLOCKS,
            fee=fee,
            payload=order.payload,
            gas_limit=order.gas_limit,
        )
        return sign_transaction(unsigned, chain_id, [key])

    if order.fee is not None:
        return sign(order.fee)
    # no fee makes the transaction longer than this one does
    size = sign(AMOUNT_MAX).size
    return sign(least_fee(status["fees"], size, order.gas_limit))


def least_fee(fees: dict[str, Any], size: int, gas_limit: int) -> int:
    """The fee a chain with these published prices demands, units."""
    gas = -(-gas_limit * int(fees["gas_price"]) // GAS_UNIT)
    return int(fees["byte_fee"]) * size + gas
