import { equalBytes, toHex } from '../bytes.js'
import { bytes, int, struct, type Of } from '../codec/shape.js'
import { ConflictingHeader, UntrustedHeader } from '../errors/protocol.js'
import { indexesOf, verifyCertificate, type Certificate } from './certificate.js'
import {
  delegateSetShape,
  delegatesHash,
  hasHonestMember,
  verifyDelegates,
  weightOf,
  type DelegateSet,
} from './delegates.js'
import { blockId, type Header } from './header.js'

/** Everything a light client remembers (docs/spec/06-light-client.md). */
export const trustedHeaderShape = struct({
  version: int,
  chainId: bytes,
  height: int,
  headerId: bytes,
  timeMs: int,
  bridgeRoot: bytes,
  stateRoot: bytes,
  nextDelegatesHash: bytes,
  delegates: delegateSetShape,
  trustingPeriodMs: int,
})
export type TrustedHeader = Of<typeof trustedHeaderShape>

/** A header with all that proves it. */
export interface CertifiedHeader {
  readonly header: Header
  readonly certificate: Certificate
  /** The set that signed it. */
  readonly delegates: DelegateSet
}

/** Start from a header that is trusted for another reason: genesis, or an operator's word. */
export function trustHeader(
  header: Header,
  delegates: DelegateSet,
  trustingPeriodMs: bigint,
  chainId: Uint8Array = header.chainId,
): TrustedHeader {
  return {
    version: 1n,
    chainId,
    height: header.height,
    headerId: blockId(header),
    timeMs: header.timeMs,
    bridgeRoot: header.bridgeRoot,
    stateRoot: header.stateRoot,
    nextDelegatesHash: header.nextDelegatesHash,
    delegates,
    trustingPeriodMs,
  }
}

/**
 * Accept a newer header, or say why not. `nowMs` is this machine's clock.
 *
 * @throws UntrustedHeader, ConflictingHeader, InvalidCertificate, InvalidDelegates, InvalidKey
 */
export function advance(
  trusted: TrustedHeader,
  { header, certificate, delegates }: CertifiedHeader,
  nowMs: bigint,
): TrustedHeader {
  const identity = blockId(header)
  refuseUnless(equalBytes(header.chainId, trusted.chainId), 'other chain')
  refuseUnless(
    equalBytes(certificate.blockId, identity) && certificate.height === header.height,
    'the certificate is for another block',
  )
  refuseUnless(
    header.height >= trusted.height && !equalBytes(identity, trusted.headerId),
    'not newer',
  )
  refuseUnless(nowMs <= trusted.timeMs + trusted.trustingPeriodMs, 'trusting period is over')
  refuseUnless(
    equalBytes(delegatesHash(delegates), header.delegatesHash),
    "the delegate set is not the header's",
  )
  verifyDelegates(delegates)
  verifySuccession(trusted, { header, certificate, delegates })
  verifyCertificate(certificate, delegates, trusted.chainId)
  if (header.height === trusted.height) {
    throw new ConflictingHeader({ height: header.height, other: toHex(identity) })
  }
  refuseUnless(header.timeMs > trusted.timeMs, 'time does not advance')
  return trustHeader(header, delegates, trusted.trustingPeriodMs)
}

/** The set is the trusted next one, or more than 1/3 of the trusted weight signed as well. */
function verifySuccession(trusted: TrustedHeader, offered: CertifiedHeader): void {
  const { header, certificate, delegates } = offered
  if (equalBytes(header.delegatesHash, trusted.nextDelegatesHash)) return
  refuseUnless(
    header.height !== trusted.height + 1n,
    'not the delegates that the trusted header names',
  )
  const signers = new Set(
    indexesOf(certificate.signers).flatMap((index) => {
      const member = delegates.members[index]
      return member === undefined ? [] : [toHex(member.key)]
    }),
  )
  const { members } = trusted.delegates
  const known = weightOf(members.filter(({ key }) => signers.has(toHex(key))))
  refuseUnless(
    hasHonestMember(known, weightOf(members)),
    'too little of the trusted weight signed',
  )
}

function refuseUnless(holds: boolean, reason: string): void {
  if (!holds) throw new UntrustedHeader({ reason })
}
