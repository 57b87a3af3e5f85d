import { createVirtkit } from '@virtkit/core'
import { createSimulatedHypervisor } from '@virtkit/driver-simulated'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createRestServer } from '../../src/index.ts'
import { runFuzz } from './run-fuzz.ts'

// npm run fuzz [count] [seed]: malformed requests against a kit of its own, and whether its memory grows with them.

const count = Number(process.argv[2] ?? 100_000)
const seed = Number(process.argv[3] ?? 7)
setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const heapMiB = (): number => {
  collect()
  return process.memoryUsage().heapUsed / 2 ** 20
}

const folder = await mkdtemp(join(tmpdir(), 'virtkit-fuzz-'))
const simulator = createSimulatedHypervisor({ guests: 'none' })
const kit = await createVirtkit({
  database: { sqlite: join(folder, 'fuzz.db') },
  encryption: { keys: [{ id: 'fuzz', key: randomBytes(32).toString('base64') }] },
  drivers: [simulator.driver],
})
await kit.users.add({ name: 'admin', password: 'correct horse battery', permissionGroups: ['administrator'] })
const actor = await kit.users.authenticate('admin', 'correct horse battery')
const rest = createRestServer(kit, { authenticate: () => actor })
const heap: number[] = []
const report = await runFuzz({
  count,
  seed,
  fetch: rest.fetch,
  authorization: 'Bearer none',
  onProgress: (sent) => {
    if (sent % Math.floor(count / 5) !== 0 || sent === 0) return
    heap.push(heapMiB())
    console.log(`${sent} sent, heap ${heap.at(-1)!.toFixed(1)} MiB`)
  },
})
heap.push(heapMiB())
console.log('by status:', report.byStatus)
for (const problem of report.problems) console.log(problem)
// The first fifth warms up; from then on nothing of a request stays.
const grown = heap.at(-1)! - heap[0]!
console.log(
  `${report.sent} sent, ${report.problems.length} problems, heap ${heap.at(-1)!.toFixed(1)} MiB, grown by ${grown.toFixed(1)} MiB`,
)
await rest.close()
await kit.close()
await simulator.close()
await rm(folder, { recursive: true })
process.exitCode = report.problems.length > 0 || grown > 5 ? 1 : 0
