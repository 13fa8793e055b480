import { utf8ToBytes } from '@noble/hashes/utils.js'
import { callBodyShape } from '../blocks/bridge.js'
import type { Content } from '../blocks/buildTransaction.js'
import { encodeAs } from '../codec/encodeAs.js'
import { bytes, int, struct, text } from '../codec/shape.js'
import { BadPayload } from '../errors/ledger.js'
import {
  ACCOUNT_BYTES,
  AMOUNT_MAX,
  ASSET_BYTES_MAX,
  HASH_BYTES,
  MEMO_BYTES_MAX,
  MESSAGE_BODY_BYTES_MAX,
} from '../limits.js'
import { canonicalJson, type Json } from './canonicalJson.js'

/** Payload of `chain.send` (docs/spec/04-transactions.md section 6). */
export const sendShape = struct({
  destination: bytes,
  kind: text,
  asset: text,
  amount: int,
  recipient: bytes,
  expiresAtMs: int,
  fee: int,
  memo: text,
  body: bytes,
})

export interface SendParameters {
  /** Chain id of the peer, 32 bytes. */
  readonly destination: Uint8Array
  /** Asset text of this chain, such as `ACC`. */
  readonly asset: string
  /** Units: at least 1, or 0 with a call. */
  readonly amount: bigint
  /** 20-byte account at the destination; a call acts for it. */
  readonly recipient: Uint8Array
  /** Header time of the destination, after which the message is refunded. */
  readonly expiresAtMs: bigint
  /** Units of ACC for relaying, beside the transaction's own fee. */
  readonly fee: bigint
  /** Free text, at most 256 bytes in UTF-8. */
  readonly memo?: string
  /** Contract method to run on arrival. */
  readonly call?: SendCall
}

export interface SendCall {
  /** A method that the DApp opens to deposits. */
  readonly method: string
  /** Its arguments by name; amounts as decimal strings. */
  readonly arguments: Readonly<Record<string, Json>>
  /** Gas it may use, paid out of the message's fee. */
  readonly gasLimit: bigint
}

/**
 * Send an asset, and perhaps a contract call, to another chain: deposits and withdrawals.
 *
 * @throws BadPayload when a field is outside its range.
 */
export function sendPayload(parameters: SendParameters): Content {
  const { call, memo = '', ...rest } = parameters
  const payload = { ...rest, memo, kind: call ? 'CALL' : 'TRANSFER', body: bodyOf(call) }
  const least = call === undefined ? 1n : 0n
  const rules = {
    destination: payload.destination.length === HASH_BYTES,
    asset: payload.asset.length >= 1 && payload.asset.length <= ASSET_BYTES_MAX,
    amount: payload.amount >= least && payload.amount <= AMOUNT_MAX,
    recipient: payload.recipient.length === ACCOUNT_BYTES,
    expires_at_ms: payload.expiresAtMs >= 0n && payload.expiresAtMs <= AMOUNT_MAX,
    fee: payload.fee >= 0n && payload.fee <= AMOUNT_MAX,
    memo: utf8ToBytes(memo).length <= MEMO_BYTES_MAX,
    body: payload.body.length <= MESSAGE_BODY_BYTES_MAX,
    gas_limit: call === undefined || (call.gasLimit >= 0n && call.gasLimit <= AMOUNT_MAX),
  }
  for (const [field, holds] of Object.entries(rules)) if (!holds) throw new BadPayload({ field })
  return { kind: 'chain.send', payload: encodeAs(sendShape, payload) }
}

function bodyOf(call: SendCall | undefined): Uint8Array {
  if (call === undefined) return new Uint8Array()
  return encodeAs(callBodyShape, { ...call, arguments: canonicalJson(call.arguments) })
}
