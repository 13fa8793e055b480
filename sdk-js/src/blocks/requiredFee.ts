/** Prices of a chain, as `getStatus` gives them; smallest units of the fee asset. */
export interface Fees {
  /** Asset in which fees are paid. */
  readonly asset: string
  /** Units per byte of the encoded transaction with witnesses. */
  readonly byteFee: bigint
  /** Units per 1,000 gas of the gas limit, rounded up. */
  readonly gasPrice: bigint
  /** Least fee of a bridge message towards this chain, in units of ACC. */
  readonly relayFee: bigint
}

/** The least fee of a transaction of `size` encoded bytes and this gas limit. */
export function requiredFee(fees: Fees, size: number, gasLimit: bigint = 0n): bigint {
  return fees.byteFee * BigInt(size) + (fees.gasPrice * gasLimit + 999n) / 1000n
}
