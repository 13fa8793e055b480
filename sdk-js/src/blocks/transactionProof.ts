import { equalBytes } from '../bytes.js'
import { encodeAs } from '../codec/encodeAs.js'
import { int, struct, type Of } from '../codec/shape.js'
import { inclusionProofShape, verifyInclusion } from '../crypto/merkle.js'
import { InvalidProof } from '../errors/protocol.js'
import { receiptShape, type Header } from './header.js'

/** Paths of a transaction and its receipt to the roots of one header. */
export const transactionProofShape = struct({
  height: int,
  transactionPath: inclusionProofShape,
  receipt: receiptShape,
  receiptPath: inclusionProofShape,
})
export type TransactionProof = Of<typeof transactionProofShape>

/**
 * Check that a transaction is in the header's block with this receipt. The header itself must have
 * been proven before; `id` and `witnessHash` are those of the transaction's own bytes.
 *
 * @throws InvalidProof when it is not.
 */
export function verifyTransaction(
  header: Header,
  { id, witnessHash }: { readonly id: Uint8Array; readonly witnessHash: Uint8Array },
  proof: TransactionProof,
): void {
  if (proof.height !== header.height || !equalBytes(proof.receipt.id, id)) {
    throw new InvalidProof({ height: proof.height })
  }
  verifyInclusion(header.transactionsRoot, witnessHash, proof.transactionPath)
  verifyInclusion(header.receiptsRoot, encodeAs(receiptShape, proof.receipt), proof.receiptPath)
}
