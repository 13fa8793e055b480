import { toHex } from '../bytes.js'
import type { Client } from './createClient.js'
import { receiptOf, type ReceiptView } from './receipt.js'
import { request } from './request.js'

/** The receipt that a signed transaction would get on the committed state; nothing is submitted. */
export async function simulateTransaction(client: Client, raw: Uint8Array): Promise<ReceiptView> {
  const body = { transaction: toHex(raw) }
  return receiptOf((await request(client, { path: '/transactions/simulate', body })).object('receipt'))
}
