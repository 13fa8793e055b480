import type { Content } from '../blocks/buildTransaction.js'
import { encodeAs } from '../codec/encodeAs.js'
import { struct, text } from '../codec/shape.js'
import { canonicalJson, type Json } from './canonicalJson.js'

/** Payload of `dapp.call` (docs/spec/04-transactions.md section 6). */
export const callShape = struct({ method: text, arguments: text })

export interface CallParameters {
  /** Contract method, as the DApp's manifest names it. */
  readonly method: string
  /** Its arguments by name; amounts as decimal strings. */
  readonly arguments: Readonly<Record<string, Json>>
}

/** Call a contract method of a DApp. */
export function callPayload(call: CallParameters): Content {
  const payload = { method: call.method, arguments: canonicalJson(call.arguments) }
  return { kind: 'dapp.call', payload: encodeAs(callShape, payload) }
}
