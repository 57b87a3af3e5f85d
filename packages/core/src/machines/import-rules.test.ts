import type { MachineInfo } from '@virtkit/spi'
import { describe, expect, it } from 'vitest'
import { addressesOfCards, diskMiBOf, firstDiskMiB, parseImport } from './import-rules.ts'

const lan = { cidr: '10.20.0.0/24', gateway: '10.20.0.1' }
const six = { cidr: '2001:db8::/64', gateway: null }
const dhcp = { cidr: null, gateway: null }
const disks = (...sizes: number[]): Pick<MachineInfo, 'disks'> => ({
  disks: sizes.map((sizeMiB) => ({ sizeMiB, provisioning: 'thin', datastore: 'ds' })),
})

describe('what a guest reports', () => {
  it('belongs to the card whose network it lies in, each address to one card', () => {
    const reported = ['10.20.0.7', '2001:db8::7', '10.20.0.8', '192.168.1.1']
    expect(addressesOfCards([dhcp, lan, six, lan, lan], reported)).toEqual([
      undefined,
      '10.20.0.7',
      '2001:db8::7',
      '10.20.0.8',
      undefined,
    ])
  })

  it("is left out of the book where it is the gateway's, or no address at all", () => {
    expect(addressesOfCards([lan], ['nonsense', '10.20.0.1'])).toEqual([undefined])
  })
})

describe('disks', () => {
  it('count all together, and the first is the one that grows', () => {
    expect(diskMiBOf(disks(10, 20, 30))).toBe(60)
    expect(firstDiskMiB(disks(10, 20, 30), 70)).toBe(20)
    expect(diskMiBOf(disks())).toBe(0)
  })
})

describe('what to import', () => {
  it('is named, each once, or all', () => {
    expect(parseImport({ names: ['a', 'b', 'a'], owner: 1 })).toEqual({ names: ['a', 'b'], owner: 1 })
    expect(parseImport({ names: 'all', owner: 1 })).toEqual({ names: 'all', owner: 1 })
    expect(() => parseImport({ names: [], owner: 1 })).toThrow('names')
    expect(() => parseImport({ names: 'some', owner: 0 })).toThrow("must be a list of names, or 'all'")
  })
})
