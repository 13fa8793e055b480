import type { Client } from './createClient.js'
import { request } from './request.js'

/** A query's result and the height of the state it was read from. */
export interface QueryResult {
  readonly height: bigint
  /** JSON as the DApp's manifest describes it; amounts are decimal strings. */
  readonly data: unknown
}

/** Run a query of a DApp on its committed state. */
export async function query(
  client: Client,
  name: string,
  parameters: Readonly<Record<string, string | number | bigint | undefined>> = {},
): Promise<QueryResult> {
  const path = `/queries/${encodeURIComponent(name)}`
  const answer = await request(client, { path, query: parameters })
  return { height: answer.integer('height'), data: answer.any('data') }
}
