import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { I64_MIN, U64_MAX } from '../limits.js'
import type { Value } from './value.js'

const LONE_SURROGATE = /\p{Surrogate}/u

/**
 * Encode a value to its canonical msgpack bytes: integers in the shortest form, bytes as `bin`,
 * structs as arrays.
 *
 * @throws RangeError for integers outside -2^63 to 2^64-1 and for text with a lone surrogate:
 *   both are mistakes of the caller.
 */
export function encodeValue(value: Value): Uint8Array {
  const parts: Uint8Array[] = []
  write(value, parts)
  return concatBytes(...parts)
}

function write(value: Value, parts: Uint8Array[]): void {
  if (value === null) parts.push(Uint8Array.of(0xc0))
  else if (typeof value === 'boolean') parts.push(Uint8Array.of(value ? 0xc3 : 0xc2))
  else if (typeof value === 'bigint') parts.push(integer(value))
  else if (typeof value === 'string') {
    if (LONE_SURROGATE.test(value)) throw new RangeError('text with a lone surrogate')
    const bytes = utf8ToBytes(value)
    parts.push(header(bytes.length, { short: 0xa0, shortMax: 31, one: 0xd9, two: 0xda }), bytes)
  } else if (value instanceof Uint8Array) {
    parts.push(header(value.length, { short: 0, shortMax: -1, one: 0xc4, two: 0xc5 }), value)
  } else {
    parts.push(header(value.length, { short: 0x90, shortMax: 15, one: undefined, two: 0xdc }))
    for (const item of value) write(item, parts)
  }
}

interface HeaderForms {
  /** First byte of the form whose length stands in that byte, and the longest such length. */
  readonly short: number
  readonly shortMax: number
  /** First byte of the form with a one-byte length; arrays have none. */
  readonly one: number | undefined
  /** First byte of the form with a two-byte length; the four-byte form follows it. */
  readonly two: number
}

function header(length: number, forms: HeaderForms): Uint8Array {
  if (length <= forms.shortMax) return Uint8Array.of(forms.short | length)
  if (length <= 0xff && forms.one !== undefined) return Uint8Array.of(forms.one, length)
  if (length <= 0xffff) return fixed(forms.two, 2, BigInt(length))
  return fixed(forms.two + 1, 4, BigInt(length))
}

function integer(value: bigint): Uint8Array {
  if (value < I64_MIN || value > U64_MAX) throw new RangeError('integer outside 64 bits')
  if (value >= -32n && value <= 127n) return Uint8Array.of(Number(BigInt.asUintN(8, value)))
  for (const [step, bytes] of [[0, 1], [1, 2], [2, 4], [3, 8]] as const) {
    const bits = 8 * bytes
    if (value >= 0n && BigInt.asUintN(bits, value) === value) return fixed(0xcc + step, bytes, value)
    if (value < 0n && BigInt.asIntN(bits, value) === value) return fixed(0xd0 + step, bytes, value)
  }
  throw new RangeError('integer outside 64 bits')
}

/** A first byte and then `bytes` bytes of the integer, most significant first. */
function fixed(first: number, bytes: number, value: bigint): Uint8Array {
  const out = new Uint8Array(1 + bytes)
  out[0] = first
  let rest = BigInt.asUintN(64, value)
  for (let place = bytes; place > 0; place -= 1) {
    out[place] = Number(rest & 0xffn)
    rest >>= 8n
  }
  return out
}
