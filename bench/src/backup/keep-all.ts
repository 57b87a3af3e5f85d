import { createVirtkit } from '@virtkit/core'
import { createSimulatedHypervisor } from '@virtkit/driver-simulated'
import type { DatabaseLocation } from '../bench-database.ts'
import { peakMiB } from '../installs/peak-memory.ts'

// A process that makes a backup, or restores one: `keep-all.ts <JSON of KeepInput>`. Says KeepOutput as a line of JSON.

export interface KeepInput {
  readonly database: DatabaseLocation
  readonly work: 'write' | 'restore'
  readonly file: string
}

export interface KeepOutput {
  readonly rows: number
  readonly seconds: number
  readonly peakMiB: number
}

const { database, work, file } = JSON.parse(process.argv[2] ?? '{}') as KeepInput
const kit = await createVirtkit({
  database,
  drivers: [createSimulatedHypervisor({ guests: 'none' }).driver],
  encryption: { keys: [{ id: 'bench', key: Buffer.alloc(32, 7).toString('base64') }] },
  operations: { work: false },
  logs: false,
})
const startedAt = performance.now()
const { rows } = work === 'write' ? await kit.backup.write(file) : await kit.backup.restore(file)
const output: KeepOutput = { rows, seconds: (performance.now() - startedAt) / 1000, peakMiB: peakMiB() }
await kit.close()
console.log(JSON.stringify(output))
