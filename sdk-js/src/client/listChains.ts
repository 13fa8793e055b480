import type { Client } from './createClient.js'
import { request } from './request.js'

/** A chain that the node serves. */
export interface ChainSummary {
  readonly chainId: Uint8Array
  /** What `createClient` takes as `chain`; `main` for the main chain. */
  readonly name: string
  readonly height: bigint
}

/** Every chain that the node serves, the main chain first. */
export async function listChains(client: Client): Promise<readonly ChainSummary[]> {
  const answer = await request(client, { path: '/api/v1/chains', isOfNode: true })
  return answer.list('data', (chain) => ({
    chainId: chain.bytes('chain_id'),
    name: chain.text('name'),
    height: chain.integer('height'),
  }))
}
