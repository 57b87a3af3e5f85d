import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isVirtkitError, type MachineSpec } from '@virtkit/spi'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { simulated } from '../index.ts'

const call = { signal: new AbortController().signal }
const spec: MachineSpec = {
  name: 'web',
  cpus: 1,
  memoryMiB: 64,
  firmware: 'bios',
  disks: [],
  nics: [],
  placement: {},
}

let folder = ''
let child: ChildProcess | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'virtkit-death-'))
})
afterEach(async () => {
  child?.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

async function start(stateFile: string): Promise<string> {
  const program = fileURLToPath(new URL('../../test/simulator-process.ts', import.meta.url))
  child = spawn(process.execPath, ['--conditions=@virtkit/source', program, stateFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const died = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the simulator ended with ${code}`)))
  const [line] = (await Promise.race([once(child.stdout!, 'data'), died])) as [Buffer]
  died.catch(() => undefined)
  return line.toString().trim()
}

it('killed at any moment, a simulator has every machine that it answered for, and each only once', async () => {
  const stateFile = join(folder, 'world.json')
  const hypervisor = await simulated.connect({ url: await start(stateFile) }, call)
  const answered = new Set<string>()
  const outcomes = new Map<string, string>()
  const creating = Array.from({ length: 60 }, async (_, i) => {
    const key = `k${i}`
    try {
      await hypervisor.machines.create(spec, { ...call, key })
      answered.add(key)
      // In the middle of the others.
      if (answered.size === 20) child?.kill('SIGKILL')
    } catch (error) {
      if (!isVirtkitError(error, 'HYPERVISOR_UNAVAILABLE')) throw error
      outcomes.set(key, error.outcome)
    }
  })
  await Promise.all(creating)
  await hypervisor[Symbol.asyncDispose]()
  expect(answered.size).toBeGreaterThanOrEqual(20)

  const again = await simulated.connect({ url: await start(stateFile) }, call)
  const kept: string[] = []
  for await (const page of again.inventory.machines({ pageSize: 100 }, call)) kept.push(...page.map((one) => one.key ?? ''))
  expect(new Set(kept).size).toBe(kept.length)
  expect(kept).toEqual(expect.arrayContaining([...answered]))
  // Those of whom we were told that they did not happen did not.
  expect(kept.filter((key) => outcomes.get(key) === 'did-not-happen')).toEqual([])
  await again[Symbol.asyncDispose]()
})
