/** How to reach one chain of one node. */
export interface Client {
  /** Where the chain's resources are, without a slash at the end. */
  readonly base: string
  /** Where the node's own resources are. */
  readonly origin: string
  readonly fetch: typeof fetch
  /** Longest wait for an answer. */
  readonly timeoutMs: number
}

export interface CreateClientParameters {
  /** The node, such as `http://127.0.0.1:8080`. */
  readonly url: string
  /** Name or id of a DApp's chain; the main chain if absent. */
  readonly chain?: string
  /** Another `fetch`, for tests or proxies. */
  readonly fetch?: typeof fetch
  /** Longest wait for an answer; 10 seconds if absent. */
  readonly timeoutMs?: number
}

/**
 * A client of one chain: what every action takes first.
 *
 * ```ts
 * const main = createClient({ url: 'http://127.0.0.1:8080' })
 * const ecc = createClient({ url: 'http://127.0.0.1:8080', chain: 'ecc' })
 * const { height } = await getStatus(ecc)
 * ```
 */
export function createClient(parameters: CreateClientParameters): Client {
  const origin = new URL(parameters.url).origin
  const { chain } = parameters
  const path = chain === undefined ? '/api/v1' : `/api/v1/chains/${encodeURIComponent(chain)}`
  return {
    base: origin + path,
    origin,
    fetch: parameters.fetch ?? globalThis.fetch.bind(globalThis),
    timeoutMs: parameters.timeoutMs ?? 10_000,
  }
}
