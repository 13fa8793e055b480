import { NodeUnreachable } from '../errors/ledger.js'
import { errorOfProblem } from '../errors/errorOfProblem.js'
import { Malformed } from '../errors/protocol.js'
import { Answer } from './answer.js'
import type { Client } from './createClient.js'

export interface RequestParameters {
  /** Path below the chain, or below the node when `isOfNode`. */
  readonly path: string
  readonly isOfNode?: boolean
  /** Query parameters; undefined ones are left out. */
  readonly query?: Readonly<Record<string, string | number | bigint | undefined>>
  /** Body of a POST: msgpack bytes, or an object for JSON. GET if absent. */
  readonly body?: Uint8Array | Readonly<Record<string, unknown>>
  /** Longest wait; the client's if absent, `Infinity` when `signal` is the limit. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/**
 * Ask the node and read its JSON answer.
 *
 * @throws the class of the node's error code; `NodeUnreachable` when no answer came in time;
 *   `Malformed` when the answer is no JSON object.
 */
export async function request(client: Client, parameters: RequestParameters): Promise<Answer> {
  const response = await open(client, parameters)
  return new Answer(await readJson(response, parameters.path), parameters.path)
}

/** Ask the node; the answer has a good status, its body is still to be read. */
export async function open(client: Client, parameters: RequestParameters): Promise<Response> {
  const url = urlOf(client, parameters)
  let response: Response
  try {
    response = await client.fetch(url, initOf(client, parameters))
  } catch (error) {
    parameters.signal?.throwIfAborted()
    throw new NodeUnreachable({ url, reason: error instanceof Error ? error.message : 'no answer' })
  }
  if (response.ok) return response
  const text = await response.text()
  throw errorOfProblem(parseJson(text), response.status)
}

function urlOf(client: Client, { path, isOfNode, query }: RequestParameters): string {
  const url = new URL((isOfNode ? client.origin : client.base) + path)
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value))
  }
  return url.href
}

function initOf(client: Client, { body, timeoutMs, signal }: RequestParameters): RequestInit {
  const longest = timeoutMs ?? client.timeoutMs
  const limits = Number.isFinite(longest) ? [AbortSignal.timeout(longest)] : []
  const signals = { signal: AbortSignal.any(signal === undefined ? limits : [...limits, signal]) }
  if (body === undefined) return { ...signals, method: 'GET' }
  const isBytes = body instanceof Uint8Array
  const type = isBytes ? 'application/msgpack' : 'application/json'
  const bytes = isBytes ? new Uint8Array(body) : JSON.stringify(body)
  return { ...signals, method: 'POST', headers: { 'content-type': type }, body: bytes }
}

async function readJson(response: Response, path: string): Promise<unknown> {
  let text: string
  try {
    text = await response.text()
  } catch (error) {
    throw new NodeUnreachable({ path, reason: error instanceof Error ? error.message : 'cut off' })
  }
  const value = parseJson(text)
  if (value === undefined) throw new Malformed({ path, reason: 'the answer is not JSON' })
  return value
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // an answer that is no JSON is told apart by its caller
  }
}
