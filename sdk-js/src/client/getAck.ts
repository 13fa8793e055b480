import { toHex } from '../bytes.js'
import { commitmentProofShape, provenAckShape, verifyAck, type Ack } from '../blocks/bridge.js'
import type { TrustedHeader } from '../blocks/lightClient.js'
import { InvalidProof } from '../errors/protocol.js'
import type { Client } from './createClient.js'
import { request } from './request.js'

/**
 * What became here of message `seq` from `peer`, proven under a header that a light client
 * accepted.
 *
 * @throws NotFound when it is not in that header yet; InvalidProof when the proof is wrong.
 */
export async function getAck(
  client: Client,
  trusted: TrustedHeader,
  { peer, seq }: { readonly peer: Uint8Array; readonly seq: bigint },
): Promise<Ack> {
  const path = `/proofs/acks/${toHex(peer)}/${seq}`
  const answer = await request(client, { path, query: { height: trusted.height } })
  const commitment = answer.struct('commitment', commitmentProofShape)
  const proven = answer.struct('entry', provenAckShape)
  verifyAck(trusted.bridgeRoot, commitment, proven)
  const { ack, path: place } = proven
  if (toHex(commitment.commitment.peer) !== toHex(peer) || ack.seq !== seq || place.index !== seq) {
    throw new InvalidProof({ reason: 'another ack' })
  }
  return ack
}
