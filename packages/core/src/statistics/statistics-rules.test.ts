import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type AddressPlan, addressesFrom, poolOf } from '../networks/address-rules.ts'
import { sizeOfPool } from './statistics-rules.ts'

it.each<[number, AddressPlan]>([
  [254, { cidr: '10.0.0.0/24' }],
  [253, { cidr: '10.0.0.0/24', gateway: '10.0.0.7' }],
  [11, { cidr: '10.0.0.0/24', reservation: '10.0.0.10-10.0.0.20', gateway: '10.0.0.1' }],
  [1, { cidr: '10.0.0.5/32' }],
  [0, { cidr: '10.0.0.0/30', gateway: '10.0.0.1', excluded: ['10.0.0.2'] }],
  [2 ** 64 - 1, { cidr: '2001:db8::/64' }],
])('there are %d addresses in %j', (size, plan) => {
  expect(sizeOfPool(plan)).toBe(size)
})

it('counts what is handed out one by one, whatever is left out of it', () => {
  const host = fc.integer({ min: 0, max: 63 })
  const range = fc.tuple(host, host).map(([a, b]) => `10.0.0.${Math.min(a, b)}-10.0.0.${Math.max(a, b)}`)
  const plans = fc.record({
    cidr: fc.constant('10.0.0.0/26'),
    reservation: fc.option(range, { nil: undefined }),
    gateway: fc.option(
      host.map((each) => `10.0.0.${each}`),
      { nil: undefined },
    ),
    excluded: fc.array(range, { maxLength: 4 }),
  })
  fc.assert(
    fc.property(plans, (plan) => {
      const { addresses } = addressesFrom(poolOf(plan), 0n, 100)
      expect(sizeOfPool(plan)).toBe(addresses.length)
    }),
  )
})
