import { compareBytes, isAscending } from '../bytes.js'
import { encodeAs } from '../codec/encodeAs.js'
import { bytes, int, list, struct, type Of } from '../codec/shape.js'
import { InvalidScript } from '../errors/protocol.js'
import { SCRIPT_KEYS_MAX } from '../limits.js'
import { hash160 } from './hash160.js'
import { verifyKey } from './keys.js'

/**
 * m-of-n account script. `threshold`: signatures needed, 1 to the number of keys. `keys`: tagged
 * public keys of 33 bytes, 1 to 16, distinct, ascending.
 */
export const scriptShape = struct({ threshold: int, keys: list(bytes) })
export type Script = Of<typeof scriptShape>

/** The 1-of-1 script of one tagged key. */
export function singleKeyScript(key: Uint8Array): Script {
  return { threshold: 1n, keys: [key] }
}

/** The script of several owners; keys may be given in any order. */
export function boardScript(threshold: number, keys: readonly Uint8Array[]): Script {
  const script = { threshold: BigInt(threshold), keys: [...keys].sort(compareBytes) }
  verifyScript(script)
  return script
}

/**
 * Check every rule of a script.
 *
 * @throws InvalidScript for the number or order of keys or the threshold.
 * @throws InvalidKey for a key that is none.
 */
export function verifyScript({ threshold, keys }: Script): void {
  if (keys.length < 1 || keys.length > SCRIPT_KEYS_MAX) throw new InvalidScript({ keys: keys.length })
  if (threshold < 1n || threshold > BigInt(keys.length)) {
    throw new InvalidScript({ threshold, keys: keys.length })
  }
  if (!isAscending(keys)) throw new InvalidScript({ reason: 'keys must be distinct and ascending' })
  for (const key of keys) verifyKey(key)
}

/** The 20-byte account of a script. */
export function accountOfScript(script: Script): Uint8Array {
  return hash160(encodeAs(scriptShape, script))
}

/** The 20-byte account of the 1-of-1 script of one tagged key. */
export function accountOfKey(key: Uint8Array): Uint8Array {
  return accountOfScript(singleKeyScript(key))
}
