import { equalBytes } from '../bytes.js'
import { NonCanonical } from '../errors/protocol.js'
import { decodeValue } from './decodeValue.js'
import { encodeAs } from './encodeAs.js'
import type { Shape } from './shape.js'

/**
 * Decode canonical bytes into a typed object.
 *
 * @throws Malformed when the bytes are not of this shape.
 * @throws NonCanonical when they are, but not in the one canonical encoding.
 */
export function decodeAs<T>(shape: Shape<T>, data: Uint8Array): T {
  const object = shape.read(decodeValue(data), '$')
  if (!equalBytes(encodeAs(shape, object), data)) throw new NonCanonical()
  return object
}
