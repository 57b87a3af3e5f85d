import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TokenBuckets, limitRate } from './rate-limit.ts'

describe('a bucket of tokens', () => {
  it('gives a burst, then one for each part of a minute', () => {
    const buckets = new TokenBuckets(60, 3)
    expect([0, 0, 0, 0].map((now) => buckets.take('a', now))).toEqual([0, 0, 0, 1000])
    expect(buckets.take('a', 400)).toBe(600)
    expect(buckets.take('a', 1000)).toBe(0)
    expect(buckets.take('a', 1000)).toBe(1000)
    expect([60_000, 60_000, 60_000, 60_000].map((now) => buckets.take('a', now))).toEqual([0, 0, 0, 1000])
  })

  it('is one caller’s', () => {
    const buckets = new TokenBuckets(60, 1)
    expect([buckets.take('a', 0), buckets.take('b', 0), buckets.take('a', 0)]).toEqual([0, 0, 1000])
  })

  it('gives nothing for a clock that goes back', () => {
    const buckets = new TokenBuckets(60, 1)
    expect([buckets.take('a', 5000), buckets.take('a', 0)]).toEqual([0, 1000])
  })

  it('is forgotten for the caller that was seen least recently, when there are too many', () => {
    const buckets = new TokenBuckets(60, 1, 2)
    for (const caller of ['a', 'b', 'a', 'c']) buckets.take(caller, 0)
    expect([buckets.take('a', 0), buckets.take('b', 0)]).toEqual([1000, 0])
  })

  it('never gives more than the burst and what time has brought, and what it promises after a wait', () => {
    const steps = fc.array(fc.nat(3000), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 20 }), (waits, perMinute, burst) => {
        const buckets = new TokenBuckets(perMinute, burst)
        let now = 0
        let given = 0
        for (const wait of waits) {
          now += wait
          const left = buckets.take('a', now)
          if (left === 0) given++
          expect(given).toBeLessThanOrEqual(burst + (now * perMinute) / 60_000 + 1e-6)
          if (left > 0) {
            now += Math.ceil(left) + 1
            expect(buckets.take('a', now)).toBe(0)
            given++
          }
        }
      }),
    )
  })
})

describe('the limit of a server', () => {
  const as = (authorization?: string) =>
    new Request('http://a.example/', { headers: authorization ? { authorization } : {} })
  const basic = (text: string) => as(`Basic ${btoa(text)}`)

  it('counts names, tokens and everybody else, and says when to come again', () => {
    const limit = limitRate({ perMinute: 1 }, () => 0)
    for (const request of [as(), as('Bearer a'), as('Bearer b'), basic('anna:1'), basic('otto:1')]) limit(request, {})
    for (const request of [as(), as('Bearer a'), basic('anna:another guess')])
      expect(() => limit(request, {})).toThrow(expect.objectContaining({ status: 429, headers: { 'retry-after': '60' } }))
  })

  it('counts addresses where they are known, whatever name is tried from there', () => {
    const limit = limitRate({ perMinute: 2 }, () => 0)
    for (const address of ['192.0.2.1', '192.0.2.2']) {
      limit(basic('anna:1'), { address })
      limit(basic('otto:1'), { address })
      expect(() => limit(basic('emma:1'), { address })).toThrow('too many')
    }
  })

  it('takes callers as the host tells them, and is off without one', () => {
    const limit = limitRate({ perMinute: 1, caller: (request) => request.headers.get('x-team')! }, () => 0)
    const from = (team: string) => new Request('http://a.example/', { headers: { 'x-team': team } })
    limit(from('a'), {})
    limit(from('b'), {})
    expect(() => limit(from('a'), {})).toThrow('too many')
    const none = limitRate(undefined, () => 0)
    for (let time = 0; time < 100; time++) expect(() => none(as(), {})).not.toThrow()
  })
})
