import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes } from '@noble/hashes/utils.js'
import { equalBytes } from '../bytes.js'
import { bytes, int, list, struct, type Of } from '../codec/shape.js'
import { taggedHash } from '../crypto/taggedHash.js'
import { InvalidProof } from '../errors/protocol.js'
import { HASH_BYTES, TREE_DEPTH_MAX } from '../limits.js'

/**
 * The way from the state root to where a key's leaf is, or would be (docs/spec/05-state.md).
 * `present`: mask of taken slots, bit n for nibble n. `siblings`: hashes of the taken slots but
 * the one on the way. `otherLeaf`: path and value hash of another key's leaf at the way's end.
 */
export const stateProofShape = struct({
  levels: list(struct({ present: int, siblings: list(bytes) })),
  otherLeaf: bytes,
})
export type StateProof = Of<typeof stateProofShape>

type Level = StateProof['levels'][number]

/**
 * Check that `key` has `value` (null: is absent) in the state with this root.
 *
 * @throws InvalidProof when it does not follow from the proof.
 */
export function verifyState(
  root: Uint8Array,
  key: Uint8Array,
  value: Uint8Array | null,
  proof: StateProof,
): void {
  const path = sha256(key)
  refuseUnless(proof.levels.length <= TREE_DEPTH_MAX, 'too many levels')
  let node = endOfWay(path, value, proof)
  for (const [depth, level] of [...proof.levels.entries()].reverse()) {
    node = hashLevel(level, nibbleAt(path, depth), node)
  }
  refuseUnless(equalBytes(node ?? new Uint8Array(HASH_BYTES), root), 'it leads to another root')
}

/** Hash of what the proof claims at the end of the way; null for an empty slot. */
function endOfWay(path: Uint8Array, value: Uint8Array | null, proof: StateProof): Uint8Array | null {
  const leaf = proof.otherLeaf
  if (value !== null) {
    refuseUnless(leaf.length === 0, 'a proof of presence names no other leaf')
    return hashLeaf(concatBytes(path, sha256(value)))
  }
  if (leaf.length === 0) return null
  refuseUnless(leaf.length === 2 * HASH_BYTES, 'a leaf is 64 bytes')
  const other = leaf.subarray(0, HASH_BYTES)
  const isOnWay = proof.levels.every((_, i) => nibbleAt(other, i) === nibbleAt(path, i))
  refuseUnless(isOnWay && !equalBytes(other, path), "the other leaf is not in the key's place")
  return hashLeaf(leaf)
}

function hashLevel(level: Level, nibble: number, node: Uint8Array | null): Uint8Array {
  const { present } = level
  const isTaken = ((present >> BigInt(nibble)) & 1n) === 1n
  refuseUnless(present > 0n && present < 0x10000n, 'a mask has 16 bits')
  refuseUnless(isTaken === (node !== null), 'the mask does not fit the key')
  refuseUnless(level.siblings.every(({ length }) => length === HASH_BYTES), 'a hash is 32 bytes')
  const hashes = [...level.siblings]
  if (node !== null) hashes.splice(countBits(present & ((1n << BigInt(nibble)) - 1n)), 0, node)
  refuseUnless(hashes.length === countBits(present), 'siblings too many or too few')
  const mask = Number(present)
  return taggedHash('acc/state-node', Uint8Array.of(mask >> 8, mask & 0xff), ...hashes)
}

function hashLeaf(leaf: Uint8Array): Uint8Array {
  return taggedHash('acc/state-leaf', leaf)
}

function nibbleAt(path: Uint8Array, depth: number): number {
  const byte = path[depth >> 1] ?? 0
  return depth % 2 === 0 ? byte >> 4 : byte & 0x0f
}

function countBits(mask: bigint): number {
  return [...mask.toString(2)].filter((digit) => digit === '1').length
}

function refuseUnless(holds: boolean, reason: string): void {
  if (!holds) throw new InvalidProof({ reason })
}
