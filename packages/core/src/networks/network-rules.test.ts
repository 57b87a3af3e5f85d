import { isVirtkitError } from '@virtkit/spi'
import { describe, expect, it } from 'vitest'
import { parseNetworkInput } from './network-rules.ts'

const lab = { name: 'lab', cluster: 1, cidr: '10.20.0.0/24' }
const defaults = { dhcp: false, excluded: [], quarantineMs: 0, dns: [], isolated: false }

describe('what a caller says of a network', () => {
  it('comes back in canonical form, with defaults filled in', () => {
    expect(parseNetworkInput(lab)).toEqual({ ...lab, ...defaults })
    expect(
      parseNetworkInput({
        name: 'six',
        cluster: 2,
        cidr: '2001:DB8:0::/64',
        reservation: '2001:db8::00ff - 2001:db8::1ff',
        excluded: ['2001:DB8::100', '2001:db8::110 - 2001:db8::11F', '2001:db8::180/121'],
        quarantineMs: 60_000,
        gateway: 'fe80::1',
        dns: ['2001:DB8::53', '9.9.9.9'],
        zoneDomain: 'Lab.Example.org',
        isolated: true,
      }),
    ).toEqual({
      name: 'six',
      cluster: 2,
      dhcp: false,
      cidr: '2001:db8::/64',
      reservation: '2001:db8::ff-2001:db8::1ff',
      excluded: ['2001:db8::100-2001:db8::100', '2001:db8::110-2001:db8::11f', '2001:db8::180/121'],
      quarantineMs: 60_000,
      gateway: 'fe80::1',
      dns: ['2001:db8::53', '9.9.9.9'],
      zoneDomain: 'lab.example.org',
      isolated: true,
    })
  })

  it('needs no cidr with DHCP', () => {
    expect(parseNetworkInput({ name: 'site', cluster: 1, dhcp: true })).not.toHaveProperty('cidr')
  })

  it.each<[string, object, string, RegExp]>([
    ['no cidr', { cidr: undefined }, 'cidr', /needed without DHCP/],
    ['host bits', { cidr: '10.20.0.5/24' }, 'cidr', /host bits/],
    ['an exclusion outside', { excluded: ['10.21.0.1'] }, 'excluded[0]', /is not inside of 10\.20\.0\.0\/24/],
    ['an exclusion of the other IP version', { excluded: ['::1'] }, 'excluded[0]', /is not inside/],
    ['an exclusion that ends first', { excluded: ['10.20.0.9-10.20.0.3'] }, 'excluded[0]', /ends before/],
    ['an exclusion that is none', { excluded: ['10.20.0.1', 'all'] }, 'excluded[1]', /not an IP address/],
    ['exclusions of everything', { excluded: ['10.20.0.0/24'] }, 'cidr', /leaves no address/],
    ['a quarantine that is negative', { quarantineMs: -1 }, 'quarantineMs', /too small|at least|>=/i],
    ['loopback', { cidr: '127.1.0.0/16' }, 'cidr', /loopback/],
    ['IPv6 loopback', { cidr: '::1/128' }, 'cidr', /loopback/],
    ['multicast', { cidr: '239.0.0.0/8' }, 'cidr', /multicast/],
    ['IPv6 multicast', { cidr: 'ff02::/64' }, 'cidr', /multicast/],
    ['everything', { cidr: '0.0.0.0/0' }, 'cidr', /unspecified/],
    ['IPv6 everything', { cidr: '::/0' }, 'cidr', /unspecified/],
    ['the last address there is', { cidr: '255.255.255.254/31' }, 'cidr', /broadcast/],
    ['a range outside', { reservation: '10.21.0.0/28' }, 'reservation', /not inside of 10\.20\.0\.0\/24/],
    ['a range that sticks out', { reservation: '10.20.0.200-10.20.1.3' }, 'reservation', /not inside/],
    ['a range backwards', { reservation: '10.20.0.9-10.20.0.3' }, 'reservation', /ends before it begins/],
    ['a range of the other version', { reservation: '2001:db8::/64' }, 'reservation', /IPv6, but the network is IPv4/],
    ['a range across versions', { reservation: '10.20.0.1-::5' }, 'reservation', /one IP version to the other/],
    [
      'a range of the gateway alone',
      { reservation: '10.20.0.1/32', gateway: '10.20.0.1' },
      'reservation',
      /no address to hand out/,
    ],
    ['a network of the gateway alone', { cidr: '10.20.0.1/32', gateway: '10.20.0.1' }, 'cidr', /no address to hand out/],
    ['a range with DHCP', { dhcp: true, reservation: '10.20.0.4/30' }, 'reservation', /DHCP network hands out no/],
    ['a gateway outside', { gateway: '10.20.1.1' }, 'gateway', /not in 10\.20\.0\.0\/24/],
    ['a link-local gateway for IPv4', { gateway: 'fe80::1' }, 'gateway', /not in/],
    ['a network address as gateway', { gateway: '10.20.0.0' }, 'gateway', /network address/],
    ['a broadcast address as gateway', { gateway: '10.20.0.255' }, 'gateway', /broadcast address/],
    ['a name as gateway', { gateway: 'router' }, 'gateway', /not an IP address/],
    ['a bad second DNS server', { dns: ['9.9.9.9', '9.9.9'] }, 'dns[1]', /not an IP address/],
    ['loopback as DNS server', { dns: ['127.0.0.1'] }, 'dns[0]', /loopback/],
    ['a domain with a space', { zoneDomain: 'lab example' }, 'zoneDomain', /not a domain name/],
    ['a domain with a dot at the end', { zoneDomain: 'lab.example.' }, 'zoneDomain', /not a domain name/],
    ['a label of 64 letters', { zoneDomain: 'a'.repeat(64) }, 'zoneDomain', /not a domain name/],
    ['an empty name', { name: '' }, 'name', /./],
    ['a name with a line break', { name: 'a\nb' }, 'name', /control characters/],
    ['a field nobody knows', { vlan: 7 }, 'vlan', /no such field/],
    ['a cluster that is text', { cluster: '1' }, 'cluster', /number/],
  ])('%s is refused', (_, change, field, problem) => {
    expect(problemsOf({ ...lab, ...change })).toContainEqual(
      expect.objectContaining({ field, problem: expect.stringMatching(problem) as string }),
    )
  })

  it('is told every problem at once, of shape and of meaning', () => {
    const bad = {
      name: 7,
      cluster: 1,
      cidr: '10.0.0.0/24',
      gateway: '10.0.1.1',
      dns: ['x'],
      reservation: 'y',
      zoneDomain: '-',
    }
    expect(
      problemsOf(bad)
        .map(({ field }) => field)
        .toSorted(),
    ).toEqual(['dns[0]', 'gateway', 'name', 'reservation', 'zoneDomain'])
  })

  it('is refused when it is no object at all', () => {
    expect(problemsOf(undefined).length).toBeGreaterThan(0)
    expect(problemsOf('10.0.0.0/24').length).toBeGreaterThan(0)
  })
})

function problemsOf(input: unknown): readonly { field: string; problem: string }[] {
  try {
    parseNetworkInput(input)
  } catch (error) {
    if (isVirtkitError(error, 'INVALID_INPUT')) return error.details.problems
    throw error
  }
  throw new Error('it was accepted')
}
