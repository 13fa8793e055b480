import { Malformed } from '../errors/protocol.js'
import type { Value } from './value.js'

/** Arrays inside arrays: our structs need less than ten. */
const DEPTH_MAX = 64

/** Decoded text keeps a byte order mark: it is part of the text. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Decode msgpack bytes of our subset: nil, booleans, integers, bytes, text and arrays.
 *
 * Longer forms of integers and lengths are read too; whoever hashes the bytes uses `decodeAs`,
 * which encodes again and compares.
 *
 * @throws Malformed for anything else, and for bytes behind the value.
 */
export function decodeValue(data: Uint8Array): Value {
  const reader = new Reader(data)
  const value = reader.read(0)
  if (reader.offset !== data.length) throw new Malformed({ reason: 'bytes behind the value' })
  return value
}

class Reader {
  offset = 0
  readonly #data: Uint8Array
  readonly #view: DataView

  constructor(data: Uint8Array) {
    this.#data = data
    this.#view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  }

  read(depth: number): Value {
    const first = this.#take(1)[0] ?? 0
    if (first <= 0x7f) return BigInt(first)
    if (first >= 0xe0) return BigInt(first - 0x100)
    if (first >= 0xa0 && first <= 0xbf) return this.#text(first & 0x1f)
    if (first >= 0x90 && first <= 0x9f) return this.#array(first & 0x0f, depth)
    switch (first) {
      case 0xc0: return null
      case 0xc2: return false
      case 0xc3: return true
      case 0xc4: case 0xc5: case 0xc6: return this.#take(this.#length(first - 0xc4)).slice()
      case 0xcc: case 0xcd: case 0xce: case 0xcf: return this.#integer(first - 0xcc, false)
      case 0xd0: case 0xd1: case 0xd2: case 0xd3: return this.#integer(first - 0xd0, true)
      case 0xd9: case 0xda: case 0xdb: return this.#text(this.#length(first - 0xd9))
      case 0xdc: case 0xdd: return this.#array(this.#length(first - 0xdc + 1), depth)
      default: throw new Malformed({ reason: `byte 0x${first.toString(16)} at ${this.offset - 1}` })
    }
  }

  #take(count: number): Uint8Array {
    const end = this.offset + count
    if (end > this.#data.length) throw new Malformed({ reason: 'the bytes end too early' })
    const part = this.#data.subarray(this.offset, end)
    this.offset = end
    return part
  }

  /** An integer of 2^step bytes, most significant first. */
  #integer(step: number, signed: boolean): bigint {
    const start = this.offset
    const bytes = this.#take(2 ** step).length
    let value = 0n
    for (let i = start; i < start + bytes; i += 1) value = (value << 8n) | BigInt(this.#view.getUint8(i))
    return signed ? BigInt.asIntN(8 * bytes, value) : value
  }

  #length(step: number): number {
    return Number(this.#integer(step, false))
  }

  #text(length: number): string {
    try {
      return utf8.decode(this.#take(length))
    } catch (error) {
      if (error instanceof TypeError) throw new Malformed({ reason: 'text is not UTF-8' })
      throw error
    }
  }

  #array(length: number, depth: number): Value {
    // every item takes a byte at least: a length beyond the end must not cost memory
    if (length > this.#data.length - this.offset) {
      throw new Malformed({ reason: 'the bytes end too early' })
    }
    if (depth >= DEPTH_MAX) throw new Malformed({ reason: 'nested too deeply' })
    return Array.from({ length }, () => this.read(depth + 1))
  }
}
