import { isAscending } from '../bytes.js'
import { encodeAs } from '../codec/encodeAs.js'
import { bytes, int, list, struct, type Of } from '../codec/shape.js'
import { verifyKey } from '../crypto/keys.js'
import { taggedHash } from '../crypto/taggedHash.js'
import { InvalidDelegates } from '../errors/protocol.js'
import { DELEGATES_MAX, WEIGHT_MAX } from '../limits.js'

/** One member: its 33-byte tagged key and its weight, 1 to 2^53. */
export const delegateShape = struct({ key: bytes, weight: int })
export type Delegate = Of<typeof delegateShape>

/** Everybody who votes at one height, ascending by key. */
export const delegateSetShape = struct({ members: list(delegateShape) })
export type DelegateSet = Of<typeof delegateSetShape>

/** The 32-byte hash that headers carry. */
export function delegatesHash(delegates: DelegateSet): Uint8Array {
  return taggedHash('acc/delegates', encodeAs(delegateSetShape, delegates))
}

/** Sum of the weights of some members; give each member once. */
export function weightOf(members: readonly Delegate[]): bigint {
  return members.reduce((sum, { weight }) => sum + weight, 0n)
}

/** Whether `weight` of `total` decides: more than two thirds. */
export function hasQuorum(weight: bigint, total: bigint): boolean {
  return 3n * weight > 2n * total
}

/** Whether `weight` of `total` must hold an honest delegate: more than one third. */
export function hasHonestMember(weight: bigint, total: bigint): boolean {
  return 3n * weight > total
}

/** Check number, order, keys and weights; throws `InvalidDelegates` or `InvalidKey`. */
export function verifyDelegates({ members }: DelegateSet): void {
  if (members.length < 1 || members.length > DELEGATES_MAX) {
    throw new InvalidDelegates({ members: members.length })
  }
  if (!isAscending(members.map(({ key }) => key))) {
    throw new InvalidDelegates({ reason: 'keys must be distinct and ascending' })
  }
  for (const { key, weight } of members) {
    verifyKey(key)
    if (weight < 1n || weight > WEIGHT_MAX) throw new InvalidDelegates({ weight })
  }
}
