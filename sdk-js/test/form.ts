import { fromHex } from '../src/bytes.js'
import type { Shape } from '../src/codec/shape.js'
import type { Value } from '../src/codec/value.js'

/** A JSON object of a vector file: integers are decimal strings, bytes are hex. */
export type Form = Readonly<Record<string, unknown>>

const TEXTS = new Set([
  'arguments', 'asset', 'code', 'consensus', 'data', 'kind', 'machine', 'memo', 'method', 'name',
  'refusals', 'symbol',
])
const HASHES_AND_BYTES =
  /(_root|_hash|_id|_prefix|^body|^chain_prefix|^cosigners|^destination|^forger|^home|^key|^keys|^path|^payload|^peer|^recipient|^seed|^sender|^siblings|_leaf|^signatures|^signers|^source|^id)$/

/** The typed object that a form stands for; the shape checks every part of it. */
export function read<T>(shape: Shape<T>, form: unknown): T {
  return shape.read(valueOf(form, ''), '$')
}

/** Structs are objects whose names are in the order of their fields. */
function valueOf(form: unknown, name: string): Value {
  if (form === null || typeof form === 'boolean') return form
  if (Array.isArray(form)) return form.map((item) => valueOf(item, name))
  if (typeof form === 'object') {
    return Object.entries(form).map(([field, inner]) => valueOf(inner, field))
  }
  const text = String(form)
  if (TEXTS.has(name)) return text
  return HASHES_AND_BYTES.test(name) ? fromHex(text) : BigInt(text)
}

/** The bare value that a form with a type in every part stands for. */
export function readValue(form: unknown): Value {
  if (Array.isArray(form)) return form.map(readValue)
  const [[type, inner] = ['', null]] = Object.entries(form as Form)
  switch (type) {
    case 'nil': return null
    case 'bool': return inner === true
    case 'int': return BigInt(String(inner))
    case 'bytes': return fromHex(String(inner))
    case 'text': return String(inner)
    default: throw new Error(`unknown type ${type}`)
  }
}
