import { setTimeout as pause } from 'node:timers/promises'
import type { OwnedMachine } from '@virtkit/spi'
import { median } from '../pairs.ts'
import { type Server, openDriver } from './open-driver.ts'

export interface WaitForTasksInput extends Server {
  readonly rounds: number
  readonly taskMs: number
}

/** Of one round. */
export interface Waited {
  /** How long one task took by itself. */
  readonly oneMs: number
  /** How long all of the others took together. */
  readonly tasksMs: number
  /** Median time of a cheap call without tasks. */
  readonly quietMs: number
  /** Median time of the same call while tasks were waited for. */
  readonly busyMs: number
  readonly worstMs: number
}

// Switches machines off, the next round on again: one by itself, then all others but one at once; each is a task. Meanwhile it asks
// for the power of the one that is left, again and again.
const input = JSON.parse(process.argv[2] ?? '') as WaitForTasksInput
const call = { signal: AbortSignal.timeout(600_000) }
await using hypervisor = await openDriver(input, call)
const refs: string[] = []
for await (const page of hypervisor.inventory.machines({ pageSize: 500 }, call)) refs.push(...page.map(({ ref }) => ref))
const [other = '', ...switched] = refs
const owned: readonly OwnedMachine[] = switched.map((ref, index) => ({ ref, key: `bench-${index}` }))
await Promise.all(owned.map(({ ref, key }) => hypervisor.machines.mark(ref, { ...call, key })))

const [alone, ...together] = owned
const waited: Waited[] = []
for (let round = 0; round < input.rounds; round += 1) {
  const turn = (each: OwnedMachine): Promise<void> => hypervisor.power[round % 2 === 0 ? 'off' : 'on'](each, call)
  const quiet = await askUntil(pause(input.taskMs))
  const oneMs = await timeOf(turn(alone!))
  const tasks = timeOf(Promise.all(together.map(turn)))
  const busy = await askUntil(tasks)
  const tasksMs = await tasks
  waited.push({ oneMs, tasksMs, quietMs: median(quiet), busyMs: median(busy), worstMs: Math.max(...busy) })
}
process.stdout.write(`${JSON.stringify(waited)}\n`)

/** How long each call took, in milliseconds, until something else is done. */
async function askUntil(done: Promise<unknown>): Promise<number[]> {
  const took: number[] = []
  let isDone = false
  const ended = done.finally(() => (isDone = true))
  while (!isDone) {
    took.push(await timeOf(hypervisor.power.read(other, call)))
    await pause(2)
  }
  await ended
  return took
}

async function timeOf(work: Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work
  return performance.now() - began
}
