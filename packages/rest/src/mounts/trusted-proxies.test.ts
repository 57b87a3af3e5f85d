import fc from 'fast-check'
import { expect, it } from 'vitest'
import { trustProxies } from './trusted-proxies.ts'

it.each([
  ['nobody is trusted by itself', [], '10.0.0.1', '192.0.2.7', '10.0.0.1'],
  ['a proxy says whom it was asked by', ['10.0.0.1'], '10.0.0.1', '192.0.2.7', '192.0.2.7'],
  ['one that is not trusted says nothing', ['10.0.0.2'], '10.0.0.1', '192.0.2.7', '10.0.0.1'],
  ['what the caller made up stands before it', ['10.0.0.1'], '10.0.0.1', '203.0.113.9, 192.0.2.7', '192.0.2.7'],
  ['a chain, as far as it is trusted', ['10.0.0.0/8'], '10.0.0.1', '1.1.1.1, 192.0.2.7, 10.9.9.9', '192.0.2.7'],
  ['all of them are proxies', ['10.0.0.0/8'], '10.0.0.1', '10.0.0.2', '10.0.0.2'],
  ['no address is no caller', ['10.0.0.1'], '10.0.0.1', '192.0.2.7, unknown', '10.0.0.1'],
  ['no header', ['10.0.0.1'], '10.0.0.1', undefined, '10.0.0.1'],
  ['IPv6, with brackets and port', ['fd00::/64'], 'fd00::9', '[2001:db8::7]:4711', '2001:db8::7'],
  ['IPv4 with a port', ['::1'], '::1', '192.0.2.7:80', '192.0.2.7'],
  ['IPv4 on a socket for both', ['127.0.0.1'], '::ffff:127.0.0.1', '::ffff:192.0.2.7', '192.0.2.7'],
])('%s', (_, trusted, remote, header, caller) => {
  expect(trustProxies(trusted)(remote, header)).toBe(caller)
})

it('addresses that are none are named, all at once', () => {
  expect(() => trustProxies(['10.0.0.1', 'proxy.lan', '10.0.0.0/33', '::/129', ''])).toThrow(
    expect.objectContaining({ code: 'INVALID_INPUT', details: { problems: expect.objectContaining({ length: 4 }) } }),
  )
  expect(() => trustProxies(['all'], '--trust-proxy')).toThrow('--trust-proxy')
})

it('whatever a caller sends, who is not trusted is who he is', () => {
  const trust = trustProxies(['10.0.0.0/8'])
  fc.assert(
    fc.property(
      fc.string(),
      fc.ipV4().filter((ip) => !ip.startsWith('10.')),
      (header, ip) => {
        expect(trust(ip, header)).toBe(ip)
        expect(trust('10.0.0.1', `${header}, ${ip}`)).toBe(ip)
      },
    ),
  )
})
