import type { Client } from './createClient.js'
import { request } from './request.js'

/** A delegate that signs the next block. */
export interface DelegateView {
  readonly key: Uint8Array
  readonly address: string
  readonly weight: bigint
}

/** The delegates that sign the next block, ascending by key. */
export async function listDelegates(client: Client): Promise<readonly DelegateView[]> {
  const answer = await request(client, { path: '/delegates' })
  return answer.list('data', (delegate) => ({
    key: delegate.bytes('key'),
    address: delegate.text('address'),
    weight: delegate.integer('weight'),
  }))
}
