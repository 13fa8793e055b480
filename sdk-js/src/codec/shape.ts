import { Malformed } from '../errors/protocol.js'
import type { Value } from './value.js'

/** How a typed object stands as a value, and how it is read back. */
export interface Shape<T> {
  /** The value that stands for the object. */
  readonly write: (object: T) => Value
  /** The object a value stands for; throws `Malformed` naming the `path`. */
  readonly read: (value: Value, path: string) => T
}

/** The type that a shape describes: `type Header = Of<typeof headerShape>`. */
export type Of<S> = S extends Shape<infer T> ? T : never

interface AnyShape {
  readonly write: (object: never) => Value
  readonly read: (value: Value, path: string) => unknown
}

function fail(path: string, expected: string): never {
  throw new Malformed({ path, expected })
}

/** An integer; always a `bigint`. */
export const int: Shape<bigint> = {
  write: (object) => object,
  read: (value, path) => (typeof value === 'bigint' ? value : fail(path, 'integer')),
}

/** Bytes. */
export const bytes: Shape<Uint8Array> = {
  write: (object) => object,
  read: (value, path) => (value instanceof Uint8Array ? value : fail(path, 'bytes')),
}

/** Text. */
export const text: Shape<string> = {
  write: (object) => object,
  read: (value, path) => (typeof value === 'string' ? value : fail(path, 'text')),
}

/** True or false. */
export const bool: Shape<boolean> = {
  write: (object) => object,
  read: (value, path) => (typeof value === 'boolean' ? value : fail(path, 'bool')),
}

/** One of a few words. */
export function word<const W extends string>(...words: readonly W[]): Shape<W> {
  return {
    write: (object) => object,
    read: (value, path) => words.find((one) => one === value) ?? fail(path, words.join(' | ')),
  }
}

/** A list of any length. */
export function list<T>(item: Shape<T>): Shape<readonly T[]> {
  return {
    write: (object) => object.map(item.write),
    read: (value, path) => arrayOf(value, path).map((one, i) => item.read(one, `${path}[${i}]`)),
  }
}

/** Exactly two things. */
export function pair<A, B>(first: Shape<A>, second: Shape<B>): Shape<readonly [A, B]> {
  return {
    write: ([a, b]) => [first.write(a), second.write(b)],
    read: (value, path) => {
      const [a, b, ...more] = arrayOf(value, path)
      if (a === undefined || b === undefined || more.length > 0) return fail(path, 'two items')
      return [first.read(a, `${path}[0]`), second.read(b, `${path}[1]`)]
    },
  }
}

/** Something or nil. */
export function optional<T>(inner: Shape<T>): Shape<T | null> {
  return {
    write: (object) => (object === null ? null : inner.write(object)),
    read: (value, path) => (value === null ? null : inner.read(value, path)),
  }
}

/** A struct: an array of its fields in the order in which they are given here. */
export function struct<const F extends Readonly<Record<string, AnyShape>>>(
  fields: F,
): Shape<{ readonly [K in keyof F]: ReturnType<F[K]['read']> }> {
  type Struct = { readonly [K in keyof F]: ReturnType<F[K]['read']> }
  const names = Object.keys(fields)
  const shapes = Object.values(fields)
  return {
    write: (object) => names.map((name, i) => shapes[i]?.write(object[name] as never) ?? null),
    read: (value, path) => {
      const items = arrayOf(value, path)
      if (items.length !== names.length) fail(path, `${names.length} fields`)
      const entries = names.map((name, i) => {
        return [name, shapes[i]?.read(items[i] ?? null, `${path}.${name}`)] as const
      })
      return Object.fromEntries(entries) as Struct
    },
  }
}

function arrayOf(value: Value, path: string): readonly Value[] {
  return Array.isArray(value) ? (value as readonly Value[]) : fail(path, 'array')
}
