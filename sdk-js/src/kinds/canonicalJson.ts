/** JSON with integers only: amounts and other large numbers are decimal strings. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json }

/**
 * The one JSON text of a value: names sorted by UTF-16 code units, no spaces (as RFC 8785).
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
  const names = Object.keys(value).sort()
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
