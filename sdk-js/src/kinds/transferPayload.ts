import { utf8ToBytes } from '@noble/hashes/utils.js'
import type { Content } from '../blocks/buildTransaction.js'
import { encodeAs } from '../codec/encodeAs.js'
import { bytes, int, struct, text } from '../codec/shape.js'
import { BadPayload } from '../errors/ledger.js'
import { ACCOUNT_BYTES, AMOUNT_MAX, ASSET_BYTES_MAX, MEMO_BYTES_MAX } from '../limits.js'

/** Payload of `account.transfer` (docs/spec/04-transactions.md section 6). */
export const transferShape = struct({ asset: text, recipient: bytes, amount: int, memo: text })

export interface TransferParameters {
  /** Asset text of the chain, such as `ACC`. */
  readonly asset: string
  /** 20-byte account; see `decodeAddress`. It need not have been seen before. */
  readonly recipient: Uint8Array
  /** Units, 1 to 2^63-1. */
  readonly amount: bigint
  /** Free text, at most 256 bytes in UTF-8. */
  readonly memo?: string
}

/**
 * Move units of one asset to another account.
 *
 * @throws BadPayload when a field is outside its range.
 */
export function transferPayload(parameters: TransferParameters): Content {
  const payload = { memo: '', ...parameters }
  const rules = {
    recipient: payload.recipient.length === ACCOUNT_BYTES,
    amount: payload.amount >= 1n && payload.amount <= AMOUNT_MAX,
    asset: payload.asset.length >= 1 && payload.asset.length <= ASSET_BYTES_MAX,
    memo: utf8ToBytes(payload.memo).length <= MEMO_BYTES_MAX,
  }
  for (const [field, holds] of Object.entries(rules)) if (!holds) throw new BadPayload({ field })
  return { kind: 'account.transfer', payload: encodeAs(transferShape, payload) }
}
