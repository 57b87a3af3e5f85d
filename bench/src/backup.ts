import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { KeepInput, KeepOutput } from './backup/keep-all.ts'
import { connect } from './bare-connection.ts'
import type { BenchContext, Engine, Figure, Row } from './figure.ts'
import { addMachines } from './machine-lists.ts'
import { openKit } from './open-kit.ts'

/**
 * What a backup of many machines, and its restore, hold in memory at most: each in a process of its own, which does nothing else, beside
 * the same with a tenth of them. What does not grow with its table is about the same.
 */
export const backup: Figure = {
  name: 'backup',
  async run(context) {
    const rows: Row[] = []
    for (const engine of context.engines) rows.push(...(await onEngine(context, engine)))
    return rows
  },
}

async function onEngine(context: BenchContext, engine: Engine): Promise<Row[]> {
  const many = context.quick ? 300 : 100_000
  const [few, all] = [await keep(context, engine, many / 10), await keep(context, engine, many)]
  return (['write', 'restore'] as const).map((work) => {
    const [value, limit] = [all[work].peakMiB, few[work].peakMiB]
    return {
      figure: 'backup',
      engine,
      setting: `${many} machines, ${work}`,
      value,
      unit: 'MiB',
      limit,
      ratio: value / limit,
      target: { atMost: 1.5, of: 'ratio' },
      note: `${all[work].rows} rows in ${all[work].seconds.toFixed(1)} s`,
    }
  })
}

async function keep(
  context: BenchContext,
  engine: Engine,
  machines: number,
): Promise<Record<KeepInput['work'], KeepOutput>> {
  const folder = await mkdtemp(join(tmpdir(), 'virtkit-bench-backup-'))
  try {
    await using from = await context.database(engine)
    await using to = await context.database(engine)
    await fill(from.location, machines, context)
    const file = join(folder, 'all.backup')
    const write = await inProcess({ database: from.location, work: 'write', file })
    const restore = await inProcess({ database: to.location, work: 'restore', file })
    if (write.rows < machines || restore.rows !== write.rows)
      throw new Error(`${machines} machines: ${write.rows} rows were written and ${restore.rows} restored`)
    context.report(
      `backup, ${engine}: ${machines} machines: ${write.peakMiB} MiB to write, ${restore.peakMiB} MiB to restore`,
    )
    return { write, restore }
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function fill(location: Parameters<typeof connect>[0], machines: number, { poolSize }: BenchContext): Promise<void> {
  await using bare = connect(location, poolSize)
  await using kit = await openKit(bare)
  await addMachines(kit, bare, machines)
}

async function inProcess(input: KeepInput): Promise<KeepOutput> {
  const program = fileURLToPath(new URL('backup/keep-all.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--conditions=@virtkit/source',
    program,
    JSON.stringify(input),
  ])
  return JSON.parse(stdout) as KeepOutput
}
