import { compareBytes } from '../bytes.js'
import { CHAIN_PREFIX_BYTES } from '../limits.js'
import type { UnsignedTransaction } from './transaction.js'

export interface BuildTransactionParameters {
  /** All 32 bytes of the chain's id. */
  readonly chainId: Uint8Array
  /** Kind and encoded payload, from `transferPayload`, `sendPayload`, `callPayload`. */
  readonly content: Content
  /** 20-byte account that pays. */
  readonly sender: Uint8Array
  /** Number of its transactions before this one. */
  readonly nonce: bigint
  /** Last height at which it may be included. */
  readonly validUntilHeight: bigint
  /** Whole price, smallest units of the fee asset; see `requiredFee`. */
  readonly fee: bigint
  /** Gas it may use; 0 if absent. */
  readonly gasLimit?: bigint
  /** Other accounts that consent, in any order. */
  readonly cosigners?: readonly Uint8Array[]
}

/** What a transaction does. */
export interface Content {
  readonly kind: string
  readonly payload: Uint8Array
}

/** Build an unsigned transaction. */
export function buildTransaction(parameters: BuildTransactionParameters): UnsignedTransaction {
  const { chainId, content, sender, nonce, validUntilHeight, fee } = parameters
  return {
    version: 1n,
    chainPrefix: chainId.slice(0, CHAIN_PREFIX_BYTES),
    kind: content.kind,
    sender,
    cosigners: [...(parameters.cosigners ?? [])].sort(compareBytes),
    nonce,
    validUntilHeight,
    fee,
    gasLimit: parameters.gasLimit ?? 0n,
    payload: content.payload,
  }
}
