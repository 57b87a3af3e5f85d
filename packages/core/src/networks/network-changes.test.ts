import { describe, expect, it } from 'vitest'
import { addressesLost } from './network-changes.ts'

const before = { dhcp: false, cidr: '10.0.0.0/24', reservation: '10.0.0.16/28' }
const inUse = ['10.0.0.3', '10.0.0.17', '10.0.0.30']

describe('the addresses that a change of the network would take away', () => {
  it.each<[string, object, string[]]>([
    ['none, when nothing shrinks', {}, []],
    ['none, when the range grows', { reservation: undefined }, []],
    ['those handed out from the part of the range that goes', { reservation: '10.0.0.16/29' }, ['10.0.0.30']],
    ['those outside of the smaller network', { cidr: '10.0.0.16/28', reservation: undefined }, ['10.0.0.3']],
    ['one that becomes the gateway', { gateway: '10.0.0.17' }, ['10.0.0.17']],
    ['one that becomes the broadcast address', { cidr: '10.0.0.0/30', reservation: undefined }, inUse],
    ['all, when a DHCP server takes over', { dhcp: true, reservation: undefined }, inUse],
    ['all, when the version changes', { cidr: '2001:db8::/64', reservation: undefined }, inUse],
  ])('%s', (_, change, lost) => {
    expect(addressesLost(before, { ...before, ...change }, inUse)).toEqual(lost)
  })
})
