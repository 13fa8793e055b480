import { NodeUnreachable } from '../errors/ledger.js'
import { Answer } from './answer.js'
import type { Client } from './createClient.js'
import { eventOf, type LoggedEvent } from './listEvents.js'
import { open } from './request.js'

/** Pauses after failed connections; one more failure in a row ends the watch with its error. */
const RETRY_MS = [250, 1_000, 3_000, 10_000] as const
/** Silence after which a connection counts as dead: the node says something every 15 seconds. */
const SILENCE_MS = 60_000

export interface WatchEventsParameters {
  /**
   * Cursor to begin behind. If absent: whatever happens from now on, where a connection that
   * breaks before the first event begins again at its own now.
   */
  readonly after?: bigint
  /** Only events of this name. */
  readonly name?: string
  /** Ends the watch. */
  readonly signal?: AbortSignal
}

/**
 * Events as they are committed, in order, none twice and none left out: after a broken connection
 * it continues behind the last cursor. Ends when `signal` is aborted.
 *
 * ```ts
 * for await (const event of watchEvents(ecc, { name: 'OrderFilled' })) show(event.data)
 * ```
 */
export async function* watchEvents(
  client: Client,
  { after, name, signal }: WatchEventsParameters = {},
): AsyncGenerator<LoggedEvent, void, undefined> {
  let cursor = after
  for (let failures = 0; !signal?.aborted; ) {
    try {
      const connection = await connect(client, { after: cursor, name, signal })
      failures = 0
      const before = cursor
      for await (const event of connection) {
        if (signal?.aborted) return
        cursor = event.cursor
        yield event
      }
      // a node that ends every stream at once must not be asked in a tight loop
      if (cursor === before) await sleep(RETRY_MS[0], signal)
    } catch (error) {
      if (signal?.aborted) return
      const pauseMs = RETRY_MS[failures]
      if (!(error instanceof NodeUnreachable) || pauseMs === undefined) throw error
      failures += 1
      await sleep(pauseMs, signal)
    }
  }
}

interface ConnectParameters {
  readonly after: bigint | undefined
  readonly name: string | undefined
  readonly signal: AbortSignal | undefined
}

/** Open one connection; its events end when the node ends it or sends this reader away. */
async function connect(
  client: Client,
  { after, name, signal }: ConnectParameters,
): Promise<AsyncGenerator<LoggedEvent, void, undefined>> {
  const watchdog = new Watchdog(client.timeoutMs)
  const response = await open(client, {
    path: '/events/stream',
    query: { after, name },
    timeoutMs: Infinity,
    signal: signal === undefined ? watchdog.signal : AbortSignal.any([signal, watchdog.signal]),
  })
  return eventsOf(response, watchdog)
}

async function* eventsOf(
  response: Response,
  watchdog: Watchdog,
): AsyncGenerator<LoggedEvent, void, undefined> {
  try {
    for await (const frame of frames(response, watchdog)) {
      // the frame `behind` says that this reader was too slow: the next connection goes on
      if (frame.event === 'behind') return
      yield eventOf(new Answer(JSON.parse(frame.data), '/events/stream'))
    }
  } finally {
    watchdog.stop()
  }
}

/** Aborts a connection that stays silent for too long. */
class Watchdog {
  readonly #controller = new AbortController()
  #timer: ReturnType<typeof setTimeout>

  constructor(firstMs: number) {
    this.#timer = this.#start(firstMs)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  heard(): void {
    this.stop()
    this.#timer = this.#start(SILENCE_MS)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #start(milliseconds: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      this.#controller.abort(new NodeUnreachable({ reason: 'the node is silent' }))
    }, milliseconds)
  }
}

interface Frame {
  readonly event: string | undefined
  readonly data: string
}

/** Frames of server-sent events; comments are left out. */
async function* frames(
  response: Response,
  watchdog: Watchdog,
): AsyncGenerator<Frame, void, undefined> {
  if (response.body === null) return
  let rest = ''
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  try {
    for (;;) {
      const { done, value } = await readChunk(reader)
      watchdog.heard()
      if (done) return
      const blocks = (rest + value).split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const data = fieldOf(block, 'data')
        if (data !== undefined) yield { event: fieldOf(block, 'event'), data }
      }
    }
  } finally {
    // whoever stops listening must not keep the connection open; a broken one is closed already
    await reader.cancel().catch(() => undefined)
  }
}

async function readChunk(
  reader: ReadableStreamDefaultReader<string>,
): Promise<ReadableStreamReadResult<string>> {
  try {
    return await reader.read()
  } catch (error) {
    throw new NodeUnreachable({ reason: error instanceof Error ? error.message : 'cut off' })
  }
}

function fieldOf(block: string, name: string): string | undefined {
  const line = block.split('\n').find((one) => one.startsWith(`${name}: `))
  return line?.slice(name.length + 2)
}

function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    signal?.addEventListener('abort', () => { clearTimeout(timer); resolve() }, { once: true })
  })
}
