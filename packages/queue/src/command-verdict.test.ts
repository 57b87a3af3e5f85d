import { expect, it } from 'vitest'
import { type Refusal, type Verdict, judge, mostAttempts } from './command-verdict.ts'

const refusal = (status: number, more: Partial<Refusal> = {}): Refusal => ({ status, errors: ['no'], ...more })

it.each<[string, Refusal, number, Verdict]>([
  ['what the API refuses is dead at once', refusal(400), 0, { dead: 'refused' }],
  ['so is what does not fit', refusal(409, { code: 'CONTINGENT_EXCEEDED' }), 0, { dead: 'refused' }],
  ['and what cannot be done here', refusal(501, { code: 'PEER_MISSING' }), 0, { dead: 'refused' }],
  ['nobody is nobody', refusal(401), 3, { dead: 'unauthenticated' }],
  ['what another has under way waits', refusal(409, { retryAfterMs: 7000 }), 11, { afterMs: 7000, counts: false }],
  ['who asks too much waits', refusal(429, { retryAfterMs: 2000 }), 11, { afterMs: 2000, counts: false }],
  [
    'a database that is away costs no try',
    refusal(503, { code: 'DATABASE_UNAVAILABLE' }),
    99,
    { afterMs: 5000, counts: false },
  ],
  [
    'a hypervisor that is away is tried again',
    refusal(502, { code: 'HYPERVISOR_UNAVAILABLE' }),
    0,
    { afterMs: 1000, counts: true },
  ],
  ['later and later', refusal(500), 3, { afterMs: 8000, counts: true }],
  ['but not for ever', refusal(500), mostAttempts - 1, { dead: 'gave-up' }],
])('%s', (_, given, attempt, verdict) => {
  expect(judge(given, attempt)).toEqual(verdict)
})

it('a failure that stays ends in the dead letters', () => {
  let attempt = 0
  let waitedMs = 0
  for (;;) {
    const verdict = judge(refusal(503, { code: 'HYPERVISOR_BUSY' }), attempt)
    if ('dead' in verdict) break
    attempt += 1
    waitedMs += verdict.afterMs
  }
  expect([attempt, waitedMs > 120_000, waitedMs < 600_000]).toEqual([mostAttempts - 1, true, true])
})
