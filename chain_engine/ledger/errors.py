"""What accounts, balances, fees and blocks refuse: one class per rule."""

from chain_engine.primitives.errors import ChainError


class WrongNonce(ChainError):
    """The nonce is not the sender's next one."""

    code = "WRONG_NONCE"
    title = "The nonce is not the next one of this account."
    fix = "Sign again with `expected`; an account's nonce grows by one with each transaction."
    status = 409


class ExpiredTransaction(ChainError):
    """The block is past `valid_until_height`."""

    code = "EXPIRED_TRANSACTION"
    title = "The transaction is no longer valid at this height."
    fix = "Sign again with a later valid_until_height."
    status = 422


class FeeTooLow(ChainError):
    """The fee does not pay for size and gas, or a message's fee not for its relaying."""

    code = "FEE_TOO_LOW"
    title = "The fee is too low."
    fix = "Pay at least `needed`, in the smallest units."
    status = 422


class InsufficientFunds(ChainError):
    """An account does not hold what it would spend."""

    code = "INSUFFICIENT_FUNDS"
    title = "The account does not hold enough."
    fix = "Spend less, or fund the account first; `needed` includes what this step takes."
    status = 422


class SupplyExceeded(ChainError):
    """Issuing would take an asset's supply above the largest amount."""

    code = "SUPPLY_EXCEEDED"
    title = "The supply of the asset would pass the largest amount."
    fix = "Issue less: all units of one asset together stay at or below 2^63-1."
    status = 422


class WrongScript(ChainError):
    """A witness carries a script that does not control its account."""

    code = "WRONG_SCRIPT"
    title = "The witness is not by the script that controls the account."
    fix = "Sign with the account's current script."
    status = 422


class WrongSecondKey(ChainError):
    """An account's second key is missing, wrong or not expected."""

    code = "WRONG_SECOND_KEY"
    title = "The second key of the witness is not the account's."
    fix = "Co-sign with the second key if the account has one, and with none otherwise."
    status = 422


class UnknownKind(ChainError):
    """No such transaction kind on this chain."""

    code = "UNKNOWN_KIND"
    title = "This chain has no such transaction kind."
    fix = "See docs/spec/11-main-chain.md for the kinds of the main chain."
    status = 422


class BadPayload(ChainError):
    """A payload breaks a rule of its kind."""

    code = "BAD_PAYLOAD"
    title = "The payload breaks a rule of its kind."
    fix = "`field` names the field; the spec section of the kind gives its range."
    status = 422


class BadAsset(ChainError):
    """A text or identifier is not an asset."""

    code = "BAD_ASSET"
    title = "This does not name an asset."
    fix = "SYMBOL for assets of this chain and ACC, <home chain id>:SYMBOL for all others."
    status = 422


class BlockFull(ChainError):
    """A transaction does not fit into what is left of the block."""

    code = "BLOCK_FULL"
    title = "The transaction does not fit into the block any more."
    fix = "It waits for the next block."
    status = 503
    retryable = True


class SupplyBroken(ChainError):
    """An audit found units from nowhere, or units lost."""

    code = "SUPPLY_BROKEN"
    title = "Supply and holdings of an asset differ."
    fix = "Stop and keep the data: this node or its chain has a fault."
    status = 500
