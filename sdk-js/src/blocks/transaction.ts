import { bytes, int, list, optional, pair, struct, text, type Of } from '../codec/shape.js'
import { scriptShape } from '../crypto/script.js'

const signaturesShape = list(pair(int, bytes))

/** Signatures of an account's second key. */
export const secondWitnessShape = struct({ script: scriptShape, signatures: signaturesShape })

/**
 * Proof that one account consents: its script, then exactly `threshold` pairs of key index and
 * 64-byte signature, ascending; `second` is the same for the account's second key, if it has one.
 */
export const witnessShape = struct({
  script: scriptShape,
  signatures: signaturesShape,
  second: optional(secondWitnessShape),
})
export const witnessesShape = list(witnessShape)
export type Witness = Of<typeof witnessShape>

/** The transaction as it travels (docs/spec/04-transactions.md section 1). */
export const transactionShape = struct({
  /** Format: 1. */
  version: int,
  /** First 8 bytes of the chain id; the transaction id covers all 32. */
  chainPrefix: bytes,
  /** What it does, such as `account.transfer`. */
  kind: text,
  /** 20-byte account whose nonce and balance pay. */
  sender: bytes,
  /** Up to 15 other accounts that consent, ascending, distinct, without the sender. */
  cosigners: list(bytes),
  /** Number of transactions of the sender before this one. */
  nonce: int,
  /** Last height at which it may be included. */
  validUntilHeight: int,
  /** Whole price in the chain's fee asset, smallest units. */
  fee: int,
  /** Gas it may use; 0 where nothing is metered. */
  gasLimit: int,
  /** Canonical bytes of the kind's payload struct. */
  payload: bytes,
  /** One for the sender, then one for each cosigner. */
  witnesses: witnessesShape,
})
export type Transaction = Of<typeof transactionShape>

/** A transaction that nobody has signed yet. */
export type UnsignedTransaction = Omit<Transaction, 'witnesses'>

/** A signed transaction with everything computed from its bytes. */
export interface SignedTransaction {
  /** The bytes to submit. */
  readonly raw: Uint8Array
  /** The transaction. */
  readonly transaction: Transaction
  /** 32 bytes that the witnesses sign. */
  readonly id: Uint8Array
  /** Hash over the whole transaction, as blocks commit to it. */
  readonly witnessHash: Uint8Array
}
