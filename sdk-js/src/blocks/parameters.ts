import { encodeAs } from '../codec/encodeAs.js'
import { bytes, int, struct, text, word, type Of } from '../codec/shape.js'
import { taggedHash } from '../crypto/taggedHash.js'

/** The rules one chain has chosen (docs/spec/03-blocks.md section 2). */
export const parametersShape = struct({
  version: int,
  machine: text,
  machineHash: bytes,
  consensus: text,
  blockIntervalMs: int,
  idleIntervalMs: int,
  clockBoundMs: int,
  timeouts: struct({ proposeMs: int, proposeStepMs: int, voteMs: int, voteStepMs: int }),
  epochBlocks: int,
  checkpointBlocks: int,
  trustingPeriodMs: int,
  blockTransactionsMax: int,
  blockBytesMax: int,
  blockGasMax: int,
  transactionGasMax: int,
  refusals: word('charged', 'left_out'),
  fees: struct({ asset: text, byteFee: int, gasPrice: int, relayFee: int }),
})
export type ChainParameters = Of<typeof parametersShape>

/** The 32-byte hash that headers carry. */
export function parametersHash(parameters: ChainParameters): Uint8Array {
  return taggedHash('acc/parameters', encodeAs(parametersShape, parameters))
}
