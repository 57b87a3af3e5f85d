import { peakMiB } from '../installs/peak-memory.ts'
import { type Server, openDriver } from './open-driver.ts'

export interface ReadAllInput extends Server {
  readonly pageSize: number
}

const input = JSON.parse(process.argv[2] ?? '') as ReadAllInput
const call = { signal: AbortSignal.timeout(600_000) }
const began = performance.now()
let machines = 0
{
  await using hypervisor = await openDriver(input, call)
  for await (const page of hypervisor.inventory.machines({ pageSize: input.pageSize }, call)) machines += page.length
}
const wallS = (performance.now() - began) / 1000
// Of the whole process, as the other program counts it: Node's start and the reading of our sources are in it.
const { user, system } = process.cpuUsage()
process.stdout.write(`${JSON.stringify({ machines, cpuS: (user + system) / 1e6, peakMiB: peakMiB(), wallS })}\n`)
