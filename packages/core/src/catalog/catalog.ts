import { type OsCatalog, type OsRelease, type OsSize, invalidInput } from '@virtkit/spi'

/** The release, or `INVALID_INPUT` naming the field and a few that there are. */
export function requireRelease(catalog: OsCatalog, id: string, field: string): OsRelease {
  const release = catalog.find(id)
  if (release) return release
  const known = catalog.list().map((each) => each.id)
  const some =
    known.length === 0 ? 'the catalog is empty: configure install media' : `for example ${known.slice(0, 5).join(', ')}`
  throw invalidInput([{ field, problem: `there is no operating system ${JSON.stringify(id)}`, hint: some }])
}

/** Problems of a machine that is too small for a release; empty when it fits. */
export function sizeProblems(release: OsRelease, size: OsSize): { field: string; problem: string }[] {
  const fields = ['cpus', 'memoryMiB', 'diskMiB'] as const
  return fields
    .filter((field) => size[field] < release.minimum[field])
    .map((field) => ({ field, problem: `${release.name} needs at least ${release.minimum[field]}, not ${size[field]}` }))
}
