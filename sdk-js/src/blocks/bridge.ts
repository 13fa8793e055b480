import { utf8ToBytes } from '@noble/hashes/utils.js'
import { compareBytes, equalBytes } from '../bytes.js'
import { encodeAs } from '../codec/encodeAs.js'
import { encodeValue } from '../codec/encodeValue.js'
import { bytes, int, struct, text, word, type Of } from '../codec/shape.js'
import {
  inclusionProofShape,
  merkleRoot,
  rootOfInclusion,
  verifyInclusion,
  type InclusionProof,
} from '../crypto/merkle.js'
import { taggedHash } from '../crypto/taggedHash.js'
import { InvalidProof } from '../errors/protocol.js'
import { ACCOUNT_BYTES } from '../limits.js'

/** An asset named the same way on every chain: its home chain's id and its symbol there. */
export const assetIdShape = struct({ home: bytes, symbol: text })

/** One entry of a source chain's outbox towards one peer (docs/spec/07-bridge.md). */
export const messageShape = struct({
  version: int,
  source: bytes,
  destination: bytes,
  seq: int,
  kind: word('TRANSFER', 'CALL', 'RECORD', 'CONTROL'),
  asset: assetIdShape,
  amount: int,
  sender: bytes,
  recipient: bytes,
  expiresAtMs: int,
  fee: int,
  memo: text,
  body: bytes,
})
export type BridgeMessage = Of<typeof messageShape>

/** What a CALL message runs on arrival; `arguments` is canonical JSON text. */
export const callBodyShape = struct({ method: text, arguments: text, gasLimit: int })
export type CallBody = Of<typeof callBodyShape>

/** What became of message `seq`: `status` 1 delivered, 2 failed with `code`, 3 expired. */
export const ackShape = struct({ version: int, seq: int, status: int, code: text })
export type Ack = Of<typeof ackShape>

/** What a chain's header commits to about one peer. */
export const commitmentShape = struct({
  version: int,
  peer: bytes,
  outboxRoot: bytes,
  outboxSize: int,
  ackRoot: bytes,
  ackSize: int,
  settleNext: int,
  vouchersRoot: bytes,
  status: int,
})
export type PeerCommitment = Of<typeof commitmentShape>

/** A commitment and its path to a header's bridge root. */
export const commitmentProofShape = struct({ commitment: commitmentShape, path: inclusionProofShape })
export type CommitmentProof = Of<typeof commitmentProofShape>

/** A message and its path to the outbox root. */
export const provenMessageShape = struct({ message: messageShape, path: inclusionProofShape })
export type ProvenMessage = Of<typeof provenMessageShape>

/** An ack and its path to the ack root. */
export const provenAckShape = struct({ ack: ackShape, path: inclusionProofShape })
export type ProvenAck = Of<typeof provenAckShape>

/** Root over the commitments, ascending by peer, and over their number. */
export function bridgeRoot(commitments: readonly PeerCommitment[]): Uint8Array {
  const ordered = [...commitments].sort((a, b) => compareBytes(a.peer, b.peer))
  const leaves = ordered.map((commitment) => encodeAs(commitmentShape, commitment))
  return countedRoot(BigInt(leaves.length), merkleRoot(leaves))
}

/** Check a commitment against a header's bridge root; throws `InvalidProof`. */
export function verifyCommitment(root: Uint8Array, { commitment, path }: CommitmentProof): void {
  const found = rootOfInclusion(encodeAs(commitmentShape, commitment), path)
  if (found === undefined || !equalBytes(countedRoot(path.size, found), root)) {
    throw new InvalidProof({ index: path.index, size: path.size })
  }
}

/** An RFC 6962 root alone fits several (index, size) pairs; this one fits one. */
function countedRoot(count: bigint, root: Uint8Array): Uint8Array {
  return taggedHash('acc/bridge', encodeValue(count), root)
}

/** Which entry of a log is asked for: `seq` towards or from `peer`. */
export interface EntryName {
  readonly peer: Uint8Array
  readonly seq: bigint
}

/** Check message `seq` to `peer` against a bridge root; throws `InvalidProof`. */
export function verifyMessage(
  root: Uint8Array,
  name: EntryName,
  proof: CommitmentProof,
  { message, path }: ProvenMessage,
): void {
  verifyPlace(root, name, proof, { seq: message.seq, size: proof.commitment.outboxSize, path })
  verifyInclusion(proof.commitment.outboxRoot, encodeAs(messageShape, message), path)
}

/** Check the ack of message `seq` from `peer` against a bridge root; throws `InvalidProof`. */
export function verifyAck(
  root: Uint8Array,
  name: EntryName,
  proof: CommitmentProof,
  { ack, path }: ProvenAck,
): void {
  verifyPlace(root, name, proof, { seq: ack.seq, size: proof.commitment.ackSize, path })
  verifyInclusion(proof.commitment.ackRoot, encodeAs(ackShape, ack), path)
}

interface Place {
  readonly seq: bigint
  readonly size: bigint
  readonly path: InclusionProof
}

/** A root does not commit to its size: index and size must be those that the chain committed to. */
function verifyPlace(root: Uint8Array, name: EntryName, proof: CommitmentProof, place: Place): void {
  verifyCommitment(root, proof)
  const isPlace = place.path.index === name.seq && place.path.size === place.size
  if (!isPlace || place.seq !== name.seq || !equalBytes(proof.commitment.peer, name.peer)) {
    throw new InvalidProof({ index: place.path.index, size: place.path.size })
  }
}

/** A keyless account of a chain, such as its escrow towards a peer. */
export function chainAccount(
  chainId: Uint8Array,
  purpose: string,
  peer: Uint8Array = new Uint8Array(),
): Uint8Array {
  const parts = [chainId, utf8ToBytes(purpose), Uint8Array.of(0), peer]
  return taggedHash('acc/chain-account', ...parts).slice(0, ACCOUNT_BYTES)
}
