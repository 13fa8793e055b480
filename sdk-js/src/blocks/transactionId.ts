import { encodeAs } from '../codec/encodeAs.js'
import { encodeValue } from '../codec/encodeValue.js'
import { taggedHash } from '../crypto/taggedHash.js'
import { witnessesShape, type UnsignedTransaction, type Witness } from './transaction.js'

/** The 32 bytes that witnesses sign: all but the witnesses, with the full chain id. */
export function transactionId(tx: UnsignedTransaction, chainId: Uint8Array): Uint8Array {
  const body = [
    tx.version, tx.kind, tx.sender, tx.cosigners, tx.nonce, tx.validUntilHeight, tx.fee,
    tx.gasLimit, tx.payload,
  ]
  return taggedHash('acc/tx', chainId, encodeValue(body))
}

/** Hash over the whole transaction: the id, then the witnesses. */
export function witnessHash(id: Uint8Array, witnesses: readonly Witness[]): Uint8Array {
  return taggedHash('acc/witness', id, encodeAs(witnessesShape, witnesses))
}
