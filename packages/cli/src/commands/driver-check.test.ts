import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConformanceReport } from '@virtkit/spi/conformance'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fakeHost, runCommand } from '../../test/run-command.ts'
import { runVirtkit } from '../run.ts'

// A file as the author of a driver would write it: the driver of examples/custom-driver, and how its cloud is reached.
const example = new URL('../../../../examples/custom-driver/', import.meta.url)
const targetFile = `
import { AcmeCloud } from '${new URL('cloud/acme-cloud.ts', example).href}'
import { acmeDriver } from '${new URL('src/index.ts', example).href}'
const cloud = new AcmeCloud('acme-token-1234')
export const target = {
  driver: acmeDriver((url) => (url === 'acme://lab' ? cloud : undefined)),
  options: {},
  openHandles: () => cloud.sessions,
}
export const broken = {
  ...target,
  driver: { ...target.driver, connect: async (...args) => {
    const hypervisor = await target.driver.connect(...args)
    return { ...hypervisor, power: { ...hypervisor.power, on: async () => {} } }
  } },
}
`

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'driver-check-'))
  await writeFile(join(folder, 'acme.mjs'), targetFile)
  await writeFile(join(folder, 'acme.json'), JSON.stringify({ url: 'acme://lab', password: 'acme-token-1234' }))
})
afterAll(() => rm(folder, { recursive: true }))

describe('driver check', () => {
  it('passes a driver that keeps its promises, names each case, and writes the report', async () => {
    const { code, stdout, stderr } = await runCommand(
      ['driver', 'check', './acme.mjs', '--options', 'acme.json', '--report', 'report.json'],
      {
        cwd: folder,
      },
    )
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('✓ creating twice with one key yields one machine')
    expect(stdout).toMatch(/↓ .* {3}no media facet/)
    const report = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')) as ConformanceReport
    expect(report).toMatchObject({ driver: 'acme', ok: true, failed: 0 })
    expect(report.passed).toBeGreaterThan(50)
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(
      new RegExp(`^acme on Acme Cloud 1.0: ${report.passed} passed, 0 failed`),
    )
  })

  it('fails one that breaks a promise, and says which; with --json in lines', async () => {
    const args = ['driver', 'check', './acme.mjs', '--options', 'acme.json', '--export', 'broken', '--json']
    const { code, stdout } = await runCommand(args, { cwd: folder })
    expect(code).toBe(1)
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; status?: string; promise?: string; failed?: number })
    expect(lines.filter(({ status }) => status === 'failed').map(({ promise }) => promise)).toContainEqual(
      expect.stringMatching(/^power\.on/),
    )
    expect(lines.at(-1)).toMatchObject({ event: 'report', driver: 'acme', ok: false })
  })
})

describe('driver check refuses, before anything is checked,', () => {
  const refusal = async (text: string, args: readonly string[] = []): Promise<string> => {
    const path = join(folder, `${Math.random()}.mjs`)
    await writeFile(path, text)
    const host = fakeHost({ cwd: folder })
    expect(await runVirtkit(['driver', 'check', path, ...args], host)).toBe(1)
    expect(host.printed).toBe('')
    return host.complained
  }
  const driver = (name: string): string =>
    `export const ${name} = { spec: 1, name: '${name}', options: {}, connect: () => {} }\n`

  it('a module without a driver, naming what it has', async () => {
    expect(await refusal('export const one = 1; export const make = () => {}')).toMatch(/no driver.*it exports make, one\)/)
  })

  it('one with several, naming them', async () => {
    expect(await refusal(driver('a') + driver('b'))).toMatch(/--export: .*several drivers.*a, b/)
  })

  it('an export that is not there, or is no driver', async () => {
    expect(await refusal(driver('a'), ['--export', 'b'])).toMatch(/exports no b .*it exports a/)
    expect(await refusal('export const b = 1', ['--export', 'b'])).toMatch(/it is no driver and no target/)
  })

  it('options that cannot be read, without repeating them', async () => {
    await writeFile(join(folder, 'options.json'), '{ "password": "hunter2", }')
    const told = await refusal(driver('a'), ['--options', 'options.json'])
    expect(told).toMatch(/--options: .*options\.json is not JSON/)
    expect(told).not.toContain('hunter2')
  })

  it('a module that cannot be loaded, or is not there', async () => {
    expect(await refusal("throw new Error('no licence')")).toMatch(/cannot be loaded: no licence/)
    const host = fakeHost({ cwd: folder })
    expect(await runVirtkit(['driver', 'check', './missing.ts'], host)).toBe(4)
    expect(host.complained).toMatch(/^NOT_FOUND: .*missing\.ts/)
  })
})
