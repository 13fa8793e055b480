import type { Answer } from './answer.js'
import type { Client } from './createClient.js'
import type { Page } from './page.js'
import { request } from './request.js'

/** One event of the chain's ordered log. */
export interface LoggedEvent {
  /** Position in the log: a reader continues behind it. */
  readonly cursor: bigint
  readonly height: bigint
  readonly transactionId: Uint8Array
  readonly name: string
  /** JSON object; amounts are decimal strings. */
  readonly data: unknown
}

export interface ListEventsParameters {
  /** Only events behind this cursor; from the first if absent. */
  readonly after?: bigint
  /** Entries, 1 to 1,000; 100 if absent. */
  readonly limit?: number
  /** Only events of this name. */
  readonly name?: string
}

/** Events behind a cursor, oldest first; `nextCursor` is where to go on, also when there are none. */
export async function listEvents(
  client: Client,
  { after, limit, name }: ListEventsParameters = {},
): Promise<Page<LoggedEvent>> {
  const answer = await request(client, { path: '/events', query: { after, limit, name } })
  return {
    data: answer.list('data', eventOf),
    hasMore: answer.bool('has_more'),
    nextCursor: answer.integer('next_cursor'),
  }
}

/** The event that an answer holds. */
export function eventOf(answer: Answer): LoggedEvent {
  return {
    cursor: answer.integer('cursor'),
    height: answer.integer('height'),
    transactionId: answer.bytes('transaction_id'),
    name: answer.text('name'),
    data: answer.any('data'),
  }
}
