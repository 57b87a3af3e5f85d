import { join } from 'node:path'
import { startVcsim } from '@virtkit/test-vcsim'
import { buildVcsim } from '@virtkit/test-vcsim/build'
import { findVcsimSources, installVcsimSources } from '@virtkit/test-vcsim/find'
import type { BenchContext, Figure, Row } from './figure.ts'
import { median } from './pairs.ts'
import { type Reading, checkReading, outputOf, readingRows } from './readings.ts'
import type { Server } from './vsphere-import/open-driver.ts'
import type { ReadAllInput } from './vsphere-import/read-all.ts'
import type { WaitForTasksInput, Waited } from './vsphere-import/wait-for-tasks.ts'

/** As many at a time as an import asks for. */
const pageSize = 100

/**
 * Reading every machine of a vCenter, as an import does, beside a program that does it with govmomi in pages of the same size. And
 * how much a cheap call is held up while many tasks are waited for. The vCenter is simulated, in a process of its own.
 */
export const vsphereImport: Figure = {
  name: 'vsphere-import',
  engines: [],
  lacks: missingVcsim,
  async run(context) {
    const missing = missingVcsim()
    if (missing !== undefined) {
      context.report(`vsphere-import: left out, ${missing}: ${installVcsimSources}`)
      return []
    }
    return [...(await readAll(context)), ...(await waitForTasks(context))]
  },
}

function missingVcsim(): string | undefined {
  const found = findVcsimSources()
  return 'missing' in found ? found.missing : undefined
}

async function readAll({ quick, report }: BenchContext): Promise<Row[]> {
  const machines = quick ? 20 : 10_000
  const rounds = quick ? 1 : 3
  await using vcsim = await startVcsim({ machines, record: false })
  const { listMachines } = await buildVcsim()
  const input: ReadAllInput = { ...serverOf(vcsim), pageSize }
  const address = new URL(vcsim.url)
  address.username = encodeURIComponent(vcsim.user)
  address.password = encodeURIComponent(vcsim.password)
  const read = {
    ours: async () => checkReading((await run('read-all.ts', input)) as Reading, 'the driver', machines),
    theirs: async () => {
      const said = (await outputOf(listMachines, [address.href, String(pageSize)])) as SaidByGovmomi
      const { cpuMs, peakRssMiB, wallMs } = said
      const reading = { machines: said.machines, cpuS: cpuMs / 1000, peakMiB: peakRssMiB, wallS: wallMs / 1000 }
      return checkReading(reading, 'govmomi', machines)
    },
  }
  const readings: Record<keyof typeof read, Reading[]> = { ours: [], theirs: [] }
  for (let round = 0; round < rounds; round += 1) {
    const turns = ['ours', 'theirs'] as const
    for (const who of round % 2 === 0 ? turns : turns.toReversed()) readings[who].push(await read[who]())
    report(`vsphere-import: ${JSON.stringify(readings.ours.at(-1))} beside ${JSON.stringify(readings.theirs.at(-1))}`)
  }
  const most = { cpuS: Infinity, peakMiB: 250 }
  return readingRows({ figure: 'vsphere-import', machines, ...readings, note: 'beside govmomi', most })
}

/** What test/vcsim/list-machines prints. */
interface SaidByGovmomi {
  readonly machines: number
  readonly wallMs: number
  readonly cpuMs: number
  readonly peakRssMiB: number
}

async function waitForTasks({ quick, report }: BenchContext): Promise<Row[]> {
  const [tasks, taskMs, rounds] = quick ? [10, 100, 1] : [50, 1000, 6]
  await using vcsim = await startVcsim({ machines: tasks + 2, record: false })
  await vcsim.addRule({ methods: ['PowerOnVM_Task', 'PowerOffVM_Task'], kind: 'slow-task', ms: taskMs })
  const input: WaitForTasksInput = { ...serverOf(vcsim), rounds, taskMs }
  const waited = (await run('wait-for-tasks.ts', input)) as readonly Waited[]
  report(`vsphere-import: ${JSON.stringify(waited)}`)
  const row = { figure: 'vsphere-import', engine: '-' } as const
  const setting = `${tasks} tasks of ${taskMs / 1000} s at once`
  const medianOf = (of: (round: Waited) => number): number => median(waited.map(of))
  return [
    {
      ...row,
      setting: `${setting}: another call meanwhile`,
      value: medianOf(({ busyMs }) => busyMs),
      unit: 'ms',
      limit: medianOf(({ quietMs }) => quietMs),
      ratio: medianOf(({ busyMs, quietMs }) => busyMs / quietMs),
      target: { atMost: 1.5, of: 'ratio' },
      note: `medians, beside no tasks; the slowest took ${Math.round(medianOf(({ worstMs }) => worstMs))} ms`,
    },
    {
      ...row,
      setting: `${setting}: all of them`,
      value: medianOf(({ tasksMs }) => tasksMs / 1000),
      unit: 's',
      limit: medianOf(({ oneMs }) => oneMs / 1000),
      ratio: medianOf(({ oneMs, tasksMs }) => tasksMs / oneMs),
      target: { atMost: 1.5, of: 'ratio' },
      note: 'beside one by itself',
    },
  ]
}

function serverOf(vcsim: { url: string; user: string; password: string; caCertificate: string }): Server {
  return { url: vcsim.url, username: vcsim.user, password: vcsim.password, ca: vcsim.caCertificate }
}

function run(program: string, input: Server): Promise<unknown> {
  const path = join(import.meta.dirname, 'vsphere-import', program)
  return outputOf(process.execPath, [...process.execArgv, path, JSON.stringify(input)])
}
