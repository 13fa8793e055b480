// Limits of the protocol that hold on every chain (docs/spec/01-values.md section 3).

/** Largest amount, nonce, height, fee and gas limit. */
export const AMOUNT_MAX = 2n ** 63n - 1n
/** Largest integer that the encoding carries. */
export const U64_MAX = 2n ** 64n - 1n
/** Smallest integer that the encoding carries. */
export const I64_MIN = -(2n ** 63n)
export const HASH_BYTES = 32
export const ACCOUNT_BYTES = 20
export const CHAIN_PREFIX_BYTES = 8
export const SCRIPT_KEYS_MAX = 16
export const COSIGNERS_MAX = 15
export const KIND_BYTES_MAX = 40
export const TRANSACTION_BYTES_MAX = 64 * 1024
export const PAYLOAD_BYTES_MAX = 56 * 1024
export const DELEGATES_MAX = 128
export const WEIGHT_MAX = 2n ** 53n
export const MERKLE_PATH_MAX = 64
export const MEMO_BYTES_MAX = 256
/** Signed transactions in one request. */
export const SUBMIT_MAX = 1_000
export const MESSAGE_BODY_BYTES_MAX = 4 * 1024
/** Longest asset text: a chain id in hex, a colon and a symbol. */
export const ASSET_BYTES_MAX = 97
/** Levels of a state proof. */
export const TREE_DEPTH_MAX = 64
