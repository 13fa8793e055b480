"""Messages that run a contract method on arrival (docs/spec/07-bridge.md section 7)."""

from chain_engine.blocks.bridge import BridgeMessage, CallBody
from chain_engine.codec.canonical import Malformed, NonCanonical, decode
from chain_engine.ledger.assets import MAIN_COIN
from chain_engine.ledger.bridge.errors import BadMessage, GasNotPayable, KindNotSupported
from chain_engine.ledger.bridge.send import settling_share
from chain_engine.ledger.errors import FeeTooLow
from chain_engine.ledger.fees import gas_cost
from chain_engine.ledger.ledger import Ledger
from chain_engine.primitives.limits import AMOUNT_MAX


def call_body(message: BridgeMessage) -> CallBody:
    """Decode what a CALL runs.

    Raises:
        BadMessage: the body is not a canonical `CallBody`, or its gas limit is no amount.
    """
    try:
        body = decode(message.body, CallBody)
    except (Malformed, NonCanonical):
        raise BadMessage(field="body") from None
    if not 0 <= body.gas_limit <= AMOUNT_MAX:
        raise BadMessage(field="gas_limit")
    return body


def price_kind(ledger: Ledger, message: BridgeMessage, *, runs_calls: bool) -> int:
    """Check that this chain takes the kind; returns what the gas of a CALL costs, ACC units.

    Raises:
        KindNotSupported: this chain does not take it.
        BadMessage: the body of a CALL is wrong.
        GasNotPayable: gas is sold for another asset than ACC here.
        FeeTooLow: the travelling part of the fee does not buy the gas.
    """
    if message.kind == "TRANSFER":
        return 0
    if message.kind != "CALL" or not runs_calls:
        raise KindNotSupported(kind=message.kind)
    parameters = ledger.context.parameters
    body = call_body(message)
    if body.gas_limit > parameters.transaction_gas_max:
        raise BadMessage(field="gas_limit", limit=parameters.transaction_gas_max)
    cost = gas_cost(parameters, body.gas_limit)
    if cost and parameters.fees.asset != MAIN_COIN:
        raise GasNotPayable(asset=parameters.fees.asset)
    available = message.fee - settling_share(message.fee)
    if cost > available:
        raise FeeTooLow(fee=available, needed=cost)
    return cost
