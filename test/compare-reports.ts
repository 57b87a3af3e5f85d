import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

/** Reports of drivers by the names of their files. */
export type Reports = ReadonlyMap<string, string>

export function readReports(folder: string): Reports {
  const files = globSync('*.json', { cwd: folder })
  return new Map(files.map((file) => [basename(file), readFileSync(join(folder, file), 'utf8')]))
}

/** What is wrong with the reports that the support matrix is made of, as this run found the drivers to be. */
export function compareReports(kept: Reports, found: Reports): string[] {
  const stale = [...found].filter(([name, text]) => kept.get(name) !== text).map(([name]) => name)
  return [
    ...(found.size === 0 ? ['no driver was held against the conformance cases'] : []),
    ...stale.map(
      (name) => `docs/reference/reports/${name} is not as the driver is: npm run docs:reports && npm run docs:reference`,
    ),
  ]
}
