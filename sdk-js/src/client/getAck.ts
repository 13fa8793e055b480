import {
  commitmentProofShape,
  provenAckShape,
  verifyAck,
  type Ack,
  type EntryName,
} from '../blocks/bridge.js'
import type { TrustedHeader } from '../blocks/lightClient.js'
import { toHex } from '../bytes.js'
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
  name: EntryName,
): Promise<Ack> {
  const path = `/proofs/acks/${toHex(name.peer)}/${name.seq}`
  const answer = await request(client, { path, query: { height: trusted.height } })
  const proven = answer.struct('entry', provenAckShape)
  const commitment = answer.struct('commitment', commitmentProofShape)
  verifyAck(trusted.bridgeRoot, name, commitment, proven)
  return proven.ack
}
