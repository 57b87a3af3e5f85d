import { expect, it } from 'vitest'
import { answerOf } from './receiver-rules.ts'

const date = 'Wed, 21 Oct 2015 07:28:00 GMT'

it.each([
  ['30', 30_000],
  ['Wed, 21 Oct 2015 07:30:00 GMT', 120_000],
  ['Wed, 21 Oct 2015 07:00:00 GMT', 0],
  ['Fri, 21 Oct 2016 07:28:00 GMT', 86_400_000],
  ['999999999', 86_400_000],
  ['soon', undefined],
  ['-1', undefined],
  ['2015-10-21', undefined],
  ['Wed, 21 Foo 2015 07:28:00 GMT', undefined],
])('a receiver that is busy and says Retry-After: %s is left alone for %s ms', (retryAfter, restMs) => {
  for (const status of [429, 503])
    expect(answerOf(status, { 'retry-after': retryAfter, date })).toEqual({
      isAccepted: false,
      problem: `The receiver answered ${status}.`,
      ...(restMs !== undefined && { restMs }),
    })
})

it('a date says nothing in an answer that has none, and nothing counts of a receiver that is not busy', () => {
  expect(answerOf(503, { 'retry-after': date })).not.toHaveProperty('restMs')
  expect(answerOf(500, { 'retry-after': '30', date })).not.toHaveProperty('restMs')
  expect(answerOf(204, { 'retry-after': '30', date })).toEqual({ isAccepted: true })
})
