import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { apiVersion, base, contract, renderOpenApi } from '@virtkit/rest/contract'
import { driverCases } from '@virtkit/spi/conformance'
import { renderDriverContract } from './reference/driver-contract.ts'
import { renderErrors } from './reference/errors.ts'
import { type Original, renderOriginal } from './reference/original.ts'
import { renderRest } from './reference/rest.ts'
import { renderSettings } from './reference/settings.ts'
import { type SupportReport, renderSupportMatrix } from './reference/support-matrix.ts'

/** Every page of the reference that is kept, by its path from the root of the repository, as the sources have it now. */
export function renderReference(root: string): Map<string, string> {
  const read = (path: string): string => readFileSync(join(root, path), 'utf8')
  const reports = globSync('docs/reference/reports/*.json', { cwd: root })
    .toSorted()
    .map((path) => JSON.parse(read(path)) as SupportReport)
  const originals = JSON.parse(read('packages/rest/test/operations.json')) as Original[]
  const commands = 'docs/reference/cli.md'
  return new Map([
    [
      'docs/reference/errors.md',
      renderErrors(read('packages/spi/src/errors/error-details.ts'), read('packages/rest/src/server/error-answer.ts')),
    ],
    ['docs/reference/settings.md', renderSettings(read('packages/core/src/options/options.ts'))],
    ['docs/reference/driver-contract.md', renderDriverContract(driverCases)],
    ['docs/reference/support-matrix.md', renderSupportMatrix(driverCases, reports)],
    ['docs/reference/rest.md', renderRest(renderOpenApi(contract, { base, version: apiVersion }))],
    [
      'docs/reference/original.md',
      renderOriginal(originals, contract, existsSync(join(root, commands)) ? read(commands) : ''),
    ],
  ])
}
