/**
 * Anything that canonical bytes can carry (docs/spec/01-values.md section 1). Integers are always
 * `bigint`, so no value is ever rounded.
 */
export type Value = null | boolean | bigint | string | Uint8Array | readonly Value[]
