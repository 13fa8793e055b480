import { ChainError } from './chainError.js'

export class Malformed extends ChainError {
  static override readonly code = 'MALFORMED'
  static override readonly title = 'The bytes do not have the expected shape.'
  static override readonly fix = 'Encode the value as docs/spec/01-values.md says; `reason` names the first difference.'
  static override readonly status = 400
}

export class NonCanonical extends ChainError {
  static override readonly code = 'NON_CANONICAL'
  static override readonly title = 'The bytes are not the canonical encoding of their value.'
  static override readonly fix = 'Encode integers in the shortest form, bytes as bin and structs as arrays.'
  static override readonly status = 400
}

export class LimitExceeded extends ChainError {
  static override readonly code = 'LIMIT_EXCEEDED'
  static override readonly title = 'A limit was passed.'
  static override readonly fix = 'Make it smaller: the limit and the value are given.'
  static override readonly status = 413
}

export class NotFound extends ChainError {
  static override readonly code = 'NOT_FOUND'
  static override readonly title = 'There is no such thing here.'
  static override readonly fix = 'Check the id; if it was made a moment ago, wait for the next block.'
  static override readonly status = 404
}

export class InvalidKey extends ChainError {
  static override readonly code = 'INVALID_KEY'
  static override readonly title = 'This is not a public key.'
  static override readonly fix = 'A key is 33 bytes: 01 and a 32-byte x coordinate on secp256k1 (BIP-340).'
  static override readonly status = 400
}

export class InvalidSignature extends ChainError {
  static override readonly code = 'INVALID_SIGNATURE'
  static override readonly title = 'A signature does not fit its key and the signed bytes.'
  static override readonly fix = 'Sign the transaction id with the key named by the witness, for this chain.'
  static override readonly status = 422
}

export class InvalidScript extends ChainError {
  static override readonly code = 'INVALID_SCRIPT'
  static override readonly title = 'The account script is not valid.'
  static override readonly fix = 'A script is [threshold, keys]: 1 to 16 distinct keys in ascending order, 1 <= m <= n.'
  static override readonly status = 400
}

export class InvalidAddress extends ChainError {
  static override readonly code = 'INVALID_ADDRESS'
  static override readonly title = 'This is not an address.'
  static override readonly fix = 'Copy the whole address; it begins with A (account) or C (chain) and has a checksum.'
  static override readonly status = 400
}

export class InvalidProof extends ChainError {
  static override readonly code = 'INVALID_PROOF'
  static override readonly title = 'The proof does not lead from the value to the root.'
  static override readonly fix = 'Fetch the proof again for the same header; a proof fits one root only.'
  static override readonly status = 422
}

export class InvalidTransaction extends ChainError {
  static override readonly code = 'INVALID_TRANSACTION'
  static override readonly title = "The transaction's envelope is not valid."
  static override readonly fix = 'See docs/spec/04-transactions.md; `field` names the field that is wrong.'
  static override readonly status = 400
}

export class WrongChain extends ChainError {
  static override readonly code = 'WRONG_CHAIN'
  static override readonly title = 'The transaction is for another chain.'
  static override readonly fix = "Sign it with this chain's id, which /status gives."
  static override readonly status = 422
}

export class InvalidWitness extends ChainError {
  static override readonly code = 'INVALID_WITNESS'
  static override readonly title = 'The witnesses do not fit the transaction.'
  static override readonly fix = 'One witness for the sender and each cosigner, in that order, with exactly m signatures.'
  static override readonly status = 422
}

export class InvalidDelegates extends ChainError {
  static override readonly code = 'INVALID_DELEGATES'
  static override readonly title = 'The delegate set is not valid.'
  static override readonly fix = '1 to 128 distinct keys in ascending order, each with a weight from 1 to 2^53.'
  static override readonly status = 400
}

export class InvalidCertificate extends ChainError {
  static override readonly code = 'INVALID_CERTIFICATE'
  static override readonly title = 'The certificate does not prove that the block was committed.'
  static override readonly fix = 'A certificate needs valid second votes of more than 2/3 of the weight of that height.'
  static override readonly status = 422
}

export class UntrustedHeader extends ChainError {
  static override readonly code = 'UNTRUSTED_HEADER'
  static override readonly title = 'The light client cannot accept this header.'
  static override readonly fix = 'Relay a newer header of the right chain with its certificate and delegate set.'
  static override readonly status = 422
}

export class ConflictingHeader extends ChainError {
  static override readonly code = 'CONFLICTING_HEADER'
  static override readonly title = 'Another header of this height was already accepted.'
  static override readonly fix = 'Keep both headers with their certificates: together they are evidence.'
  static override readonly status = 409
}
