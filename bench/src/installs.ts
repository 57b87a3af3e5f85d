import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { BenchContext, Engine, Figure, Row } from './figure.ts'
import type { InstallManyInput, InstallManyOutput } from './installs/install-many.ts'

/**
 * Many installations at once on the simulated hypervisor, with a real boot server and guests that are real network clients: memory,
 * commits and statements.
 *
 * Once with everything in one process, in virtual time: guests that take nine minutes, and the machines, media and disks of the
 * simulated world, which are no part of the product. And once with that world in a process of its own, as a hypervisor is; virtual
 * time does not reach across processes, so there the guests are fast, and all press on the kit within seconds of real time.
 */
export const installs: Figure = {
  name: 'installs',
  async run(context) {
    const rows: Row[] = []
    for (const engine of context.engines) rows.push(...(await together(context, engine)), ...(await apart(context, engine)))
    return rows
  },
}

/** What a hypervisor would hold. */
const world = 'guests, media and disks of the simulated world'
const memory = { atMost: 400, of: 'value' } as const
const commits = { atMost: 25, of: 'value' } as const

async function together(context: BenchContext, engine: Engine): Promise<Row[]> {
  const machines = manyOf(context)
  await using database = await context.database(engine)
  const measured = await installMany({ database: database.location, machines })
  return rowsOf(
    context,
    engine,
    `${machines} at once, virtual time, guests in the same process`,
    measured,
    `, and there are ${world}`,
  )
}

async function apart(context: BenchContext, engine: Engine): Promise<Row[]> {
  const machines = manyOf(context)
  await using database = await context.database(engine)
  const outside = start('serve-world.ts', [String(machines)])
  try {
    const { url } = (await outside.said()) as { url: string }
    const setting = `${machines} at once, fast guests in a process of their own`
    const measured = await installMany({ database: database.location, machines, world: url })
    outside.child.stdin!.end()
    const { peakMiB } = (await outside.said()) as { peakMiB: number }
    return [
      ...rowsOf(context, engine, setting, measured),
      {
        figure: 'installs',
        engine,
        setting: `${setting}: those guests`,
        value: peakMiB,
        unit: 'MiB',
        note: `not the product: ${world}`,
      },
    ]
  } finally {
    outside.child.stdin!.end()
    await outside.ended
  }
}

function rowsOf(
  context: BenchContext,
  engine: Engine,
  setting: string,
  measured: InstallManyOutput,
  also: string = '',
): Row[] {
  const row = { figure: 'installs', engine, setting } as const
  context.report(`installs, ${engine}: ${setting}: ${measured.peakMiB} MiB, ${measured.commits.toFixed(1)} commits each`)
  return [
    {
      ...row,
      value: measured.peakMiB,
      unit: 'MiB',
      target: memory,
      note: 'most resident memory of the process',
      whenMissed: `V8 let its young generation grow to ${measured.youngMiB} MiB of garbage (node --max-semi-space-size bounds it)${also}`,
    },
    {
      ...row,
      value: measured.commits,
      unit: 'commits',
      target: commits,
      note: 'each, with its share of what a process writes anyway',
    },
    { ...row, value: measured.statements, unit: 'statements', note: 'each, with its share of the polling' },
    { ...row, value: measured.cpuMs, unit: 'ms', note: `of the processor each${also}` },
    { ...row, value: measured.keptKiB, unit: 'KiB', note: 'that the database has grown by, each, its log not counted' },
    { ...row, value: measured.wallS, unit: 's', note: 'from the first start to the last end' },
  ]
}

function manyOf({ quick }: BenchContext): number {
  return quick ? 5 : 1000
}

async function installMany(input: InstallManyInput): Promise<InstallManyOutput> {
  const run = start('install-many.ts', [JSON.stringify(input)])
  run.child.stdin!.end()
  return (await run.said()) as InstallManyOutput
}

/** A program of this figure in a process of its own, which says what it has to say as lines of JSON. */
function start(
  program: string,
  given: readonly string[],
): {
  readonly child: ChildProcess
  readonly ended: Promise<unknown>
  said(): Promise<unknown>
} {
  const path = join(import.meta.dirname, 'installs', program)
  const child = spawn(process.execPath, [...process.execArgv, path, ...given], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    child,
    ended: once(child, 'exit'),
    said: async () => {
      const line = await lines.next()
      if (line.done === true) throw new Error(`${program} ended without a word`)
      return JSON.parse(line.value)
    },
  }
}
