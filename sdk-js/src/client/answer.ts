import { fromHex } from '../bytes.js'
import { decodeAs } from '../codec/decodeAs.js'
import type { Shape } from '../codec/shape.js'
import { Malformed } from '../errors/protocol.js'

const DECIMAL = /^(0|[1-9][0-9]*)$/

/** A JSON object of a node's answer, read field by field; a field of another type is `Malformed`. */
export class Answer {
  readonly #fields: Readonly<Record<string, unknown>>
  readonly #path: string

  constructor(value: unknown, path: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new Malformed({ path, expected: 'object' })
    }
    this.#fields = value as Readonly<Record<string, unknown>>
    this.#path = path
  }

  /** Names of all fields. */
  names(): readonly string[] {
    return Object.keys(this.#fields)
  }

  /** A field as it is. */
  any(name: string): unknown {
    return this.#fields[name]
  }

  isNull(name: string): boolean {
    return this.#fields[name] === null || this.#fields[name] === undefined
  }

  text(name: string): string {
    const value = this.#fields[name]
    return typeof value === 'string' ? value : this.#fail(name, 'text')
  }

  /** An integer that JSON holds exactly: a safe number, or a decimal string. */
  integer(name: string): bigint {
    const value = this.#fields[name]
    if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
    if (typeof value === 'string' && DECIMAL.test(value)) return BigInt(value)
    return this.#fail(name, 'integer')
  }

  bool(name: string): boolean {
    const value = this.#fields[name]
    return typeof value === 'boolean' ? value : this.#fail(name, 'bool')
  }

  bytes(name: string): Uint8Array {
    return fromHex(this.text(name))
  }

  /** A struct that travels as the hex of its canonical bytes. */
  struct<T>(name: string, shape: Shape<T>): T {
    return decodeAs(shape, this.bytes(name))
  }

  object(name: string): Answer {
    return new Answer(this.#fields[name], `${this.#path}.${name}`)
  }

  list<T>(name: string, read: (item: Answer) => T): readonly T[] {
    return this.#items(name).map((item, i) => read(new Answer(item, `${this.#path}.${name}[${i}]`)))
  }

  texts(name: string): readonly string[] {
    return this.#items(name).map((item) => {
      return typeof item === 'string' ? item : this.#fail(name, 'texts')
    })
  }

  #items(name: string): readonly unknown[] {
    const value = this.#fields[name]
    return Array.isArray(value) ? value : this.#fail(name, 'list')
  }

  #fail(name: string, expected: string): never {
    throw new Malformed({ path: `${this.#path}.${name}`, expected })
  }
}
