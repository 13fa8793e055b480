import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes } from '@noble/hashes/utils.js'
import { equalBytes } from '../bytes.js'
import { bytes, int, list, struct, type Of } from '../codec/shape.js'
import { InvalidProof } from '../errors/protocol.js'
import { HASH_BYTES, MERKLE_PATH_MAX, U64_MAX } from '../limits.js'

/**
 * Path from one leaf to the root. `index`: the leaf, from 0. `size`: leaves in the tree. `path`:
 * sibling hashes from the leaf upwards, 32 bytes each.
 */
export const inclusionProofShape = struct({ index: int, size: int, path: list(bytes) })
export type InclusionProof = Of<typeof inclusionProofShape>

/** Hash of a leaf: SHA-256(0x00 || data). */
export function hashLeaf(data: Uint8Array): Uint8Array {
  return sha256(concatBytes(Uint8Array.of(0), data))
}

/** Hash of an inner node: SHA-256(0x01 || left || right). */
export function hashChildren(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concatBytes(Uint8Array.of(1), left, right))
}

/** Root over raw leaves (RFC 6962 2.1): an odd last node moves up unchanged. */
export function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  let level = leaves.map(hashLeaf)
  while (level.length > 1) level = parents(level)
  return level[0] ?? sha256(new Uint8Array())
}

/** The proof of leaf `index`, from all raw leaves. */
export function buildInclusion(leaves: readonly Uint8Array[], index: number): InclusionProof {
  if (!Number.isInteger(index) || index < 0 || index >= leaves.length) {
    throw new RangeError('the leaf must be in the tree')
  }
  const path: Uint8Array[] = []
  let level = leaves.map(hashLeaf)
  for (let place = index; level.length > 1; place >>= 1) {
    const sibling = level[place ^ 1]
    if (sibling !== undefined) path.push(sibling)
    level = parents(level)
  }
  return { index: BigInt(index), size: BigInt(leaves.length), path }
}

/**
 * Check that raw `leaf` is leaf `proof.index` of the tree with this root (RFC 9162 2.1.3.2).
 *
 * @throws InvalidProof for impossible sizes, a sibling too many or too few, or another root.
 */
export function verifyInclusion(root: Uint8Array, leaf: Uint8Array, proof: InclusionProof): void {
  const found = rootOfInclusion(leaf, proof)
  if (found === undefined || !equalBytes(found, root)) {
    throw new InvalidProof({ index: proof.index, size: proof.size })
  }
}

/** The root that a path from raw `leaf` leads to, or undefined for impossible paths. */
export function rootOfInclusion(leaf: Uint8Array, proof: InclusionProof): Uint8Array | undefined {
  let { index } = proof
  let last = proof.size - 1n
  if (index < 0n || index > last || last > U64_MAX) return undefined
  if (proof.path.length > MERKLE_PATH_MAX) return undefined
  let node = hashLeaf(leaf)
  for (const sibling of proof.path) {
    if (sibling.length !== HASH_BYTES || last === 0n) return undefined
    if ((index & 1n) === 1n || index === last) {
      node = hashChildren(sibling, node)
      while ((index & 1n) === 0n && index !== 0n) {
        index >>= 1n
        last >>= 1n
      }
    } else {
      node = hashChildren(node, sibling)
    }
    index >>= 1n
    last >>= 1n
  }
  return last === 0n ? node : undefined
}

function parents(level: readonly Uint8Array[]): Uint8Array[] {
  const above: Uint8Array[] = []
  for (let i = 0; i < level.length; i += 2) {
    const [left, right] = level.slice(i, i + 2)
    if (left !== undefined) above.push(right === undefined ? left : hashChildren(left, right))
  }
  return above
}
