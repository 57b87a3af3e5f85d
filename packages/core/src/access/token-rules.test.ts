import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { hashToken, isToken, writeToken } from './token-rules.ts'

it('a token is found by scanners, and a mistyped one is none', () => {
  const token = writeToken(Buffer.alloc(32, 7))
  expect(token).toBe(`vkt_${'07'.repeat(32)}${token.slice(-8)}`)
  expect(isToken(token)).toBe(true)
  for (let round = 0; round < 200; round += 1) expect(isToken(writeToken(randomBytes(32)))).toBe(true)
  expect(isToken(token.replace('07', '08'))).toBe(false)
  expect(isToken(token.toUpperCase())).toBe(false)
  expect(isToken(`${token} `)).toBe(false)
  expect(isToken('')).toBe(false)
})

it('of a token only its SHA-256 is stored', () => {
  const { lookup, hash } = hashToken('vkt_')
  expect(hash).toMatch(/^[0-9a-f]{64}$/)
  expect(hash.startsWith(lookup)).toBe(true)
})
