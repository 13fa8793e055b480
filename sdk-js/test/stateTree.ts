import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes } from '@noble/hashes/utils.js'
import { toHex } from '../src/bytes.js'
import { taggedHash } from '../src/crypto/taggedHash.js'

interface Leaf {
  readonly path: string
  readonly hash: Uint8Array
}

/** The state root by its definition, over all entries at once: what proofs are checked against. */
export function stateRoot(entries: readonly (readonly [Uint8Array, Uint8Array])[]): Uint8Array {
  const leaves = entries.map(([key, value]) => {
    const path = sha256(key)
    const leaf = concatBytes(path, sha256(value))
    return { path: toHex(path), hash: taggedHash('acc/state-leaf', leaf) }
  })
  return leaves.length === 0 ? new Uint8Array(32) : subtree(leaves, 0)
}

function subtree(leaves: readonly Leaf[], depth: number): Uint8Array {
  const [only, ...more] = leaves
  if (only !== undefined && more.length === 0) return only.hash
  let present = 0
  const hashes: Uint8Array[] = []
  for (let nibble = 0; nibble < 16; nibble += 1) {
    const inside = leaves.filter(({ path }) => path[depth] === nibble.toString(16))
    if (inside.length === 0) continue
    present |= 1 << nibble
    hashes.push(subtree(inside, depth + 1))
  }
  return taggedHash('acc/state-node', Uint8Array.of(present >> 8, present & 0xff), ...hashes)
}
