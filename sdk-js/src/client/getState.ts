import { equalBytes, toHex } from '../bytes.js'
import { stateProofShape, verifyState } from '../blocks/stateProof.js'
import type { TrustedHeader } from '../blocks/lightClient.js'
import { UntrustedHeader } from '../errors/protocol.js'
import type { Client } from './createClient.js'
import { request } from './request.js'

/**
 * The value of a state key (null: absent), proven under a header that a light client accepted.
 *
 * @throws UntrustedHeader when the node's newest block is another one: follow the chain, try again.
 * @throws InvalidProof when the node's proof is wrong.
 */
export async function getState(
  client: Client,
  trusted: TrustedHeader,
  key: Uint8Array,
): Promise<Uint8Array | null> {
  const answer = await request(client, { path: `/proofs/state/${toHex(key)}` })
  if (!equalBytes(answer.bytes('state_root'), trusted.stateRoot)) {
    throw new UntrustedHeader({ reason: 'the proof is for another block' })
  }
  const value = answer.isNull('value') ? null : answer.bytes('value')
  verifyState(trusted.stateRoot, key, value, answer.struct('proof', stateProofShape))
  return value
}
