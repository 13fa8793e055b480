import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes } from '@noble/hashes/utils.js'
import { createBase58check } from '@scure/base'
import { InvalidAddress } from '../errors/protocol.js'
import { ACCOUNT_BYTES } from '../limits.js'

/** Version byte of account addresses: they begin with `A`. */
export const ACCOUNT_VERSION = 23
/** Version byte of a chain's own account: its address begins with `C`. */
export const CHAIN_VERSION = 28

/** More than any address has: 25 bytes in base58, whatever the version byte. */
const ADDRESS_CHARACTERS_MAX = 35

const base58check = createBase58check(sha256)

/** The base58check address of a 20-byte account. */
export function encodeAddress(account: Uint8Array, version: number = ACCOUNT_VERSION): string {
  if (account.length !== ACCOUNT_BYTES) throw new RangeError('an account is 20 bytes')
  return base58check.encode(concatBytes(Uint8Array.of(version), account))
}

/**
 * The 20-byte account of an address.
 *
 * @throws InvalidAddress for wrong characters, checksum, length or version byte.
 */
export function decodeAddress(address: string, version: number = ACCOUNT_VERSION): Uint8Array {
  const raw = address.length <= ADDRESS_CHARACTERS_MAX ? tryDecode(address) : undefined
  if (raw?.length !== 1 + ACCOUNT_BYTES || raw[0] !== version) {
    throw new InvalidAddress({ address: address.slice(0, ADDRESS_CHARACTERS_MAX) })
  }
  return raw.slice(1)
}

function tryDecode(address: string): Uint8Array | undefined {
  try {
    return base58check.decode(address)
  } catch {
    return undefined // whatever is wrong with the text, it is not an address
  }
}
