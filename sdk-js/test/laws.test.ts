import { describe, expect, test } from 'vitest'
import {
  accountOfScript,
  boardScript,
  buildTransaction,
  callPayload,
  canonicalJson,
  decodeTransaction,
  decodeValue,
  encodeValue,
  generateSecret,
  InvalidWitness,
  Malformed,
  publicKeyOf,
  signTransaction,
} from '../src/index.js'

const chainId = new Uint8Array(32).fill(9)

describe('values', () => {
  test('every cut of an encoding is malformed, never anything else', () => {
    const bytes = encodeValue([1n, 'text', new Uint8Array(300), [null, true, [-5n, 2n ** 64n - 1n]]])
    for (let end = 0; end < bytes.length; end += 1) {
      expect(() => decodeValue(bytes.subarray(0, end))).toThrow(Malformed)
    }
  })

  test('a huge length costs nothing', () => {
    expect(() => decodeValue(Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff))).toThrow(Malformed)
  })

  test('deep nesting is refused', () => {
    expect(() => decodeValue(new Uint8Array(10_000).fill(0x91))).toThrow(Malformed)
  })

  test('a byte order mark is part of a text', () => {
    expect(decodeValue(encodeValue('\ufeffx'))).toBe('\ufeffx')
  })

  test('text that UTF-8 cannot carry and integers beyond 64 bits are refused', () => {
    expect(() => encodeValue('\ud800')).toThrow(RangeError)
    expect(() => encodeValue(2n ** 64n)).toThrow(RangeError)
    expect(() => encodeValue(-(2n ** 63n) - 1n)).toThrow(RangeError)
  })
})

describe('canonical JSON', () => {
  test('sorts names, keeps no spaces, leaves out what is undefined', () => {
    const value = { b: [1, '2', null], a: { z: true, y: 'é"' }, 10: 'x', 9: 'y' }
    expect(canonicalJson(value)).toBe('{"10":"x","9":"y","a":{"y":"é\\"","z":true},"b":[1,"2",null]}')
    expect(canonicalJson(-0)).toBe('0')
  })

  test.each([1.5, 2 ** 53, Number.NaN, Infinity])('refuses the number %s', (number) => {
    expect(() => canonicalJson({ number })).toThrow(RangeError)
  })
})

describe('signing', () => {
  const secrets = [generateSecret(), generateSecret(), generateSecret()] as const
  const board = boardScript(2, secrets.map(publicKeyOf))
  const transaction = buildTransaction({
    chainId, content: callPayload({ method: 'm', arguments: {} }), sender: accountOfScript(board),
    nonce: 0n, validUntilHeight: 5n, fee: 1n,
  })

  test('a board of fresh keys signs and decodes again', () => {
    const scripts = [board]
    const signed = signTransaction({ transaction, chainId, secrets: secrets.slice(1), scripts })
    expect(decodeTransaction(signed.raw, chainId)).toEqual(signed)
  })

  test('too few keys, or no script, is an error before anything is sent', () => {
    const one = secrets.slice(0, 1)
    const few = { transaction, chainId, secrets: one, scripts: [board] }
    expect(() => signTransaction(few)).toThrow(InvalidWitness)
    expect(() => signTransaction({ transaction, chainId, secrets })).toThrow(InvalidWitness)
  })
})
