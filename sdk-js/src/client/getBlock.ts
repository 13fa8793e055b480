import { toHex } from '../bytes.js'
import type { Answer } from './answer.js'
import type { Client } from './createClient.js'
import { request } from './request.js'

/** A block as the node tells it; `getHeader` gives what can be proven. */
export interface BlockView {
  readonly height: bigint
  readonly id: Uint8Array
  readonly parentId: Uint8Array
  readonly round: bigint
  readonly timeMs: bigint
  readonly forger: Uint8Array
  readonly transactionCount: bigint
}

/** A block by height or id, or the newest; throws `NotFound`. */
export async function getBlock(
  client: Client,
  block: bigint | Uint8Array | 'latest' = 'latest',
): Promise<BlockView> {
  const name = block instanceof Uint8Array ? toHex(block) : String(block)
  return blockOf(await request(client, { path: `/blocks/${name}` }))
}

/** The block that an answer holds. */
export function blockOf(answer: Answer): BlockView {
  const header = answer.object('header')
  return {
    height: header.integer('height'),
    id: header.bytes('id'),
    parentId: header.bytes('parent_id'),
    round: header.integer('round'),
    timeMs: header.integer('time_ms'),
    forger: header.bytes('forger'),
    transactionCount: answer.integer('transaction_count'),
  }
}
