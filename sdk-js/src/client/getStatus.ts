import type { Fees } from '../blocks/requiredFee.js'
import type { Answer } from './answer.js'
import type { Client } from './createClient.js'
import { request } from './request.js'

/** Where a chain stands and what it costs. */
export interface Status {
  readonly chainId: Uint8Array
  readonly name: string
  readonly machine: string
  readonly height: bigint
  readonly blockId: Uint8Array
  /** Header time, milliseconds since 1970 UTC. */
  readonly timeMs: bigint
  readonly stateRoot: Uint8Array
  readonly blockIntervalMs: bigint
  readonly fees: Fees
  /** What the node tells about itself. */
  readonly node: unknown
}

/** The newest block and the prices of the chain. */
export async function getStatus(client: Client): Promise<Status> {
  const answer = await request(client, { path: '/status' })
  return {
    chainId: answer.bytes('chain_id'),
    name: answer.text('name'),
    machine: answer.text('machine'),
    height: answer.integer('height'),
    blockId: answer.bytes('block_id'),
    timeMs: answer.integer('time_ms'),
    stateRoot: answer.bytes('state_root'),
    blockIntervalMs: answer.integer('block_interval_ms'),
    fees: feesOf(answer.object('fees')),
    node: answer.any('node'),
  }
}

function feesOf(answer: Answer): Fees {
  return {
    asset: answer.text('asset'),
    byteFee: answer.integer('byte_fee'),
    gasPrice: answer.integer('gas_price'),
    relayFee: answer.integer('relay_fee'),
  }
}
