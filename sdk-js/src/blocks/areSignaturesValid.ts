import { isSignatureValid } from '../crypto/keys.js'
import type { SignedTransaction } from './transaction.js'

/** Whether every signature of a decoded transaction is valid. */
export function areSignaturesValid({ transaction, id }: SignedTransaction): boolean {
  const parts = transaction.witnesses.flatMap((witness) => {
    return witness.second === null ? [witness] : [witness, witness.second]
  })
  return parts.every(({ script, signatures }) => {
    return signatures.every(([index, signature]) => {
      const key = script.keys[Number(index)]
      return key !== undefined && isSignatureValid(key, id, signature)
    })
  })
}
