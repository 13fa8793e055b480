import { schnorr, secp256k1 } from '@noble/curves/secp256k1.js'
import { bytesToNumberBE } from '@noble/curves/utils.js'
import { concatBytes } from '@noble/hashes/utils.js'
import { InvalidKey } from '../errors/protocol.js'
import { toHex } from '../bytes.js'

/** Scheme 1: secp256k1 Schnorr, BIP-340. */
export const SCHNORR = 1
export const PUBLIC_KEY_BYTES = 33
export const SIGNATURE_BYTES = 64
export const SECRET_BYTES = 32

/** The 33-byte tagged public key of 32 secret bytes; throws `InvalidKey`. */
export function publicKeyOf(secret: Uint8Array): Uint8Array {
  if (secret.length !== SECRET_BYTES || !secp256k1.utils.isValidSecretKey(secret)) {
    throw new InvalidKey({ reason: 'a secret is 32 bytes, not zero and below the curve order' })
  }
  return concatBytes(Uint8Array.of(SCHNORR), schnorr.getPublicKey(secret))
}

/** 32 fresh secret bytes from the machine's random source. Keep them: they are the account. */
export function generateSecret(): Uint8Array {
  return schnorr.utils.randomSecretKey()
}

/** Sign a 32-byte hash. The auxiliary bytes are zeros, so the same input gives the same bytes. */
export function signHash(secret: Uint8Array, hash: Uint8Array): Uint8Array {
  return schnorr.sign(hash, secret, new Uint8Array(32))
}

/** Check that bytes are a key of a known scheme on its curve; throws `InvalidKey`. */
export function verifyKey(key: Uint8Array): void {
  if (key.length !== PUBLIC_KEY_BYTES || key[0] !== SCHNORR || !isOnCurve(key.subarray(1))) {
    throw new InvalidKey({ key: toHex(key) })
  }
}

/** Whether `signature` over the 32-byte `hash` is by `key`. Never throws. */
export function isSignatureValid(
  key: Uint8Array,
  hash: Uint8Array,
  signature: Uint8Array,
): boolean {
  return (
    signature.length === SIGNATURE_BYTES &&
    hash.length === 32 &&
    key.length === PUBLIC_KEY_BYTES &&
    key[0] === SCHNORR &&
    schnorr.verify(signature, hash, key.subarray(1))
  )
}

function isOnCurve(x: Uint8Array): boolean {
  try {
    schnorr.utils.lift_x(bytesToNumberBE(x))
    return true
  } catch {
    return false
  }
}
