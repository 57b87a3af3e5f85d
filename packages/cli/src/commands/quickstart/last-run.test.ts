import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { isRunning, readLastRun, writeLastRun } from './last-run.ts'

const folder = mkdtempSync(join(tmpdir(), 'last-run-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('what the last run left', () => {
  it('is read as it was written, and nothing else is left', async () => {
    const base = join(folder, 'lab')
    await writeLastRun(base, { bootPort: 8080, pid: 7 })
    await writeLastRun(base, { bootPort: 8081, simulatorPort: 7070, pid: 8 })
    expect(await readLastRun(base)).toEqual({ bootPort: 8081, simulatorPort: 7070, pid: 8 })
    expect(readdirSync(folder)).toEqual(['lab.json'])
  })

  it.each(['', 'null', '[]', '{"bootPort":"8080","pid":1.5}'])('is empty where the file holds %j', async (text) => {
    writeFileSync(join(folder, 'odd.json'), text)
    expect(await readLastRun(join(folder, 'odd'))).toEqual({})
  })

  it('is empty where there is none', async () => {
    expect(await readLastRun(join(folder, 'none'))).toEqual({})
    expect(await readLastRun(undefined)).toEqual({})
  })
})

describe('a run is there', () => {
  it('as long as its process is, and never when it is our own', () => {
    expect(isRunning({ pid: process.ppid })).toBe(true)
    expect(isRunning({ pid: process.pid })).toBe(false)
    expect(isRunning({ pid: 2 ** 30 })).toBe(false)
    expect(isRunning({})).toBe(false)
  })
})
