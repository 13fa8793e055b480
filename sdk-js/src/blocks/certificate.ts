import { encodeAs } from '../codec/encodeAs.js'
import { encodeValue } from '../codec/encodeValue.js'
import { bytes, int, list, struct, type Of } from '../codec/shape.js'
import { isSignatureValid } from '../crypto/keys.js'
import { taggedHash } from '../crypto/taggedHash.js'
import { InvalidCertificate } from '../errors/protocol.js'
import { HASH_BYTES } from '../limits.js'
import { hasQuorum, weightOf, type DelegateSet } from './delegates.js'

/**
 * Second votes of a quorum for one block. `signers`: bitmap over the delegate set in key order,
 * bit i % 8 of byte i / 8 is member i. `signatures`: one per set bit, in the order of the set.
 */
export const certificateShape = struct({
  height: int,
  round: int,
  blockId: bytes,
  signers: bytes,
  signatures: list(bytes),
})
export type Certificate = Of<typeof certificateShape>

/** The 32 bytes that a second vote signs; an empty `blockId` is a vote for nil. */
export function secondVoteHash(
  chainId: Uint8Array,
  vote: Pick<Certificate, 'height' | 'round' | 'blockId'>,
): Uint8Array {
  return taggedHash('acc/vote2', chainId, encodeValue([vote.height, vote.round, vote.blockId]))
}

/** The hash that the child block's header carries. */
export function certificateHash(certificate: Certificate): Uint8Array {
  return taggedHash('acc/certificate', encodeAs(certificateShape, certificate))
}

/** Member indexes of a signer bitmap, ascending. */
export function indexesOf(bitmap: Uint8Array): number[] {
  return [...bitmap].flatMap((byte, place) => {
    return [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => byte & (1 << bit)).map((bit) => 8 * place + bit)
  })
}

/**
 * Check that distinct members with a quorum of the weight signed this very block.
 *
 * @throws InvalidCertificate; `reason` says what is wrong.
 */
export function verifyCertificate(
  certificate: Certificate,
  delegates: DelegateSet,
  chainId: Uint8Array,
): void {
  const { members } = delegates
  if (certificate.blockId.length !== HASH_BYTES) throw new InvalidCertificate({ reason: 'no block' })
  if (certificate.signers.length !== Math.ceil(members.length / 8)) {
    throw new InvalidCertificate({ reason: 'bitmap length' })
  }
  const indexes = indexesOf(certificate.signers)
  const signers = members.filter((_, index) => indexes.includes(index))
  if (signers.length !== indexes.length) throw new InvalidCertificate({ reason: 'unknown member' })
  if (signers.length !== certificate.signatures.length) {
    throw new InvalidCertificate({ reason: 'number of signatures' })
  }
  if (!hasQuorum(weightOf(signers), weightOf(members))) {
    throw new InvalidCertificate({ reason: 'quorum' })
  }
  const hash = secondVoteHash(chainId, certificate)
  signers.forEach(({ key }, place) => {
    const signature = certificate.signatures[place] ?? new Uint8Array()
    if (!isSignatureValid(key, hash, signature)) {
      throw new InvalidCertificate({ reason: 'signature', signer: indexes[place] })
    }
  })
}
