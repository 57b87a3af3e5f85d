import { type Virtkit, createVirtkit } from '@virtkit/core'
import { createSimulatorControl, simulated } from '@virtkit/driver-simulated'
import { type DatabaseLocation, eachDatabase } from '@virtkit/test-databases'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, it } from 'vitest'

const main = resolve('packages/cli/src/main.ts')

interface Event {
  readonly event: string
  readonly phase?: string
  readonly machine?: string
  readonly url?: string
}

eachDatabase((db) => {
  let folder = ''
  const children: ChildProcess[] = []

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'virtkit-quickstart-'))
  })
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })

  /** The command in a process of its own, whose lines are told one by one. */
  function virtkit(
    args: readonly string[],
    onLine: (line: Event, child: ChildProcess) => void,
  ): Promise<NodeJS.Signals | number> {
    const child = spawn(process.execPath, ['--conditions=@virtkit/source', main, ...args, '--json'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    createInterface({ input: child.stdout! }).on('line', (line) => onLine(JSON.parse(line) as Event, child))
    return new Promise((done) => child.on('close', (code, signal) => done(signal ?? code ?? -1)))
  }

  const startSimulator = (): Promise<string> =>
    new Promise((listening) => {
      void virtkit(
        ['simulator', 'hypervisor', '--port', '0', '--state', join(folder, 'world.json'), '--pace', 'fast'],
        (line) => listening(line.url ?? ''),
      )
    })

  function openKit(database: DatabaseLocation): Promise<Virtkit> {
    const encryption = { keyFile: 'sqlite' in database ? `${database.sqlite}.key` : join(folder, 'virtkit-quickstart.key') }
    return createVirtkit({ database, encryption, drivers: [simulated], operations: { work: false } })
  }

  it(
    'the quickstart, killed at four moments and run again, ends with three machines and nothing left over',
    { timeout: 180_000 },
    async () => {
      const simulator = await startSimulator()
      const database = await db.options()
      const text = 'sqlite' in database ? `sqlite:${database.sqlite}` : database.postgres
      const args = ['quickstart', '--database', text, '--simulator', simulator]
      const moments: readonly ((line: Event) => boolean)[] = [
        (line) => line.event === 'set-up',
        (line) => line.phase === 'booted',
        (line) => line.phase === 'installing',
        (line) => line.phase === 'finishing',
      ]
      for (const isNow of moments) {
        const end = await virtkit(args, (line, child) => isNow(line) && child.kill('SIGKILL'))
        // A moment that an earlier run has passed already: then it ran to its end.
        expect(['SIGKILL', 0]).toContain(end)
      }
      const lines: Event[] = []
      expect(await virtkit(args, (line) => lines.push(line))).toBe(0)
      expect(
        lines
          .filter((line) => line.event === 'ready')
          .map((line) => line.machine)
          .toSorted(),
      ).toEqual(['web-1', 'web-2', 'web-3'])

      const world = await createSimulatorControl({ url: simulator }).summary()
      expect(world.machines.map((machine) => machine.name).toSorted()).toEqual(['web-1', 'web-2', 'web-3'])
      expect(new Set(world.machines.map((machine) => machine.key)).size).toBe(3)
      expect(world.media).toEqual([])

      const kit = await openKit(database)
      const machines = await kit.machines.list()
      expect(machines.map(({ name, state }) => `${name} ${state}`)).toEqual([
        'web-1 deployed',
        'web-2 deployed',
        'web-3 deployed',
      ])
      const [network] = await kit.networks.list()
      expect((await kit.networks.addresses(network!.key)).map((entry) => entry.address)).toEqual(
        machines.map((machine) => machine.networks[0]?.ip).toSorted(),
      )
      const [contingent] = await kit.contingents.list()
      expect([contingent?.used.vm, contingent?.reserved.vm]).toEqual([3, 0])
      expect(await kit.contingents.verify()).toEqual([])
      expect(await kit.operations.list({ ended: false })).toEqual([])
      await kit.close()
    },
  )
})
