import { type InputProblem, type OsCatalog, invalidInput } from '@virtkit/spi'
import { urlPattern } from '../plan/grammars.ts'
import type { NetbootRelease } from './netboot-release.ts'

/** An `OsCatalog` whose releases say how they are installed. */
export interface NetbootCatalog extends OsCatalog {
  list(): readonly NetbootRelease[]
  find(idOrKey: string | number): NetbootRelease | undefined
}

/**
 * A catalog of these releases, in this order.
 * Throws `INVALID_INPUT` naming the release for a key or id that is there twice, and for data that cannot be served.
 */
export function createCatalog(releases: readonly NetbootRelease[]): NetbootCatalog {
  const problems: InputProblem[] = []
  const byKey = new Map<number, NetbootRelease>()
  const byId = new Map<string, NetbootRelease>()
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
  return {
    list: () => list,
    find: (idOrKey) => (typeof idOrKey === 'number' ? byKey.get(idOrKey) : byId.get(idOrKey)),
  }
}

function problemsOf(release: NetbootRelease, field: string): InputProblem[] {
  const problems: InputProblem[] = []
  const expect = (holds: boolean, name: string, problem: string): void => {
    if (!holds) problems.push({ field: `${field}.${name}`, problem })
  }
  expect(Number.isSafeInteger(release.key) && release.key > 0, 'key', 'must be a whole number above zero')
  // Ids name folders of boot files: nothing that could lead out of one.
  expect(/^[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*$/.test(release.id), 'id', 'must be made of a-z, 0-9, dots and hyphens')
  for (const name of ['kernel', 'initrd'] as const) {
    expect(
      isPlainPath(release.bootFiles[name]),
      `bootFiles.${name}`,
      'must be a relative path without empty or dot segments',
    )
  }
  expect(isMirror(release.mirror), 'mirror', 'must be an http or https address')
  expect(isMirror(release.bootFiles.base), 'bootFiles.base', 'must be an http or https address')
  if (release.installer === 'preseed') expect(/^[a-z][a-z0-9-]*$/.test(release.suite), 'suite', 'must be a code name')
  if (release.installer === 'autoinstall')
    expect(urlPattern.test(release.liveImage), 'liveImage', 'must be an http or https address')
  if (release.installer === 'kickstart') {
    expect(isPlainPath(release.tree), 'tree', 'must be a relative path without empty or dot segments')
    release.repositories.forEach((repository, at) => {
      expect(/^[A-Za-z][A-Za-z0-9_-]*$/.test(repository.name), `repositories[${at}].name`, 'must be a plain name')
      expect(
        isPlainPath(repository.path),
        `repositories[${at}].path`,
        'must be a relative path without empty or dot segments',
      )
    })
  }
  return problems
}

function isPlainPath(path: string): boolean {
  return path.split('/').every((segment) => /^[A-Za-z0-9_+~-][A-Za-z0-9._+~-]*$/.test(segment))
}

function isMirror(url: string | undefined): boolean {
  return url === undefined || urlPattern.test(url)
}

function twice(field: string, value: string | number, other: string | undefined): InputProblem {
  return { field, problem: `${value} is there twice`, hint: `${other ?? 'another release'} has it already` }
}
