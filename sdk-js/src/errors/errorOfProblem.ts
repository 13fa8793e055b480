import { ChainError, type ErrorValues, type RemoteProblem } from './chainError.js'
import * as ledger from './ledger.js'
import * as protocol from './protocol.js'

type ErrorClass = new (values?: ErrorValues, remote?: RemoteProblem) => ChainError

const CLASSES: ReadonlyMap<string, ErrorClass> = new Map(
  [...Object.values(protocol), ...Object.values(ledger)].map((kind) => [kind.code, kind]),
)

/**
 * The error that a node's problem document stands for: an instance of the class with its code, or
 * a `RemoteError` that keeps the node's code and words when this SDK does not know the code.
 */
export function errorOfProblem(document: unknown, status: number): ChainError {
  const problem = isRecord(document) ? document : {}
  const code = textOf(problem['code'], 'REMOTE_ERROR')
  const kind = CLASSES.get(code) ?? ledger.RemoteError
  const values = isRecord(problem['values']) ? problem['values'] : {}
  const requestId = problem['request_id']
  return new kind(values, {
    code,
    title: textOf(problem['title'], 'The node answered with an error.'),
    detail: textOf(problem['detail'], `The node answered with status ${status}.`),
    fix: textOf(problem['fix'], ''),
    status: typeof problem['status'] === 'number' ? problem['status'] : status,
    retryable: problem['retryable'] === true,
    ...(typeof requestId === 'string' ? { requestId } : {}),
  })
}

function textOf(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
