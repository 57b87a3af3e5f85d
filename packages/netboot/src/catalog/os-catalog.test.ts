import { isVirtkitError } from '@virtkit/spi'
import { describe, expect, test } from 'vitest'
import type { CatalogRelease, KickstartRelease, PreseedRelease } from './netboot-release.ts'
import { createCatalog } from './os-catalog.ts'
import { lacksOsinfo, osinfoFacts } from '../../test/osinfo/osinfo-facts.ts'
import { osinfo } from './osinfo.generated.ts'
import { builtinReleases } from './releases.ts'

const first = builtinReleases[0] as PreseedRelease

function problemsOf(releases: readonly CatalogRelease[]): string[] {
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
    expect(catalog.findBootable('debian-12')).toBe(catalog.find('debian-12'))
    expect(catalog.find('windows-server-2022')?.key).toBe(8022)
    expect(catalog.findBootable('windows-server-2022')).toBeUndefined()
  })

  test('keeps the keys that were once given', () => {
    expect(Object.fromEntries(builtinReleases.map((release) => [release.id, release.key]))).toEqual({
      'debian-11': 111,
      'debian-12': 112,
      'debian-13': 113,
      'ubuntu-20.04': 2004,
      'ubuntu-22.04': 2204,
      'ubuntu-24.04': 2404,
      'ubuntu-26.04': 2604,
      'rocky-9': 309,
      'rocky-10': 310,
      'almalinux-9': 329,
      'almalinux-10': 330,
      'centos-stream-9': 349,
      'centos-stream-10': 350,
      'rhel-9': 369,
      'rhel-10': 370,
      'oracle-9': 389,
      'oracle-10': 390,
      'fedora-42': 442,
      'fedora-43': 443,
      'opensuse-leap-15.6': 5156,
      'opensuse-tumbleweed': 5001,
      'alpine-3.21': 6321,
      'alpine-3.22': 6322,
      'alpine-3.23': 6323,
      'freebsd-14.3': 7143,
      'freebsd-14.4': 7144,
      'freebsd-15.0': 7150,
      'windows-server-2016': 8016,
      'windows-server-2019': 8019,
      'windows-server-2022': 8022,
      'windows-server-2025': 8025,
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
    [
      { bootFiles: { kernel: 'linux', initrd: 'initrd', sums: { url: '../sums', algorithm: 'sha256' } } },
      'releases[0].bootFiles.sums.url',
    ],
    [{ cloudImage: { url: 'file:///etc/passwd' } }, 'releases[0].cloudImage.url'],
    [
      { cloudImage: { url: 'https://a.test/b', sums: { url: 'sums', algorithm: 'sha256' } } },
      'releases[0].cloudImage.sums.url',
    ],
  ])('refuses %j', (change, field) => {
    expect(problemsOf([{ ...first, ...change } as CatalogRelease])).toEqual([field])
  })

  test('refuses to be empty', () => {
    expect(problemsOf([])).toEqual(['releases'])
  })

  test.each(builtinReleases.map((release) => [release.id, release] as const))(
    'says how large a machine for %s is',
    (_, release) => {
      expect(release.recommended.memoryMiB).toBeGreaterThanOrEqual(release.minimum.memoryMiB)
      expect(release.recommended.diskMiB).toBeGreaterThanOrEqual(release.minimum.diskMiB)
    },
  )

  test('says until when each release gets updates, except those of which that is not known', () => {
    const silent = builtinReleases.filter(({ endOfLife }) => endOfLife === undefined).map(({ id }) => id)
    expect(silent).toEqual(['oracle-10', 'opensuse-tumbleweed', 'freebsd-14.4'])
    for (const { endOfLife } of builtinReleases) {
      if (endOfLife !== undefined) expect(new Date(endOfLife).toISOString().slice(0, 10)).toBe(endOfLife)
    }
  })

  test('points to the digests of the boot files where their publisher lists them', () => {
    const without = createCatalog(builtinReleases)
      .list()
      .filter((release) => 'bootFiles' in release && !release.bootFiles.sums)
      .map(({ installer }) => installer)
    expect(new Set(without)).toEqual(new Set(['autoinstall', 'alpine']))
    const rocky = builtinReleases.find(({ id }) => id === 'rocky-9') as KickstartRelease
    expect(rocky.bootFiles.sums?.url).toBe('BaseOS/x86_64/os/.treeinfo')
    expect(rocky.cloudImage?.sums?.url).toBe('https://download.rockylinux.org/pub/rocky/9/images/x86_64/CHECKSUM')
  })

  test.runIf(lacksOsinfo() === undefined)('has what the package osinfo-db says (npm run osinfo)', () => {
    expect(osinfo).toEqual(osinfoFacts())
    for (const [id, { minimum, endOfLife }] of Object.entries(osinfo)) {
      const release = builtinReleases.find((each) => each.id === id)!
      expect(release.minimum.diskMiB).toBeGreaterThanOrEqual(minimum!.diskMiB)
      if (endOfLife !== undefined) expect(release.endOfLife).toBe(endOfLife)
    }
  })
})
