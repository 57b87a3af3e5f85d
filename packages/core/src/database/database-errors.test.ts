import { expect, it } from 'vitest'
import { toDatabaseError } from './database-errors.ts'

it.each([
  ['ECONNREFUSED', 'did-not-happen'],
  ['ENOTFOUND', 'did-not-happen'],
  ['57P03', 'did-not-happen'],
  ['ECONNRESET', 'unknown'],
  ['57P01', 'unknown'],
  ['ETIMEDOUT', 'unknown'],
])('a database that does not answer with %s: what was asked %s', (code, outcome) => {
  const error = toDatabaseError('postgres', Object.assign(new Error('lost'), { code }))
  expect(error).toMatchObject({ code: 'DATABASE_UNAVAILABLE', details: { reason: 'unreachable' }, outcome })
})
