import { type OsCatalog, type OsRelease, isVirtkitError } from '@virtkit/spi'
import { describe, expect, it } from 'vitest'
import { networkProblems, parseProfile } from './profile-rules.ts'

const minimum = { cpus: 1, memoryMiB: 512, diskMiB: 4096 }
const debian: OsRelease = {
  key: 12,
  id: 'debian-12',
  family: 'debian',
  name: 'Debian GNU/Linux 12',
  version: '12',
  architecture: 'amd64',
  minimum,
  recommended: minimum,
}
const catalog: OsCatalog = {
  list: () => [debian],
  find: (id) => (id === 'debian-12' || id === 'bookworm' ? debian : undefined),
}
const web = { name: 'web', cluster: 1, os: 'debian-12', cpus: 2, memoryMiB: 2048, diskMiB: 8192, networks: [3] }

function problems(change: object): string[] {
  try {
    parseProfile({ ...web, ...change }, catalog)
  } catch (error) {
    if (isVirtkitError(error, 'INVALID_INPUT'))
      return error.details.problems.map((each) => `${each.field}: ${each.problem}`)
    throw error
  }
  return []
}

describe('parseProfile', () => {
  it('puts machines where there is room, when nobody says where', () => {
    expect(parseProfile(web, catalog)).toEqual({ ...web, datastore: 'auto' })
  })

  it('keeps the id of the release, however it was named', () => {
    expect(parseProfile({ ...web, os: 'bookworm' }, catalog).os).toBe('debian-12')
  })

  it('names an operating system that the catalog does not have', () => {
    expect(problems({ os: 'debian-3' })).toEqual(['os: there is no operating system "debian-3"'])
  })

  it('names each size that is below the minimum of the operating system', () => {
    expect(problems({ memoryMiB: 128, diskMiB: 1024 })).toEqual([
      'memoryMiB: Debian GNU/Linux 12 needs at least 512, not 128',
      'diskMiB: Debian GNU/Linux 12 needs at least 4096, not 1024',
    ])
  })

  it('tells every problem of the form at once', () => {
    expect(problems({ cpus: 1.5, networks: [], ram: 5, name: undefined })).toEqual([
      'name: is missing',
      'cpus: must be a whole number',
      'networks: must name at least one network, to install from',
      'ram: there is no such field',
    ])
  })
})

describe('networkProblems', () => {
  it('names each network that is on another cluster by its place', () => {
    const found = [
      { key: 3, name: 'lan', clusterKey: 1 },
      { key: 4, name: 'dmz', clusterKey: 2 },
    ]
    expect(networkProblems({ cluster: 1, networks: [3, 4] }, found)).toEqual([
      { field: 'networks[1]', problem: 'the network dmz is on cluster 2, not on 1' },
    ])
  })
})
