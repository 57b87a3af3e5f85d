import fc from 'fast-check'
import { formatIp, parseIp } from '@virtkit/spi'
import { describe, expect, it } from 'vitest'
import {
  formatAddressKey,
  fromAddressKey,
  addressesFrom,
  isAllowed,
  isInPool,
  poolOf,
  toAddressKey,
} from './address-rules.ts'

const ip = (text: string): ReturnType<typeof parseIp> => parseIp(text, 'ip')
const ends = (plan: Parameters<typeof poolOf>[0]): string => {
  const { network, first, last } = poolOf(plan)
  return first > last ? 'none' : [first, last].map((value) => formatIp({ version: network.version, value })).join(' to ')
}

describe('the addresses that a network hands out', () => {
  it.each([
    [{ cidr: '10.0.0.0/24' }, '10.0.0.1 to 10.0.0.254'],
    [{ cidr: '10.0.0.0/24', gateway: '10.0.0.1' }, '10.0.0.2 to 10.0.0.254'],
    [{ cidr: '10.0.0.0/24', gateway: '10.0.0.254' }, '10.0.0.1 to 10.0.0.253'],
    [{ cidr: '10.0.0.0/24', reservation: '10.0.0.0/28' }, '10.0.0.1 to 10.0.0.15'],
    [{ cidr: '10.0.0.0/24', reservation: '10.0.0.240/28' }, '10.0.0.240 to 10.0.0.254'],
    [{ cidr: '10.0.0.0/24', reservation: '10.0.0.7-10.0.0.7' }, '10.0.0.7 to 10.0.0.7'],
    [{ cidr: '10.0.0.0/31' }, '10.0.0.0 to 10.0.0.1'],
    [{ cidr: '10.0.0.0/31', gateway: '10.0.0.0' }, '10.0.0.1 to 10.0.0.1'],
    [{ cidr: '10.0.0.9/32' }, '10.0.0.9 to 10.0.0.9'],
    [{ cidr: '10.0.0.9/32', gateway: '10.0.0.9' }, 'none'],
    [{ cidr: '2001:db8::/64' }, '2001:db8::1 to 2001:db8::ffff:ffff:ffff:ffff'],
    [{ cidr: '2001:db8::/64', gateway: 'fe80::1' }, '2001:db8::1 to 2001:db8::ffff:ffff:ffff:ffff'],
    [{ cidr: '2001:db8::2/127' }, '2001:db8::2 to 2001:db8::3'],
    [{ cidr: '2001:db8::2/128' }, '2001:db8::2 to 2001:db8::2'],
  ])('%j: %s', (plan, expected) => {
    expect(ends(plan)).toBe(expected)
  })

  it('may be asked for outside of the range, but not outside of the network, nor what is reserved', () => {
    const pool = poolOf({ cidr: '10.0.0.0/24', reservation: '10.0.0.16/28', gateway: '10.0.0.1' })
    const allowed = (text: string): boolean => isAllowed(pool, ip(text))
    expect(['10.0.0.2', '10.0.0.20', '10.0.0.254'].filter(allowed)).toHaveLength(3)
    expect(['10.0.0.0', '10.0.0.1', '10.0.0.255', '10.0.1.2', '::a00:2'].filter(allowed)).toEqual([])
    expect(isInPool(pool, ip('10.0.0.2'))).toBe(false)
    expect(isInPool(pool, ip('10.0.0.16'))).toBe(true)
  })

  it('are walked in order, over the gateway and what is excluded, in steps that go on where the last one ended', () => {
    const pool = poolOf({
      cidr: '10.0.0.0/28',
      gateway: '10.0.0.4',
      excluded: ['10.0.0.5-10.0.0.6', '10.0.0.1', '10.0.0.14/31'],
    })
    const step = addressesFrom(pool, pool.first, 4)
    const shown = (values: readonly bigint[]): string[] => values.map((value) => formatIp({ version: 4, value }))
    expect(shown(step.addresses)).toEqual(['10.0.0.2', '10.0.0.3', '10.0.0.7', '10.0.0.8'])
    const rest = addressesFrom(pool, step.next!, 100)
    expect(shown(rest.addresses)).toEqual(['10.0.0.9', '10.0.0.10', '10.0.0.11', '10.0.0.12', '10.0.0.13'])
    expect(rest.next).toBeUndefined()
    expect(addressesFrom(pool, 0n, 1).addresses).toEqual([ip('10.0.0.2').value])
    expect(isInPool(pool, ip('10.0.0.5'))).toBe(false)
    expect(isAllowed(pool, ip('10.0.0.5'))).toBe(true)
  })

  it('are those that counting one by one finds, whatever is excluded', () => {
    const nth = (offset: number): string => formatIp({ version: 4, value: ip('10.0.0.0').value + BigInt(offset) })
    const span = fc.tuple(fc.nat(31), fc.nat(31)).map(([a, b]) => `${nth(Math.min(a, b))}-${nth(Math.max(a, b))}`)
    fc.assert(
      fc.property(
        fc.array(span, { maxLength: 4 }),
        fc.nat(31),
        fc.integer({ min: 1, max: 5 }),
        (excluded, gateway, step) => {
          const pool = poolOf({ cidr: '10.0.0.0/27', gateway: nth(gateway), excluded })
          const all = Array.from({ length: 32 }, (_, offset) => ip(nth(offset)))
          const walked: bigint[] = []
          for (let at: bigint | undefined = pool.first; at !== undefined;) {
            const { addresses, next } = addressesFrom(pool, at, step)
            walked.push(...addresses)
            at = next
          }
          expect(walked).toEqual(all.filter((each) => isInPool(pool, each)).map(({ value }) => value))
        },
      ),
    )
  })
})

describe('address keys', () => {
  const address = fc.oneof(
    fc.record({ version: fc.constant(4 as const), value: fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }) }),
    fc.record({ version: fc.constant(6 as const), value: fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }) }),
  )

  it('read back as the address they were made of', () => {
    fc.assert(
      fc.property(address, ({ version, value }) => {
        expect(fromAddressKey(toAddressKey({ version, value }))).toEqual({ version, value })
      }),
    )
    expect(formatAddressKey(toAddressKey(ip('2001:db8::1')))).toBe('2001:db8::1')
  })

  it('sort as text in the order of their addresses', () => {
    fc.assert(
      fc.property(fc.array(address), fc.constantFrom(4, 6), (all, version) => {
        const same = all.filter((each) => each.version === version)
        const byText = same.map(toAddressKey).toSorted((a, b) => (a < b ? -1 : Number(a > b)))
        const byNumber = same.toSorted((a, b) => (a.value < b.value ? -1 : Number(a.value > b.value))).map(toAddressKey)
        expect(byText).toEqual(byNumber)
      }),
    )
  })
})
