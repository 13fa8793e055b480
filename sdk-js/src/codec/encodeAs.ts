import { encodeValue } from './encodeValue.js'
import type { Shape } from './shape.js'

/** Encode a typed object to its canonical bytes. */
export function encodeAs<T>(shape: Shape<T>, object: T): Uint8Array {
  return encodeValue(shape.write(object))
}
