import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findVcsimSources } from './find-vcsim-sources.ts'
import type { RecordedRequest } from './vcsim-options.ts'

/** Holds all requests against the schema, by xmllint. Throws when one is invalid, naming it, and when there are none. */
export async function validateBodies(requests: readonly RecordedRequest[], schema: string): Promise<number> {
  const sources = findVcsimSources()
  if ('missing' in sources) throw new Error(sources.missing)
  if (requests.length === 0) throw new Error('no request was recorded: nothing could be held against the schema')
  const folder = mkdtempSync(join(tmpdir(), 'virtkit-requests-'))
  try {
    const names = requests.map(({ method, body }, index) => {
      const name = `${index}-${method.replaceAll(/\W/g, '_')}.xml`
      writeFileSync(join(folder, name), body)
      return name
    })
    const said: string[] = []
    // As many as a command line holds, at once: most of the time goes into reading the schema.
    for (let at = 0; at < names.length; at += 2000)
      said.push(await lint(sources.xmllint, schema, names.slice(at, at + 2000), folder))
    const valid = new Set(said.join('').match(/^.+(?= validates$)/gm))
    const invalid = names.filter((name) => !valid.has(name))
    if (invalid.length === 0) return valid.size
    const reasons = said
      .join('')
      .split('\n')
      .filter((line) => line.includes('error'))
      .map((line) => line.replace(/^\d+-/, ''))
    throw new Error(
      `${invalid.length} of ${names.length} requests are invalid:\n${[...new Set(reasons)].slice(0, 20).join('\n')}`,
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function lint(xmllint: string, schema: string, names: readonly string[], folder: string): Promise<string> {
  const program = spawn(xmllint, ['--nonet', '--noout', '--schema', schema, ...names], { cwd: folder })
  let said = ''
  program.stderr.on('data', (chunk: Buffer) => (said += chunk))
  program.stdout.resume()
  await once(program, 'close')
  return said
}
