/** Values of an error: what was wrong, by name. Bytes are lower-case hex, amounts decimal text. */
export type ErrorValues = Readonly<Record<string, unknown>>

/** What a node's problem document (RFC 9457) adds to the class of an error. */
export interface RemoteProblem {
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly fix: string
  readonly status: number
  readonly retryable: boolean
  readonly requestId?: string
}

/**
 * Anything that a caller, a node or a peer can do wrong.
 *
 * One class per rule, with the code that the same rule has on the server, in the command line and
 * in docs/spec/02-errors.md. The instance carries the values that were wrong.
 */
export class ChainError extends Error {
  /** Stable name of the rule. */
  static readonly code: string = 'CHAIN_ERROR'
  /** One plain sentence: what happened. */
  static readonly title: string = 'The chain refused this.'
  /** What to do about it. */
  static readonly fix: string = 'See docs/spec/02-errors.md.'
  /** HTTP status the error travels with. */
  static readonly status: number = 400
  /** Whether the same request can succeed later without being changed. */
  static readonly retryable: boolean = false

  readonly code: string
  readonly title: string
  readonly fix: string
  readonly status: number
  readonly retryable: boolean
  readonly values: ErrorValues
  /** Names the request in the node's log; only for errors that a node answered with. */
  readonly requestId: string | undefined

  constructor(values: ErrorValues = {}, remote?: RemoteProblem) {
    const own = new.target
    super(remote?.detail ?? describe(own.title, values))
    this.name = own.name
    this.code = remote?.code ?? own.code
    this.title = remote?.title ?? own.title
    this.fix = remote?.fix ?? own.fix
    this.status = remote?.status ?? own.status
    this.retryable = remote?.retryable ?? own.retryable
    this.values = values
    this.requestId = remote?.requestId
  }
}

function describe(title: string, values: ErrorValues): string {
  const parts = Object.entries(values).map(([name, value]) => `${name}=${String(value)}`)
  return parts.length === 0 ? title : `${title} (${parts.join(', ')})`
}
