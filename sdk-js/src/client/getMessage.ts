import { toHex } from '../bytes.js'
import {
  commitmentProofShape,
  provenMessageShape,
  verifyMessage,
  type BridgeMessage,
} from '../blocks/bridge.js'
import type { TrustedHeader } from '../blocks/lightClient.js'
import { InvalidProof } from '../errors/protocol.js'
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
  { peer, seq }: { readonly peer: Uint8Array; readonly seq: bigint },
): Promise<BridgeMessage> {
  const path = `/proofs/messages/${toHex(peer)}/${seq}`
  const answer = await request(client, { path, query: { height: trusted.height } })
  const commitment = answer.struct('commitment', commitmentProofShape)
  const proven = answer.struct('entry', provenMessageShape)
  verifyMessage(trusted.bridgeRoot, commitment, proven)
  const { message, path: place } = proven
  if (toHex(commitment.commitment.peer) !== toHex(peer) || message.seq !== seq || place.index !== seq) {
    throw new InvalidProof({ reason: 'another message' })
  }
  return message
}
