import {
  commitmentProofShape,
  provenMessageShape,
  verifyMessage,
  type BridgeMessage,
  type EntryName,
} from '../blocks/bridge.js'
import type { TrustedHeader } from '../blocks/lightClient.js'
import { toHex } from '../bytes.js'
import type { Client } from './createClient.js'
import { request } from './request.js'

/**
 * Message `seq` from this chain to `peer`, proven under a header that a light client accepted.
 *
 * @throws NotFound when it is not in that header yet; InvalidProof when the proof is wrong.
 */
export async function getMessage(
  client: Client,
  trusted: TrustedHeader,
  name: EntryName,
): Promise<BridgeMessage> {
  const path = `/proofs/messages/${toHex(name.peer)}/${name.seq}`
  const answer = await request(client, { path, query: { height: trusted.height } })
  const proven = answer.struct('entry', provenMessageShape)
  const commitment = answer.struct('commitment', commitmentProofShape)
  verifyMessage(trusted.bridgeRoot, name, commitment, proven)
  return proven.message
}
