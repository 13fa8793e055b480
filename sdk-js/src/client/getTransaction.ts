import { toHex } from '../bytes.js'
import type { Answer } from './answer.js'
import type { Client } from './createClient.js'
import { receiptOf, type ReceiptView } from './receipt.js'
import { request } from './request.js'

/** A committed transaction. */
export interface TransactionView {
  readonly id: Uint8Array
  readonly height: bigint
  /** Position in its block. */
  readonly index: bigint
  readonly kind: string
  /** Address that paid. */
  readonly sender: string
  readonly nonce: bigint
  readonly fee: bigint
  /** The encoded transaction: `decodeTransaction` reads and checks it. */
  readonly raw: Uint8Array
  /** Missing in lists of a block. */
  readonly receipt: ReceiptView | undefined
}

/**
 * A committed transaction with its receipt.
 *
 * @throws NotFound until it is committed.
 */
export async function getTransaction(client: Client, id: Uint8Array): Promise<TransactionView> {
  return transactionOf(await request(client, { path: `/transactions/${toHex(id)}` }))
}

/** The transaction that an answer holds. */
export function transactionOf(answer: Answer): TransactionView {
  return {
    id: answer.bytes('id'),
    height: answer.integer('height'),
    index: answer.integer('index'),
    kind: answer.text('kind'),
    sender: answer.text('sender'),
    nonce: answer.integer('nonce'),
    fee: answer.integer('fee'),
    raw: answer.bytes('raw'),
    receipt: answer.isNull('receipt') ? undefined : receiptOf(answer.object('receipt')),
  }
}
