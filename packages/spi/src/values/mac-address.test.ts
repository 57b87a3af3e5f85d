import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isVirtkitError } from '../errors/virtkit-error.ts'
import { localMacRange, macInRange, parseMac } from './mac-address.ts'

describe('parseMac', () => {
  it.each(['00:50:56:aa:00:01', '00-50-56-AA-00-01', '005056AA0001', '0050.56aa.0001', '00:50:56:AA:00:01'])(
    'reads %s in whatever notation',
    (text) => {
      expect(parseMac(text, 'mac')).toBe('00:50:56:aa:00:01')
    },
  )

  it.each([
    ['', 'is not a MAC address'],
    ['00:50:56:aa:00', 'is not a MAC address'],
    ['00:50:56:aa:00:01:02', 'is not a MAC address'],
    ['00:50-56:aa:00:01', 'is not a MAC address'],
    ['00:50:56:aa:00:0g', 'is not a MAC address'],
    ['00:50:56:aa:00:01\n', 'is not a MAC address'],
    ['0:50:56:aa:0:1', 'is not a MAC address'],
    ['00:00:00:00:00:00', 'all-zero'],
    ['01:00:5e:00:00:01', 'group address'],
    ['ff:ff:ff:ff:ff:ff', 'group address'],
  ])('refuses %j, naming the field', (text, problem) => {
    try {
      parseMac(text, 'nics[0].mac')
    } catch (error) {
      expect(isVirtkitError(error, 'INVALID_INPUT') && error.details.problems[0]).toMatchObject({
        field: 'nics[0].mac',
        problem: expect.stringContaining(problem),
      })
      return
    }
    expect.unreachable('nothing was thrown')
  })

  it('reads back any individual address in every notation', () => {
    const bytes = fc
      .tuple(fc.integer({ min: 1, max: 127 }), fc.uint8Array({ minLength: 5, maxLength: 5 }))
      .map(([first, rest]) => [first * 2, ...rest].map((byte) => byte.toString(16).padStart(2, '0')))
    fc.assert(
      fc.property(bytes, (hex) => {
        const mac = hex.join(':')
        expect(parseMac(mac, 'mac')).toBe(mac)
        expect(parseMac(hex.join('-').toUpperCase(), 'mac')).toBe(mac)
        expect(parseMac(hex.join(''), 'mac')).toBe(mac)
        expect(parseMac(hex.join('').replace(/(....)(....)(....)/, '$1.$2.$3'), 'mac')).toBe(mac)
      }),
    )
  })
})

describe('macInRange', () => {
  it('reaches both ends of the range and nothing beyond', () => {
    const range = { from: '52:54:00:00:00:fe', to: '52:54:00:00:01:01' }
    expect(macInRange(range, 0)).toBe(range.from)
    expect(macInRange(range, 0.5)).toBe('52:54:00:00:01:00')
    expect(macInRange(range, 1 - Number.EPSILON / 2)).toBe(range.to)
  })

  it('keeps leading zeros, and answers addresses that can be used', () => {
    expect(macInRange({ from: '00:50:56:00:00:00', to: '00:50:56:3f:ff:ff' }, 0)).toBe('00:50:56:00:00:00')
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (fraction) => {
        const mac = macInRange(localMacRange, fraction)
        expect(parseMac(mac, 'mac')).toBe(mac)
        expect(mac >= localMacRange.from && mac <= localMacRange.to).toBe(true)
      }),
    )
  })
})
