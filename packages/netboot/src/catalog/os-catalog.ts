import { type InputProblem, type OsCatalog, invalidInput } from '@virtkit/spi'
import { urlPattern } from '../plan/grammars.ts'
import { type CatalogRelease, type NetbootRelease, isNetbootRelease } from './netboot-release.ts'
import type { PublishedSums } from './published-files.ts'

/** An `OsCatalog` whose releases say how they are installed. */
export interface NetbootCatalog extends OsCatalog {
  list(): readonly CatalogRelease[]
  find(idOrKey: string | number): CatalogRelease | undefined
  /** The release, where it is one that a boot server can start. */
  findBootable(idOrKey: string | number): NetbootRelease | undefined
}

/**
 * A catalog of these releases, in this order.
 * Throws `INVALID_INPUT` naming the release for a key or id that is there twice, and for data that cannot be served.
 */
export function createCatalog(releases: readonly CatalogRelease[]): NetbootCatalog {
  const problems: InputProblem[] = []
  const byKey = new Map<number, CatalogRelease>()
  const byId = new Map<string, CatalogRelease>()
  releases.forEach((release, index) => {
    const field = `releases[${index}]`
    problems.push(...problemsOf(release, field))
    if (byKey.has(release.key)) problems.push(twice(`${field}.key`, release.key, byKey.get(release.key)?.id))
    if (byId.has(release.id)) problems.push(twice(`${field}.id`, release.id, byId.get(release.id)?.name))
    byKey.set(release.key, release)
    byId.set(release.id, release)
  })
  if (releases.length === 0) problems.push({ field: 'releases', problem: 'a catalog without releases installs nothing' })
  if (problems.length > 0) throw invalidInput(problems)

  const list = [...releases]
  const find = (idOrKey: string | number): CatalogRelease | undefined =>
    typeof idOrKey === 'number' ? byKey.get(idOrKey) : byId.get(idOrKey)
  return {
    list: () => list,
    find,
    findBootable: (idOrKey) => {
      const release = find(idOrKey)
      return release && isNetbootRelease(release) ? release : undefined
    },
  }
}

function problemsOf(release: CatalogRelease, field: string): InputProblem[] {
  const problems: InputProblem[] = []
  const expect = (holds: boolean, name: string, problem: string): void => {
    if (!holds) problems.push({ field: `${field}.${name}`, problem })
  }
  expect(Number.isSafeInteger(release.key) && release.key > 0, 'key', 'must be a whole number above zero')
  // Ids name folders of boot files: nothing that could lead out of one.
  expect(/^[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*$/.test(release.id), 'id', 'must be made of a-z, 0-9, dots and hyphens')
  const aPath = 'must be a relative path without empty or dot segments'
  const anAddress = 'must be an http or https address'
  const expectSums = (sums: PublishedSums | undefined, name: string): void => {
    if (!sums) return
    const { url, signature } = sums
    const relative = name === 'bootFiles.sums'
    const fits = (text: string): boolean => isMirror(text) || (relative && isPlainPath(text))
    expect(fits(url), `${name}.url`, anAddress)
    if (sums.listedIn) expect(fits(sums.listedIn.url), `${name}.listedIn.url`, anAddress)
    if (signature && signature.kind !== 'openpgp-inline') expect(fits(signature.url), `${name}.signature.url`, anAddress)
  }
  expect(isMirror(release.mirror), 'mirror', anAddress)
  expect(isMirror(release.cloudImage?.url), 'cloudImage.url', anAddress)
  expectSums(release.cloudImage?.sums, 'cloudImage.sums')
  if (isNetbootRelease(release)) {
    for (const name of ['kernel', 'initrd'] as const) {
      expect(isPlainPath(release.bootFiles[name]), `bootFiles.${name}`, aPath)
    }
    expect(isMirror(release.bootFiles.base), 'bootFiles.base', anAddress)
    expectSums(release.bootFiles.sums, 'bootFiles.sums')
  }
  if (release.installer === 'alpine') {
    expect(/^[a-z0-9.]+$/.test(release.branch), 'branch', 'must be made of a-z, 0-9 and dots')
    expect(isPlainPath(release.modules), 'modules', aPath)
  }
  if (release.installer === 'autoyast') expect(/^[A-Za-z0-9_-]+$/.test(release.product), 'product', 'must be a plain name')
  if (release.installer === 'bsdinstall') {
    expect(isMirror(release.image.url), 'image.url', anAddress)
    expectSums(release.image.sums, 'image.sums')
  }
  if (release.installer === 'preseed') expect(/^[a-z][a-z0-9-]*$/.test(release.suite), 'suite', 'must be a code name')
  if (release.installer === 'autoinstall') expect(urlPattern.test(release.liveImage), 'liveImage', anAddress)
  if (release.installer === 'kickstart') {
    expect(isPlainPath(release.tree), 'tree', aPath)
    release.repositories.forEach((repository, at) => {
      expect(/^[A-Za-z][A-Za-z0-9_-]*$/.test(repository.name), `repositories[${at}].name`, 'must be a plain name')
      expect(isPlainPath(repository.path), `repositories[${at}].path`, aPath)
    })
  }
  return problems
}

function isPlainPath(path: string): boolean {
  return path.split('/').every((segment) => /^\.?[A-Za-z0-9_+~-][A-Za-z0-9._+~-]*$/.test(segment))
}

function isMirror(url: string | undefined): boolean {
  return url === undefined || urlPattern.test(url)
}

function twice(field: string, value: string | number, other: string | undefined): InputProblem {
  return { field, problem: `${value} is there twice`, hint: `${other ?? 'another release'} has it already` }
}
