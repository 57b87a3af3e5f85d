import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isVirtkitError } from '../errors/virtkit-error.ts'
import { type IpAddress, cidrContains, formatIp, netmask, parseCidr, parseIp, tryParseIp } from './ip-address.ts'

const v4 = fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }).map((value): IpAddress => ({ version: 4, value }))
const v6 = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map((value): IpAddress => ({ version: 6, value }))
// Many zero groups, so that every place of the gap is met.
const sparseV6 = fc
  .array(fc.constantFrom(0n, 0n, 0n, 1n, 0xdb8n, 0xffffn), { minLength: 8, maxLength: 8 })
  .map((groups): IpAddress => ({ version: 6, value: groups.reduce<bigint>((value, group) => (value << 16n) | group, 0n) }))

describe('addresses', () => {
  it('read back what was written', () => {
    fc.assert(
      fc.property(fc.oneof(v4, v6, sparseV6), (ip) => {
        expect(tryParseIp(formatIp(ip))).toEqual(ip)
      }),
    )
  })

  it('are addresses exactly when the runtime thinks so, zone indices apart', () => {
    const soup = fc.string({
      unit: fc.constantFrom('0', '1', '9', 'a', 'f', ':', '::', '.', '1.2.3.4', '255', 'ffff'),
      maxLength: 12,
    })
    fc.assert(
      fc.property(fc.oneof(soup, fc.ipV4(), fc.ipV6()), (text) => {
        expect(tryParseIp(text)?.version ?? 0).toBe(isIP(text))
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    ['2001:0db8:0000:0000:0000:ff00:0042:8329', '2001:db8::ff00:42:8329'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['FE80::A', 'fe80::a'],
    ['1::', '1::'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
  ])('%s is written %s (RFC 5952)', (text, canonical) => {
    expect(formatIp(parseIp(text, 'ip'))).toBe(canonical)
  })

  it.each([
    '',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    '1.2.3.4 ',
    '1.2.3.-4',
    '0x1.2.3.4',
    ':',
    ':::',
    '1:::2',
    '::1::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    ':1::2',
    '12345::',
    'g::',
    'fe80::1%eth0',
    '::1.2.3',
    '1.2.3.4::',
    '::1\n',
  ])('refuses %j, naming the field', (text) => {
    expect(tryParseIp(text)).toBeUndefined()
    expect(fieldOf(() => parseIp(text, 'gateway'))).toBe('gateway')
  })
})

describe('networks', () => {
  it('hold their first and last address, and not those beside', () => {
    const network = parseCidr('10.20.0.0/22', 'cidr')
    for (const inside of ['10.20.0.0', '10.20.3.255']) expect(cidrContains(network, parseIp(inside, 'ip'))).toBe(true)
    for (const outside of ['10.19.255.255', '10.20.4.0', '::a14:0']) {
      expect(cidrContains(network, parseIp(outside, 'ip'))).toBe(false)
    }
  })

  it('hold every address that they were made of, whatever the prefix', () => {
    fc.assert(
      fc.property(fc.oneof(v4, v6), fc.nat({ max: 128 }), (ip, length) => {
        const bits = ip.version === 4 ? 32 : 128
        const prefix = length % (bits + 1)
        const size = 1n << BigInt(bits - prefix)
        const first = { version: ip.version, value: ip.value - (ip.value % size) }
        const network = parseCidr(`${formatIp(first)}/${prefix}`, 'cidr')
        expect(cidrContains(network, ip)).toBe(true)
        expect(network.last - network.first + 1n).toBe(size)
        expect(cidrContains(network, { version: ip.version, value: network.last + 1n })).toBe(false)
      }),
    )
  })

  it('with host bits set are refused, and the network that was meant is named', () => {
    const error = thrownBy(() => parseCidr('10.0.0.5/24', 'networks[0].cidr'))
    expect(isVirtkitError(error, 'INVALID_INPUT') && error.details.problems[0]).toMatchObject({
      field: 'networks[0].cidr',
      hint: 'did you mean 10.0.0.0/24?',
    })
    expect(fieldOf(() => parseCidr('2001:db8::1/64', 'cidr'))).toBe('cidr')
  })

  it.each([
    '',
    '10.0.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '2001:db8::/129',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    'x/8',
    '10.0.0.0/8\n',
    '10.0.0.0/08',
  ])('written %j are refused, naming the field', (text) => {
    expect(fieldOf(() => parseCidr(text, 'cidr'))).toBe('cidr')
  })

  it.each([
    [0, '0.0.0.0'],
    [1, '128.0.0.0'],
    [22, '255.255.252.0'],
    [24, '255.255.255.0'],
    [32, '255.255.255.255'],
  ])('of prefix %d have the netmask %s', (prefix, mask) => {
    expect(netmask(prefix)).toBe(mask)
  })
})

function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return expect.unreachable('nothing was thrown')
}

function fieldOf(run: () => unknown): string | undefined {
  const error = thrownBy(run)
  return isVirtkitError(error, 'INVALID_INPUT') ? error.details.problems[0]?.field : undefined
}
