import { type OsCatalog, invalidInput } from '@virtkit/spi'

/** The `oskey` of a system that is in no catalog: that of an imported machine, or of a release that has left the catalog. */
export const unknownOsKey = 0

/** What core calls the system of an imported machine. */
const unknownOs = 'other'

/** The wire's `oskey` of a release. */
export function osKeyOf(catalog: OsCatalog, os: string): number {
  return catalog.find(os)?.key ?? unknownOsKey
}

/** The release of an `oskey`; `other` for 0. Throws `INVALID_INPUT` naming the field and a few keys that there are. */
export function osOf(catalog: OsCatalog, oskey: number, field = 'oskey'): string {
  if (oskey === unknownOsKey) return unknownOs
  const release = catalog.find(oskey)
  if (release) return release.id
  const some = catalog
    .list()
    .slice(0, 5)
    .map((each) => `${each.key} (${each.id})`)
  const hint = some.length > 0 ? `for example ${some.join(', ')}` : 'the catalog is empty: configure install media'
  throw invalidInput([{ field, problem: `there is no operating system ${oskey}`, hint }])
}
