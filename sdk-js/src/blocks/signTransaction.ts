import { equalBytes, toHex } from '../bytes.js'
import { encodeAs } from '../codec/encodeAs.js'
import { publicKeyOf, signHash } from '../crypto/keys.js'
import { accountOfScript, singleKeyScript, type Script } from '../crypto/script.js'
import { InvalidWitness } from '../errors/protocol.js'
import {
  transactionShape,
  type SignedTransaction,
  type UnsignedTransaction,
  type Witness,
} from './transaction.js'
import { transactionId, witnessHash } from './transactionId.js'

export interface SignTransactionParameters {
  readonly transaction: UnsignedTransaction
  /** All 32 bytes of the chain's id. */
  readonly chainId: Uint8Array
  /** Secrets of the sender and every cosigner, 32 bytes each. */
  readonly secrets: readonly Uint8Array[]
  /** The m-of-n scripts involved; accounts of single keys need none. */
  readonly scripts?: readonly Script[]
}

/**
 * Sign for the sender and every cosigner.
 *
 * Signatures are deterministic. Of an m-of-n script the first m keys at hand sign.
 *
 * @throws InvalidWitness when an account's script or enough of its keys are missing.
 */
export function signTransaction(parameters: SignTransactionParameters): SignedTransaction {
  const { transaction: unsigned, chainId } = parameters
  const id = transactionId(unsigned, chainId)
  const signers = parameters.secrets.map((secret) => ({ secret, key: publicKeyOf(secret) }))
  const scripts = [...signers.map(({ key }) => singleKeyScript(key)), ...(parameters.scripts ?? [])]
  const witnesses = [unsigned.sender, ...unsigned.cosigners].map((account) => {
    const script = scripts.find((one) => equalBytes(accountOfScript(one), account))
    if (script === undefined) throw new InvalidWitness({ account: toHex(account), reason: 'no script' })
    return signScript(script, signers, id)
  })
  const transaction = { ...unsigned, witnesses }
  const raw = encodeAs(transactionShape, transaction)
  return { raw, transaction, id, witnessHash: witnessHash(id, witnesses) }
}

interface Signer {
  readonly secret: Uint8Array
  readonly key: Uint8Array
}

function signScript(script: Script, signers: readonly Signer[], id: Uint8Array): Witness {
  const able = script.keys.flatMap((key, index) => {
    const signer = signers.find((one) => equalBytes(one.key, key))
    return signer === undefined ? [] : [{ index: BigInt(index), secret: signer.secret }]
  })
  if (BigInt(able.length) < script.threshold) {
    throw new InvalidWitness({ signatures: able.length, needed: script.threshold })
  }
  const chosen = able.slice(0, Number(script.threshold))
  const signatures = chosen.map(({ index, secret }) => [index, signHash(secret, id)] as const)
  return { script, signatures, second: null }
}
