import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ChainError } from '../src/errors/chainError.js'
import type { Form } from './form.js'
import { operations, type Outcome } from './operations.js'

interface Vector {
  readonly description: string
  readonly operation: string
  readonly input: Form
  readonly encoded: string | null
  readonly hash: string | null
  readonly error: string | null
}

const FOLDER = new URL('../../tests/vectors/', import.meta.url)
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.json'))

function run(vector: Vector): Outcome & { error?: string } {
  const operation = operations[vector.operation]
  if (operation === undefined) throw new Error(`no operation ${vector.operation}`)
  try {
    return operation(vector.input)
  } catch (error) {
    if (error instanceof ChainError) return { error: error.code }
    throw error
  }
}

test('there are vectors', () => {
  expect(FILES.length).toBeGreaterThan(8)
})

describe.each(FILES)('%s', (file) => {
  const { format, vectors } = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as {
    format: number
    vectors: readonly Vector[]
  }

  test('is of the format this test reads', () => expect(format).toBe(1))

  test.each(vectors)('$operation: $description', (vector) => {
    const { encoded = null, hash = null, error = null } = run(vector)
    expect({ encoded, hash, error }).toEqual({
      encoded: vector.encoded,
      hash: vector.hash,
      error: vector.error,
    })
  })
})
