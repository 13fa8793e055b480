import { toHex } from '../bytes.js'
import { stateProofShape, verifyState } from '../blocks/stateProof.js'
import type { TrustedHeader } from '../blocks/lightClient.js'
import type { Client } from './createClient.js'
import { request } from './request.js'

/**
 * The value of a state key (null: absent), proven under a header that a light client accepted.
 *
 * @throws NotFound when the node no longer has the state of that header: follow the chain, try
 *   again. InvalidProof when the proof is wrong.
 */
export async function getState(
  client: Client,
  trusted: TrustedHeader,
  key: Uint8Array,
): Promise<Uint8Array | null> {
  const path = `/proofs/state/${toHex(key)}`
  const answer = await request(client, { path, query: { height: trusted.height } })
  const value = answer.isNull('value') ? null : answer.bytes('value')
  verifyState(trusted.stateRoot, key, value, answer.struct('proof', stateProofShape))
  return value
}
