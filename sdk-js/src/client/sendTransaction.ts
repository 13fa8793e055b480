import { toHex } from '../bytes.js'
import { buildTransaction, type Content } from '../blocks/buildTransaction.js'
import { requiredFee } from '../blocks/requiredFee.js'
import { signTransaction } from '../blocks/signTransaction.js'
import type { SignedTransaction } from '../blocks/transaction.js'
import { publicKeyOf } from '../crypto/keys.js'
import { accountOfKey, accountOfScript, type Script } from '../crypto/script.js'
import { DeadlineExceeded } from '../errors/ledger.js'
import type { Client } from './createClient.js'
import { getAccount } from './getAccount.js'
import { getStatus } from './getStatus.js'
import { submitTransactions, type SubmitOutcome } from './submitTransactions.js'

export interface SendTransactionParameters {
  /** What it does: `transferPayload`, `sendPayload` or `callPayload`. */
  readonly content: Content
  /** Secrets of the sender and every cosigner. The first one's account pays unless `sender`. */
  readonly secrets: readonly [Uint8Array, ...Uint8Array[]]
  /** Script of the paying account when it is not a single key's. */
  readonly sender?: Script
  /** Other accounts that consent. */
  readonly cosigners?: readonly Uint8Array[]
  /** Scripts of cosigners that are not single keys'. */
  readonly scripts?: readonly Script[]
  /** Gas it may use; needed for `dapp.call`. */
  readonly gasLimit?: bigint
  /** Blocks it may wait; 100 if absent. */
  readonly blocks?: bigint
  /** Longest wait for the commit; 30 seconds if absent. */
  readonly waitMs?: number
}

/** A transaction that is in a block for good. */
export type Committed = Extract<SubmitOutcome, { status: 'committed' }>

/**
 * Ask the chain for nonce and prices, build, sign, submit, and wait for the commit. The keys stay
 * here: only signed bytes leave.
 *
 * A transaction may be committed and refused by its contract: look at `receipt.code`.
 *
 * @throws the node's error when the transaction is refused at the door; `DeadlineExceeded` when it
 *   was not committed in time (submitting the same bytes again does no harm).
 */
export async function sendTransaction(
  client: Client,
  parameters: SendTransactionParameters,
): Promise<Committed> {
  const signed = await prepareTransaction(client, parameters)
  const waitMs = parameters.waitMs ?? 30_000
  const end = Date.now() + waitMs
  // a node may wait for less than it is asked to; the same bytes are the same transaction
  for (let leftMs = waitMs; leftMs > 0; leftMs = end - Date.now()) {
    const [outcome] = await submitTransactions(client, {
      transactions: [signed.raw],
      waitMs: Math.ceil(leftMs),
    })
    if (outcome?.status === 'refused') throw outcome.error
    if (outcome?.status === 'committed') return outcome
  }
  throw new DeadlineExceeded({ waited_ms: waitMs, id: toHex(signed.id) })
}

/** Ask the chain for nonce and prices, build and sign: what `sendTransaction` submits. */
export async function prepareTransaction(
  client: Client,
  parameters: Omit<SendTransactionParameters, 'waitMs'>,
): Promise<SignedTransaction> {
  const { content, secrets, sender: script, cosigners = [], scripts = [] } = parameters
  const own = script === undefined ? accountOfKey(publicKeyOf(secrets[0])) : accountOfScript(script)
  const [status, account] = await Promise.all([getStatus(client), getAccount(client, own)])
  const gasLimit = parameters.gasLimit ?? 0n
  const sign = (fee: bigint): SignedTransaction => {
    const validUntilHeight = status.height + (parameters.blocks ?? 100n)
    const transaction = buildTransaction({
      chainId: status.chainId, content, sender: own, nonce: account.nonce, validUntilHeight, fee,
      gasLimit, cosigners,
    })
    const all = script === undefined ? scripts : [script, ...scripts]
    return signTransaction({ transaction, chainId: status.chainId, secrets, scripts: all })
  }
  // the fee's own length counts: with the fee of an upper bound in place it only shrinks
  const bound = requiredFee(status.fees, sign(0n).raw.length + 8, gasLimit)
  return sign(requiredFee(status.fees, sign(bound).raw.length, gasLimit))
}
