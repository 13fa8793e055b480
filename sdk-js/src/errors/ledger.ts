import { ChainError } from './chainError.js'

export class WrongNonce extends ChainError {
  static override readonly code = 'WRONG_NONCE'
  static override readonly title = 'The nonce is not the next one of this account.'
  static override readonly fix = "Sign again with `expected`; an account's nonce grows by one with each transaction."
  static override readonly status = 409
}

export class ExpiredTransaction extends ChainError {
  static override readonly code = 'EXPIRED_TRANSACTION'
  static override readonly title = 'The transaction is no longer valid at this height.'
  static override readonly fix = 'Sign again with a later valid_until_height.'
  static override readonly status = 422
}

export class FeeTooLow extends ChainError {
  static override readonly code = 'FEE_TOO_LOW'
  static override readonly title = 'The fee is too low.'
  static override readonly fix = 'Pay at least `needed`, in the smallest units.'
  static override readonly status = 422
}

export class InsufficientFunds extends ChainError {
  static override readonly code = 'INSUFFICIENT_FUNDS'
  static override readonly title = 'The account does not hold enough.'
  static override readonly fix = 'Spend less, or fund the account first; `needed` includes what this step takes.'
  static override readonly status = 422
}

export class WrongScript extends ChainError {
  static override readonly code = 'WRONG_SCRIPT'
  static override readonly title = 'The witness is not by the script that controls the account.'
  static override readonly fix = "Sign with the account's current script."
  static override readonly status = 422
}

export class WrongSecondKey extends ChainError {
  static override readonly code = 'WRONG_SECOND_KEY'
  static override readonly title = "The second key of the witness is not the account's."
  static override readonly fix = 'Co-sign with the second key if the account has one, and with none otherwise.'
  static override readonly status = 422
}

export class UnknownKind extends ChainError {
  static override readonly code = 'UNKNOWN_KIND'
  static override readonly title = 'This chain has no such transaction kind.'
  static override readonly fix = 'See docs/spec/11-main-chain.md for the kinds of the main chain.'
  static override readonly status = 422
}

export class BadPayload extends ChainError {
  static override readonly code = 'BAD_PAYLOAD'
  static override readonly title = 'A payload breaks a rule of its kind.'
  static override readonly fix = '`field` names the field; the spec section of the kind gives its range.'
  static override readonly status = 422
}

export class BadAsset extends ChainError {
  static override readonly code = 'BAD_ASSET'
  static override readonly title = 'This does not name an asset.'
  static override readonly fix = 'SYMBOL for assets of this chain and ACC, <home chain id>:SYMBOL for all others.'
  static override readonly status = 422
}

export class RateLimited extends ChainError {
  static override readonly code = 'RATE_LIMITED'
  static override readonly title = 'Too many requests from this address.'
  static override readonly fix = 'Wait for the seconds in Retry-After; put many transactions into one body.'
  static override readonly status = 429
  static override readonly retryable = true
}

export class NotReady extends ChainError {
  static override readonly code = 'NOT_READY'
  static override readonly title = 'The node is not ready.'
  static override readonly fix = 'Wait; `reason` says what it is waiting for.'
  static override readonly status = 503
  static override readonly retryable = true
}

export class DeadlineExceeded extends ChainError {
  static override readonly code = 'DEADLINE_EXCEEDED'
  static override readonly title = 'The answer took longer than the node allows.'
  static override readonly fix = 'Try again; ask for less at once.'
  static override readonly status = 503
  static override readonly retryable = true
}

export class NodeUnreachable extends ChainError {
  static override readonly code = 'NODE_UNREACHABLE'
  static override readonly title = 'The node does not answer.'
  static override readonly fix = 'Check that it runs and that the address is right.'
  static override readonly status = 502
  static override readonly retryable = true
}

export class RemoteError extends ChainError {
  static override readonly code = 'REMOTE_ERROR'
  static override readonly title = 'The node answered with an error.'
  static override readonly fix = "`code` and the message are the node's own words."
  static override readonly status = 502
}
