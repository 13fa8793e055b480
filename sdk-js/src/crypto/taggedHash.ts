import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'

/** Domain tags of the protocol. */
export type Tag =
  | 'acc/block'
  | 'acc/bridge'
  | 'acc/certificate'
  | 'acc/chain-account'
  | 'acc/delegates'
  | 'acc/parameters'
  | 'acc/seed'
  | 'acc/state-leaf'
  | 'acc/state-node'
  | 'acc/tx'
  | 'acc/vote2'
  | 'acc/witness'

/** The 32-byte tagged hash of the joined parts. Source: BIP-340. */
export function taggedHash(tag: Tag, ...parts: readonly Uint8Array[]): Uint8Array {
  const prefix = sha256(utf8ToBytes(tag))
  const state = sha256.create().update(prefix).update(prefix)
  for (const part of parts) state.update(part)
  return state.digest()
}
