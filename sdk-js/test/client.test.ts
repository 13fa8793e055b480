import { describe, expect, test } from 'vitest'
import {
  accountOfKey,
  areSignaturesValid,
  callPayload,
  createClient,
  decodeTransaction,
  decodeValue,
  encodeAddress,
  getAccount,
  getStatus,
  getTransaction,
  listBlocks,
  Malformed,
  NodeUnreachable,
  NotFound,
  publicKeyOf,
  query,
  RemoteError,
  requiredFee,
  sendTransaction,
  submitTransactions,
  taggedHash,
  toHex,
  watchEvents,
  WrongNonce,
  type ChainError,
} from '../src/index.js'
import { answer, bodyOf, withNode, type Handler } from './node.js'

const CHAIN_ID = taggedHash('acc/seed', new Uint8Array(32))
const SECRET = new Uint8Array(32).fill(7)
const ACCOUNT = accountOfKey(publicKeyOf(SECRET))

const STATUS = {
  chain_id: toHex(CHAIN_ID), name: 'ecc', machine: 'dapp/1', height: 12,
  block_id: '00'.repeat(32), time: '2027-01-15T08:00:00.000Z', time_ms: 1_800_000_000_000,
  state_root: '00'.repeat(32), delegates: 4, block_interval_ms: 1_000, idle_interval_ms: 10_000,
  fees: { asset: 'ACC', byte_fee: '10', gas_price: '3', relay_fee: '100000' }, node: {},
}

const PROBLEM = {
  type: '/docs/spec/02-errors.md#wrong_nonce', title: 'The nonce is not the next one.',
  status: 409, detail: 'The nonce is not the next one. (expected=8)', code: 'WRONG_NONCE',
  values: { expected: 8 }, fix: 'Sign again.', doc_url: '/docs', retryable: false,
  request_id: 'r-17',
}

const caught = async (promise: Promise<unknown>): Promise<ChainError> => {
  return promise.then(
    () => { throw new Error('it was not refused') },
    (error: unknown) => error as ChainError,
  )
}

describe('reading', () => {
  test('amounts are bigint, ids are bytes', async () => {
    await withNode((_, response) => answer(response, STATUS), async (url) => {
      const status = await getStatus(createClient({ url }))
      expect(status.fees.relayFee).toBe(100_000n)
      expect(status.chainId).toEqual(CHAIN_ID)
      expect(status.timeMs).toBe(1_800_000_000_000n)
    })
  })

  test('a DApp is asked under its own path', async () => {
    const seen: string[] = []
    const handler: Handler = (_, response, url) => {
      seen.push(url.pathname + url.search)
      answer(response, { height: 5, data: { orders: [] } })
    }
    await withNode(handler, async (url) => {
      const result = await query(createClient({ url, chain: 'ecc' }), 'orders', { limit: 5n })
      expect(result).toEqual({ height: 5n, data: { orders: [] } })
    })
    expect(seen).toEqual(['/api/v1/chains/ecc/queries/orders?limit=5'])
  })

  test('balances beyond 2^53 stay exact', async () => {
    const account = {
      address: encodeAddress(ACCOUNT), account: toHex(ACCOUNT), height: 3, nonce: 0,
      balances: { ACC: '9223372036854775807' }, details: {},
    }
    await withNode((_, response) => answer(response, account), async (url) => {
      const { balances } = await getAccount(createClient({ url }), ACCOUNT)
      expect(balances.get('ACC')).toBe(2n ** 63n - 1n)
    })
  })

  test('a page says where the next one begins', async () => {
    const page = { data: [], has_more: true, next_cursor: '41' }
    await withNode((_, response) => answer(response, page), async (url) => {
      const blocks = await listBlocks(createClient({ url }), { before: 61n, limit: 20 })
      expect(blocks).toEqual({ data: [], hasMore: true, nextCursor: 41n })
    })
  })
})

describe('errors', () => {
  test("are classes with the node's code, words and values", async () => {
    await withNode((_, response) => answer(response, PROBLEM, 409), async (url) => {
      const error = await caught(getStatus(createClient({ url })))
      expect(error).toBeInstanceOf(WrongNonce)
      expect(error).toMatchObject({
        code: 'WRONG_NONCE', status: 409, values: { expected: 8 }, requestId: 'r-17',
        message: PROBLEM.detail, fix: 'Sign again.',
      })
    })
  })

  test('with a code that is unknown here keep that code', async () => {
    const problem = { ...PROBLEM, code: 'OUT_OF_PAPER', status: 422 }
    await withNode((_, response) => answer(response, problem, 422), async (url) => {
      const error = await caught(getStatus(createClient({ url })))
      expect(error).toBeInstanceOf(RemoteError)
      expect(error.code).toBe('OUT_OF_PAPER')
    })
  })

  test('that are no problem documents are still errors', async () => {
    const handler: Handler = (_, response) => response.writeHead(502).end('<html>bad gateway')
    await withNode(handler, async (url) => {
      expect(await caught(getStatus(createClient({ url })))).toMatchObject({ status: 502 })
    })
  })

  test('an answer of another shape is malformed', async () => {
    const { fees: _, ...rest } = STATUS
    for (const body of [{ ...STATUS, height: 1.5 }, { ...STATUS, chain_id: 'XY' }, rest, []]) {
      await withNode((_, response) => answer(response, body), async (url) => {
        expect(await caught(getStatus(createClient({ url })))).toBeInstanceOf(Malformed)
      })
    }
  })

  test('a node that is not there is unreachable', async () => {
    let gone = ''
    await withNode((_, response) => answer(response, STATUS), async (url) => { gone = url })
    expect(await caught(getStatus(createClient({ url: gone })))).toBeInstanceOf(NodeUnreachable)
  })

  test('a node that never answers is unreachable after the limit', async () => {
    await withNode(() => undefined, async (url) => {
      const error = await caught(getStatus(createClient({ url, timeoutMs: 50 })))
      expect(error).toBeInstanceOf(NodeUnreachable)
    })
  })

  test('what is not there yet is not found', async () => {
    const problem = { ...PROBLEM, code: 'NOT_FOUND', status: 404 }
    await withNode((_, response) => answer(response, problem, 404), async (url) => {
      const error = await caught(getTransaction(createClient({ url }), new Uint8Array(32)))
      expect(error).toBeInstanceOf(NotFound)
    })
  })
})

describe('submitting', () => {
  const receipt = { id: '11'.repeat(32), code: '', gas: 5, fee: '77', events: [] }

  test('every transaction has its own outcome', async () => {
    const items = [
      { id: '11'.repeat(32), status: 'accepted', error: null, height: null, index: null, receipt: null },
      { id: null, status: 'refused', error: PROBLEM, height: null, index: null, receipt: null },
      { id: '11'.repeat(32), status: 'committed', error: null, height: 9, index: 0, receipt },
    ]
    const bodies: unknown[] = []
    const handler: Handler = (request, response) => {
      void bodyOf(request).then((body) => {
        bodies.push(decodeValue(body))
        answer(response, { data: items })
      })
    }
    const raws = [1, 2, 3].map((n) => Uint8Array.of(n))
    await withNode(handler, async (url) => {
      const [accepted, refused, committed] = await submitTransactions(createClient({ url }), {
        transactions: raws,
      })
      expect(accepted?.status).toBe('accepted')
      expect(refused).toMatchObject({ status: 'refused', error: { code: 'WRONG_NONCE' } })
      expect(committed).toMatchObject({ height: 9n, receipt: { fee: 77n, code: '' } })
    })
    expect(bodies).toEqual([raws])
  })

  test('a call is built, priced, signed and waited for; a short wait is repeated', async () => {
    const raws: Uint8Array[] = []
    const handler: Handler = (request, response, url) => {
      if (url.pathname.endsWith('/status')) return answer(response, STATUS)
      if (url.pathname.includes('/accounts/')) {
        expect(url.pathname).toContain(encodeAddress(ACCOUNT))
        const account = { address: 'x', height: 12, nonce: 4, balances: {}, details: {} }
        return answer(response, account)
      }
      expect(url.searchParams.get('wait')).toBe('committed')
      return void bodyOf(request).then((body) => {
        const [raw] = decodeValue(body) as [Uint8Array]
        raws.push(raw)
        const done = { status: 'committed', height: 13, index: 0, receipt }
        const item = raws.length === 1 ? { status: 'accepted' } : done
        answer(response, { data: [{ id: '11'.repeat(32), error: null, ...item }] })
      })
    }
    await withNode(handler, async (url) => {
      const content = callPayload({ method: 'buy', arguments: { price: '10', amount: '3' } })
      const client = createClient({ url, chain: 'ecc' })
      const committed = await sendTransaction(client, {
        content, secrets: [SECRET], gasLimit: 50_000n,
      })
      expect(committed.height).toBe(13n)
    })
    expect(raws).toHaveLength(2)
    expect(raws[0]).toEqual(raws[1])
    const signed = decodeTransaction(raws[0]!, CHAIN_ID)
    expect(areSignaturesValid(signed)).toBe(true)
    const { nonce, validUntilHeight, fee, gasLimit } = signed.transaction
    expect({ nonce, validUntilHeight, gasLimit }).toEqual({
      nonce: 4n, validUntilHeight: 112n, gasLimit: 50_000n,
    })
    const fees = { asset: 'ACC', byteFee: 10n, gasPrice: 3n, relayFee: 0n }
    expect(fee).toBeGreaterThanOrEqual(requiredFee(fees, signed.raw.length, gasLimit))
    expect(fee).toBeLessThan(requiredFee(fees, signed.raw.length + 9, gasLimit))
  })
})

describe('watching', () => {
  const frame = (cursor: number): string => {
    const data = {
      cursor, height: cursor, index: 0, transaction_id: '11'.repeat(32), name: 'Filled', data: {},
    }
    return `id: ${cursor}\ndata: ${JSON.stringify(data)}\n\n`
  }

  test('continues behind the last event after a broken or ended connection', async () => {
    const asked: (string | null)[] = []
    const handler: Handler = (_, response, url) => {
      asked.push(url.searchParams.get('after'))
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      if (asked.length === 1) {
        response.write(`: stream\n\n${frame(3)}${frame(4).slice(0, 20)}`, () => {
          setImmediate(() => response.destroy())
        })
      } else if (asked.length === 2) {
        response.end(`${frame(4)}event: behind\nid: 4\ndata: {"cursor":4}\n\n`)
      } else {
        response.write(frame(5) + frame(6))
      }
    }
    const seen: bigint[] = []
    await withNode(handler, async (url) => {
      const stop = new AbortController()
      const events = watchEvents(createClient({ url }), { after: 2n, signal: stop.signal })
      for await (const event of events) {
        seen.push(event.cursor)
        if (event.cursor === 5n) stop.abort()
      }
    })
    expect(seen).toEqual([3n, 4n, 5n])
    expect(asked).toEqual(['2', '3', '4'])
  })

  test('ends with the error when the node refuses', async () => {
    const problem = { ...PROBLEM, code: 'NOT_FOUND', status: 404 }
    await withNode((_, response) => answer(response, problem, 404), async (url) => {
      const events = watchEvents(createClient({ url, chain: 'nobody' }))
      expect(await caught(events.next())).toBeInstanceOf(NotFound)
    })
  })
})
