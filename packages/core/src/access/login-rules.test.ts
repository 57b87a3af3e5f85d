import { describe, expect, it } from 'vitest'
import { accountLimits, countedAbout, forgetFailuresMs, placeOf, waitMs } from './login-rules.ts'

const now = 1_000_000_000

describe('failed logins', () => {
  it('cost nothing at first, then double, up to a limit', () => {
    const waits = [0, 4, 5, 6, 7, 12, 13, 14, 40, 5000].map((failures) =>
      waitMs({ failures, failedAt: now }, accountLimits, now),
    )
    expect(waits).toEqual([0, 0, 1000, 2000, 4000, 128_000, 256_000, 300_000, 300_000, 300_000])
    expect(waitMs(undefined, accountLimits, now)).toBe(0)
  })

  it('wait from the last failure on, and are forgotten', () => {
    expect(waitMs({ failures: 7, failedAt: now }, accountLimits, now + 1500)).toBe(2500)
    expect(waitMs({ failures: 7, failedAt: now }, accountLimits, now + 4000)).toBe(0)
    const capped = { free: 0, firstMs: 10 * forgetFailuresMs, mostMs: 10 * forgetFailuresMs }
    expect(waitMs({ failures: 7, failedAt: now }, capped, now + forgetFailuresMs)).toBe(0)
  })

  it('of strangers do not count where the account is known', () => {
    expect(countedAbout('ada', '10.0.0.1', false).account).toBe(countedAbout('ada', '10.9.9.9', false).account)
    expect(countedAbout('ada', '10.0.0.1', true).account).not.toBe(countedAbout('ada', '10.0.0.1', false).account)
    expect(countedAbout('ada', undefined, true)).toEqual({ account: 'account ada', address: undefined })
  })

  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:DB8:0:12:1:2:3:4', '2001:db8:0:12::/64'],
    ['2001:db8:0:12::9', '2001:db8:0:12::/64'],
    ['2001:0db8::9', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s is the place %s', (address, place) => expect(placeOf(address)).toBe(place))
})
