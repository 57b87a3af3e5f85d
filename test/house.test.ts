import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import * as files from './house/file-checks.ts'
import { objections, type Finding } from './house/finding.ts'
import * as imports from './house/import-checks.ts'
import { readTree, type Tree } from './house/sources.ts'

const house: Tree = readTree(fileURLToPath(new URL('..', import.meta.url)))

// That every token of the container resolves, twice to the same thing, is the subject of `house-tokens.test.ts`.

/** Each check with a small sin: put into the real house, it has to be reported. */
const checks: readonly [name: string, check: (tree: Tree) => Finding, path: string, sin: string][] = [
  [
    'packages import what the plan allows',
    imports.packageImports,
    'packages/driver-simulated/src/sin.ts',
    `import { createVirtkit } from '@virtkit/core'`,
  ],
  [
    'packages declare what they import',
    imports.packageImports,
    'packages/spi/src/sin.ts',
    `export const late = () => import('zod')`,
  ],
  [
    'packages are entered by their doors',
    imports.packageImports,
    'test/sin.ts',
    `export * from '@virtkit/core/src/sin.ts'`,
  ],
  [
    'workspaces do not reach into each other',
    imports.packageImports,
    'examples/embed/sin.ts',
    `import type { Sin } from '../../packages/core/src/sin.ts'`,
  ],
  ['every package is on the plan', imports.packageImports, 'packages/annexe/package.json', '{}'],
  [
    'the container stays in its room',
    imports.roomImports,
    'packages/core/src/machines/sin.ts',
    `import { Container } from 'inversify'`,
  ],
  [
    'rules are pure',
    imports.roomImports,
    'packages/core/src/machines/sin-rules.ts',
    'export const now = (): number => Date.now()',
  ],
  [
    'templates read no files',
    imports.roomImports,
    'packages/netboot/src/templates/sin.ts',
    `import { readFile } from 'node:fs/promises'`,
  ],
  ['nobody decorates', imports.roomImports, 'packages/core/src/machines/sin.ts', '@injectable()\nexport class Sin {}'],
  [
    'core imports downward',
    imports.coreRooms,
    'packages/core/src/networks/sin.ts',
    `import type { Sin } from '../machines/sin.ts'`,
  ],
  [
    'core rooms do not know the front door',
    imports.coreRooms,
    'packages/core/src/machines/sin.ts',
    `export { createVirtkit } from '../virtkit.ts'`,
  ],
  ['core rooms stand on a floor', imports.coreRooms, 'packages/core/src/cellar/sin.ts', ''],
  [
    'rooms keep their SQL to themselves',
    imports.coreRooms,
    'packages/core/src/machines/sin.ts',
    `import { SqlSin } from '../networks/sql-sin.ts'`,
  ],
  [
    'only the schema sees all tables',
    imports.coreRooms,
    'packages/core/src/database/sin.ts',
    `import type { Sin } from '../machines/machine-tables.ts'`,
  ],
  ['nothing imports itself', imports.importCycles, 'packages/spi/src/sin.ts', `export { sin } from './sin.ts'`],
  [
    'drivers are named at home only',
    files.driverNamesStayHome,
    'packages/core/src/machines/sin.ts',
    `export const sin = (kind: string) => kind === 'proxmox'`,
  ],
  ['files are small', files.fileSizesHold, 'packages/spi/src/sin.ts', '\n'.repeat(401)],
  ['names say what a file holds', files.namesSpeak, 'packages/spi/src/utils/sin.ts', ''],
  ['index.ts stands at doors only', files.namesSpeak, 'packages/core/src/machines/index.ts', ''],
  [
    'no copyleft comes along',
    files.licencesFit,
    'package-lock.json',
    lockWith('node_modules/zod', { license: 'GPL-3.0-only' }),
  ],
  [
    'nothing imports what is under copyleft',
    files.copyleftStandsAlone,
    'packages/cli/src/sin.ts',
    `export const late = () => import('@virtkit/driver-proxmox')`,
  ],
  [
    'nothing depends on what is under copyleft',
    files.copyleftStandsAlone,
    'packages/annexe/package.json',
    '{ "peerDependencies": { "@virtkit/driver-proxmox": "*" } }',
  ],
  [
    'the lock file names no host',
    files.lockNamesNoHost,
    'package-lock.json',
    lockWith('node_modules/zod', { resolved: 'https://registry.example/zod.tgz' }),
  ],
  [
    'the lock file is whole',
    files.lockIsWhole,
    'package-lock.json',
    lockWith('node_modules/zod', { optionalDependencies: { 'zod-for-amiga': '1' } }),
  ],
]

describe.each([...new Set(checks.map(([, check]) => check))].map((check) => [check.name, check] as const))(
  '%s',
  (_, check) => {
    it('holds in this house', () => expect(objections(check(house))).toEqual([]))
    it('fails when there is nothing to check', () => expect(objections(check(new Map()))).toContain('checked nothing'))
  },
)

describe('a sin is reported', () => {
  it.each(checks)('%s', (_, check, path, sin) => {
    const before = objections(check(house))
    const added = objections(check(new Map([...house, [path, sin]]))).filter((line) => !before.includes(line))
    expect(added).not.toEqual([])
  })
})

/** This house's lock file with something else said about one package. */
function lockWith(path: string, change: object): string {
  const lock = JSON.parse(house.get('package-lock.json')!) as { packages: Record<string, object> }
  return JSON.stringify({ ...lock, packages: { ...lock.packages, [path]: { ...lock.packages[path], ...change } } })
}
