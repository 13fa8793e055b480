import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { Malformed } from './errors/protocol.js'

const HEX = /^([0-9a-f]{2})*$/

/** Bytes as lower-case hex. */
export function toHex(data: Uint8Array): string {
  return bytesToHex(data)
}

/**
 * Bytes of lower-case hex.
 *
 * @throws Malformed for upper case, an odd length or other characters.
 */
export function fromHex(hex: string): Uint8Array {
  if (!HEX.test(hex)) throw new Malformed({ expected: 'lower-case hex' })
  return hexToBytes(hex)
}

/** Whether two byte strings are the same. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return compareBytes(a, b) === 0
}

/** Negative, zero or positive, as `a` sorts before, with or after `b`. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** Whether every item sorts after the one before it, so that none occurs twice. */
export function isAscending(items: readonly Uint8Array[]): boolean {
  return items.every((item, i) => {
    const before = items[i - 1]
    return before === undefined || compareBytes(before, item) < 0
  })
}
