import { encodeValue } from '../codec/encodeValue.js'
import type { ChainError } from '../errors/chainError.js'
import { errorOfProblem } from '../errors/errorOfProblem.js'
import { LimitExceeded } from '../errors/protocol.js'
import { SUBMIT_MAX } from '../limits.js'
import type { Answer } from './answer.js'
import type { Client } from './createClient.js'
import { receiptOf, type ReceiptView } from './receipt.js'
import { request } from './request.js'

export interface SubmitParameters {
  /** Encoded signed transactions, 1 to 1,000: `raw` of `signTransaction`. */
  readonly transactions: readonly Uint8Array[]
  /** Answer after the commit; at most this long. Answer at once if absent. */
  readonly waitMs?: number
}

/** What became of one submitted transaction. */
export type SubmitOutcome =
  | { readonly status: 'accepted'; readonly id: Uint8Array }
  | {
      readonly status: 'committed'
      readonly id: Uint8Array
      readonly height: bigint
      readonly index: bigint
      readonly receipt: ReceiptView
    }
  | { readonly status: 'refused'; readonly error: ChainError }

/**
 * Submit signed transactions; one outcome each, in order. Submitting the same bytes again does no
 * harm: a transaction's id makes it once only.
 *
 * @throws when a single transaction is submitted and refused: its error.
 */
export async function submitTransactions(
  client: Client,
  { transactions, waitMs }: SubmitParameters,
): Promise<readonly SubmitOutcome[]> {
  if (transactions.length < 1 || transactions.length > SUBMIT_MAX) {
    throw new LimitExceeded({ transactions: transactions.length, limit: SUBMIT_MAX })
  }
  const wait = waitMs === undefined ? {} : { wait: 'committed', timeout_ms: waitMs }
  const answer = await request(client, {
    path: '/transactions',
    query: wait,
    body: encodeValue(transactions),
    timeoutMs: client.timeoutMs + (waitMs ?? 0),
  })
  return answer.list('data', outcomeOf)
}

function outcomeOf(item: Answer): SubmitOutcome {
  switch (item.text('status')) {
    case 'refused':
      return { status: 'refused', error: errorOfProblem(item.any('error'), 422) }
    case 'committed':
      return {
        status: 'committed',
        id: item.bytes('id'),
        height: item.integer('height'),
        index: item.integer('index'),
        receipt: receiptOf(item.object('receipt')),
      }
    default:
      return { status: 'accepted', id: item.bytes('id') }
  }
}
