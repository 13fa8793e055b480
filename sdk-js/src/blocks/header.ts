import { encodeAs } from '../codec/encodeAs.js'
import { bytes, int, list, struct, text, type Of } from '../codec/shape.js'
import { merkleRoot } from '../crypto/merkle.js'
import { taggedHash } from '../crypto/taggedHash.js'

/** What a certificate signs, and all that a light client needs (docs/spec/03-blocks.md). */
export const headerShape = struct({
  version: int,
  chainId: bytes,
  height: int,
  round: int,
  timeMs: int,
  parentId: bytes,
  transactionsRoot: bytes,
  receiptsRoot: bytes,
  stateRoot: bytes,
  bridgeRoot: bytes,
  delegatesHash: bytes,
  nextDelegatesHash: bytes,
  parametersHash: bytes,
  evidenceRoot: bytes,
  parentCertificateHash: bytes,
  seed: bytes,
  consensusRoot: bytes,
  forger: bytes,
})
export type Header = Of<typeof headerShape>

/** Something a transaction tells the world; `data` is a JSON object. */
export const eventShape = struct({ name: text, data: text })

/** What became of one transaction; `code` is empty when it did what it says. */
export const receiptShape = struct({
  id: bytes,
  code: text,
  gas: int,
  fee: int,
  events: list(eventShape),
})
export type Receipt = Of<typeof receiptShape>

/** The 32-byte id of a block: the tagged hash of its header. */
export function blockId(header: Header): Uint8Array {
  return taggedHash('acc/block', encodeAs(headerShape, header))
}

/** Root over encoded receipts. */
export function receiptsRoot(receipts: readonly Receipt[]): Uint8Array {
  return merkleRoot(receipts.map((receipt) => encodeAs(receiptShape, receipt)))
}
