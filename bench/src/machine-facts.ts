import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from './bare-connection.ts'
import type { BenchContext } from './figure.ts'
import { median } from './pairs.ts'

/** What the figures depend on; nothing that tells whose machine it is. */
export interface MachineFacts {
  readonly cores: number
  /** Processes that waited for a core during the last minute, when the run began: above `cores`, others were at work too. */
  readonly load: number
  readonly node: string
  readonly fsyncMs: number
  readonly engines: Readonly<Record<string, string>>
}

export async function machineFacts(context: BenchContext): Promise<MachineFacts> {
  const engines: Record<string, string> = {}
  for (const engine of context.engines) {
    await using database = await context.database(engine)
    await using bare = connect(database.location, 1)
    const version = engine === 'sqlite' ? 'select sqlite_version() as version' : 'show server_version'
    engines[engine] = String(Object.values((await bare.prepare(version)([]))[0] ?? {})[0])
    if (engine === 'postgres') {
      const [row] = await bare.prepare('show fsync')([])
      if (row?.fsync !== 'on') throw new Error('PostgreSQL runs without fsync: its figures would mean nothing')
    }
  }
  return {
    cores: availableParallelism(),
    load: Math.round(loadavg()[0]! * 10) / 10,
    node: process.versions.node,
    fsyncMs: fsyncMs(),
    engines,
  }
}

/** The median of writing four kilobytes through to the disk that the databases lie on. */
function fsyncMs(): number {
  const folder = mkdtempSync(join(tmpdir(), 'virtkit-fsync-'))
  const file = openSync(join(folder, 'file'), 'w')
  try {
    const took = Array.from({ length: 100 }, () => {
      const startedAt = performance.now()
      writeSync(file, Buffer.alloc(4096, 1))
      fdatasyncSync(file)
      return performance.now() - startedAt
    })
    return Math.round(median(took) * 1000) / 1000
  } finally {
    closeSync(file)
    rmSync(folder, { recursive: true })
  }
}
