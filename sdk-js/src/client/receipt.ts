import type { Answer } from './answer.js'

/** Something a transaction tells the world. */
export interface Event {
  readonly name: string
  /** JSON object; amounts are decimal strings. */
  readonly data: unknown
}

/** What became of a transaction. */
export interface ReceiptView {
  readonly id: Uint8Array
  /** Empty when it did what it says, else the error code it was refused with. */
  readonly code: string
  readonly gas: bigint
  readonly fee: bigint
  readonly events: readonly Event[]
}

/** The receipt that an answer holds. */
export function receiptOf(answer: Answer): ReceiptView {
  return {
    id: answer.bytes('id'),
    code: answer.text('code'),
    gas: answer.integer('gas'),
    fee: answer.integer('fee'),
    events: answer.list('events', (event) => ({ name: event.text('name'), data: event.any('data') })),
  }
}
