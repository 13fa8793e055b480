import { advance, type TrustedHeader } from '../blocks/lightClient.js'
import { UntrustedHeader } from '../errors/protocol.js'
import type { Client } from './createClient.js'
import { getHeader } from './getHeader.js'

/**
 * Move a light client to the newest header of a node that need not be trusted.
 *
 * Skips as far as the rules allow; where the delegates changed too much in between it goes half
 * the way first, so a chain of any length takes few requests.
 *
 * @throws UntrustedHeader, ConflictingHeader, InvalidCertificate when the node cannot prove it.
 */
export async function followChain(
  client: Client,
  trusted: TrustedHeader,
  nowMs: bigint = BigInt(Date.now()),
): Promise<TrustedHeader> {
  const { header } = await getHeader(client)
  let reached = trusted
  let target = header.height
  while (reached.height < header.height) {
    const next = await tryHeight(client, reached, target, nowMs)
    if (next !== undefined) {
      reached = next
      target = header.height
    } else {
      target = reached.height + (target - reached.height) / 2n
    }
  }
  return reached
}

/** The client at `target`, or undefined when it is too far to skip to. */
async function tryHeight(
  client: Client,
  trusted: TrustedHeader,
  target: bigint,
  nowMs: bigint,
): Promise<TrustedHeader | undefined> {
  const { header, certificate, delegates } = await getHeader(client, target)
  if (certificate === null || header.height !== target) {
    throw new UntrustedHeader({ reason: 'not the header that was asked for' })
  }
  try {
    return advance(trusted, { header, certificate, delegates }, nowMs)
  } catch (error) {
    // the next height cannot be halved any more: there the refusal is final
    if (error instanceof UntrustedHeader && target > trusted.height + 1n) return undefined
    throw error
  }
}
