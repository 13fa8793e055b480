import { equalBytes, isAscending, toHex } from '../bytes.js'
import { decodeAs } from '../codec/decodeAs.js'
import { verifyScript, type Script } from '../crypto/script.js'
import { InvalidTransaction, InvalidWitness, LimitExceeded, WrongChain } from '../errors/protocol.js'
import {
  ACCOUNT_BYTES,
  AMOUNT_MAX,
  CHAIN_PREFIX_BYTES,
  COSIGNERS_MAX,
  KIND_BYTES_MAX,
  PAYLOAD_BYTES_MAX,
  TRANSACTION_BYTES_MAX,
} from '../limits.js'
import { transactionShape, type SignedTransaction, type Transaction } from './transaction.js'
import { transactionId, witnessHash } from './transactionId.js'

const ASCII = /^[\x00-\x7f]*$/

/**
 * Decode transaction bytes and check everything that needs no state and no signature
 * (docs/spec/04-transactions.md section 4); the checks run in the order of the errors below.
 *
 * @throws LimitExceeded, Malformed, NonCanonical, WrongChain, InvalidTransaction, InvalidWitness,
 *   InvalidScript, InvalidKey
 */
export function decodeTransaction(raw: Uint8Array, chainId: Uint8Array): SignedTransaction {
  if (raw.length > TRANSACTION_BYTES_MAX) {
    throw new LimitExceeded({ transaction_bytes: raw.length, limit: TRANSACTION_BYTES_MAX })
  }
  const transaction = decodeAs(transactionShape, raw)
  verifyEnvelope(transaction, chainId)
  verifyWitnessShapes(transaction)
  const id = transactionId(transaction, chainId)
  return { raw, transaction, id, witnessHash: witnessHash(id, transaction.witnesses) }
}

function verifyEnvelope(tx: Transaction, chainId: Uint8Array): void {
  if (tx.version !== 1n) throw new InvalidTransaction({ field: 'version', version: tx.version })
  if (!equalBytes(tx.chainPrefix, chainId.subarray(0, CHAIN_PREFIX_BYTES))) {
    throw new WrongChain({ chain: toHex(tx.chainPrefix) })
  }
  if (tx.kind.length === 0 || tx.kind.length > KIND_BYTES_MAX || !ASCII.test(tx.kind)) {
    throw new InvalidTransaction({ field: 'kind' })
  }
  if (tx.sender.length !== ACCOUNT_BYTES) throw new InvalidTransaction({ field: 'sender' })
  verifyCosigners(tx)
  if (tx.payload.length > PAYLOAD_BYTES_MAX) throw new InvalidTransaction({ field: 'payload' })
  const { nonce, validUntilHeight: valid_until_height, fee, gasLimit: gas_limit } = tx
  for (const [field, value] of Object.entries({ nonce, valid_until_height, fee, gas_limit })) {
    if (value < 0n || value > AMOUNT_MAX) throw new InvalidTransaction({ field })
  }
}

function verifyCosigners({ cosigners, sender }: Transaction): void {
  const wrong = cosigners.some((one) => one.length !== ACCOUNT_BYTES || equalBytes(one, sender))
  if (cosigners.length > COSIGNERS_MAX || wrong || !isAscending(cosigners)) {
    throw new InvalidTransaction({ field: 'cosigners' })
  }
}

function verifyWitnessShapes({ witnesses, cosigners }: Transaction): void {
  const needed = 1 + cosigners.length
  if (witnesses.length !== needed) throw new InvalidWitness({ witnesses: witnesses.length, needed })
  for (const witness of witnesses) {
    verifySignatureList(witness)
    if (witness.second !== null) verifySignatureList(witness.second)
  }
}

interface SignatureList {
  readonly script: Script
  readonly signatures: readonly (readonly [bigint, Uint8Array])[]
}

function verifySignatureList({ script, signatures }: SignatureList): void {
  verifyScript(script)
  if (BigInt(signatures.length) !== script.threshold) {
    throw new InvalidWitness({ signatures: signatures.length, needed: script.threshold })
  }
  let before = -1n
  for (const [index] of signatures) {
    if (index <= before || index >= BigInt(script.keys.length)) {
      throw new InvalidWitness({ reason: 'key indexes are ascending, distinct and in the script' })
    }
    before = index
  }
}
