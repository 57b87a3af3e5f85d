import { isVirtkitError } from '@virtkit/spi'
import { describe, expect, test } from 'vitest'
import type { NetbootRelease } from './netboot-release.ts'
import { createCatalog } from './os-catalog.ts'
import { builtinReleases } from './releases.ts'

const first = builtinReleases[0] as NetbootRelease

function problemsOf(releases: readonly NetbootRelease[]): string[] {
  try {
    createCatalog(releases)
  } catch (error) {
    if (isVirtkitError(error, 'INVALID_INPUT')) return error.details.problems.map((problem) => problem.field)
    throw error
  }
  return []
}

describe('a catalog', () => {
  test('finds a release by id and by key', () => {
    const catalog = createCatalog(builtinReleases)
    expect(catalog.find('debian-12')?.key).toBe(112)
    expect(catalog.find(112)?.id).toBe('debian-12')
    expect(catalog.find('112')).toBeUndefined()
    expect(catalog.find('debian-9')).toBeUndefined()
    expect(catalog.list()).toHaveLength(builtinReleases.length)
  })

  test('keeps the keys that were once given', () => {
    expect(Object.fromEntries(builtinReleases.map((release) => [release.id, release.key]))).toEqual({
      'debian-11': 111,
      'debian-12': 112,
      'debian-13': 113,
      'ubuntu-22.04': 2204,
      'ubuntu-24.04': 2404,
      'rocky-9': 309,
      'almalinux-9': 329,
      'centos-stream-9': 349,
      'rhel-9': 369,
      'fedora-42': 442,
      'fedora-43': 443,
    })
  })

  test('takes a release of the host beside the built-in ones', () => {
    const mine = { ...first, id: 'acme-1', key: 9001 }
    expect(createCatalog([...builtinReleases, mine]).find(9001)).toBe(mine)
  })

  test('refuses a key or an id that is there twice and names the place', () => {
    expect(problemsOf([first, { ...first, id: 'other' }])).toEqual(['releases[1].key'])
    expect(problemsOf([first, { ...first, key: 9001 }])).toEqual(['releases[1].id'])
  })

  test.each([
    [{ id: '../etc' }, 'releases[0].id'],
    [{ id: '..' }, 'releases[0].id'],
    [{ key: 1.5 }, 'releases[0].key'],
    [{ mirror: 'ftp://mirror.test' }, 'releases[0].mirror'],
    [{ bootFiles: { kernel: '../../secret', initrd: 'initrd' } }, 'releases[0].bootFiles.kernel'],
    [{ bootFiles: { kernel: 'linux', initrd: '/initrd' } }, 'releases[0].bootFiles.initrd'],
  ])('refuses %j', (change, field) => {
    expect(problemsOf([{ ...first, ...change }])).toEqual([field])
  })

  test('refuses to be empty', () => {
    expect(problemsOf([])).toEqual(['releases'])
  })

  test.each(builtinReleases.map((release) => [release.id, release] as const))(
    'says how large a machine for %s is',
    (_, release) => {
      expect(release.recommended.memoryMiB).toBeGreaterThanOrEqual(release.minimum.memoryMiB)
      expect(release.recommended.diskMiB).toBeGreaterThanOrEqual(release.minimum.diskMiB)
      expect(release.endOfLife).toMatch(/^20\d\d-\d\d-\d\d$/)
    },
  )
})
