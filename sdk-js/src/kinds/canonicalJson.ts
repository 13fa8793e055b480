import { utf8ToBytes } from '@noble/hashes/utils.js'
import { compareBytes } from '../bytes.js'

/** JSON with integers only: amounts and other large numbers are decimal strings. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json }

/**
 * The one JSON text of a value: no spaces, names sorted by Unicode code points, shortest escapes.
 *
 * @throws RangeError for numbers that are not safe integers and for text with a lone surrogate:
 *   state and arguments of a chain hold neither.
 */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return textOf(value)
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not a safe integer`)
    return String(value === 0 ? 0 : value)
  }
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`
  // code units would sort characters beyond U+FFFF before U+E000; bytes of UTF-8 sort as code points
  const names = Object.keys(value).sort((a, b) => compareBytes(utf8ToBytes(a), utf8ToBytes(b)))
  const members = names.flatMap((name) => {
    const member = value[name]
    return member === undefined ? [] : [`${textOf(name)}:${canonicalJson(member)}`]
  })
  return `{${members.join(',')}}`
}

function isList(value: object): value is readonly Json[] {
  return Array.isArray(value)
}

function textOf(text: string): string {
  if (/\p{Surrogate}/u.test(text)) throw new RangeError('text with a lone surrogate')
  return JSON.stringify(text)
}
