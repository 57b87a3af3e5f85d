import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { eachDatabase } from '@virtkit/test-databases'
import { memoryFolder } from '@virtkit/test-databases/memory'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Row } from '../src/figure.ts'
import { figures } from '../src/figures.ts'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

eachDatabase((db) => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(memoryFolder() ?? tmpdir(), 'virtkit-bench-test-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('every figure comes out, with a ratio where it has a limit', async () => {
    // What is held against programs that only benches need is left out where they are not; what needs no database is measured once.
    const measured = figures.filter(({ engines = [db.engine], lacks }) => {
      const isHere = engines.includes(db.engine) || (engines.length === 0 && db.engine === 'sqlite')
      return isHere && lacks?.() === undefined
    })
    const names = measured.map(({ name }) => name)
    const json = join(folder, 'rows.json')
    const location = await db.options()
    const server = 'postgres' in location ? ['--postgres', location.postgres] : []
    const options = [...names, '--quick', '--engine', db.engine, '--json', json, ...server]
    const program = ['--conditions=@virtkit/source', main, ...options]
    // The databases that it makes are where ours are: nobody looks at how large the figures are.
    const env = { ...process.env, TMPDIR: folder }
    const { stdout } = await promisify(execFile)(process.execPath, program, { env })

    const { rows } = JSON.parse(readFileSync(json, 'utf8')) as { rows: Row[] }
    expect([...new Set(rows.map((row) => row.figure))]).toEqual(names)
    expect(rows.filter((row) => !isMeasured(row.value) || row.note?.includes('void'))).toEqual([])
    expect(rows.filter((row) => row.limit !== undefined && !isMeasured(row.ratio ?? 0))).toEqual([])
    expect(rows.filter((row) => !stdout.includes(row.setting))).toEqual([])
  }, 300_000)
})

const isMeasured = (value: number): boolean => Number.isFinite(value) && value > 0
