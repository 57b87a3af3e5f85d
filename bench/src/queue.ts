import { execFile } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { BenchContext, Figure, Row } from './figure.ts'

/**
 * Commands over a queue, carried out by one, two and four worker processes: two commands for each machine, from the first one sent to the
 * last guest that is up. The soak of the queue without its disturbances, audit included.
 */
export const queue: Figure = {
  name: 'queue',
  engines: ['postgres'],
  async run(context) {
    if (!context.engines.includes('postgres')) return []
    const rows: Row[] = []
    let one: number | undefined
    for (const workers of context.quick ? [1] : [1, 2, 4]) {
      const perSecond = await measure(context, workers)
      one ??= perSecond
      const row = { figure: 'queue', engine: 'postgres', setting: `${workers} worker processes, pg-boss` } as const
      const ratio = perSecond / one
      const note = `machines made and installed; ${availableParallelism()} cores for workers, PostgreSQL, hypervisor and guests`
      rows.push({ ...row, value: perSecond, unit: '/s', limit: one, ratio, note })
    }
    return rows
  },
}

async function measure(context: BenchContext, workers: number): Promise<number> {
  const machines = context.quick ? 8 : 300
  const program = join(import.meta.dirname, '../../test/queue-soak/soak-queue.ts')
  const asked = ['--quiet', '--json', '--machines', String(machines), '--workers', String(workers)]
  const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, program, ...asked])
  const { seconds } = JSON.parse(stdout) as { seconds: number }
  context.report(`queue: ${workers} workers, ${machines} machines in ${seconds.toFixed(1)} s`)
  return machines / seconds
}
