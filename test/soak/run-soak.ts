import type { Virtkit } from '@virtkit/core'
import { startSimulatorServer } from '@virtkit/driver-simulated'
import type { DatabaseLocation } from '@virtkit/test-databases'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { auditAddresses } from './audit-addresses.ts'
import { auditBooks } from './audit-books.ts'
import { auditMachines } from './audit-machines.ts'
import { readAnswers } from './check-answers.ts'
import { checkLimits, checkRefusals } from './check-refusals.ts'
import { lazyHypervisor, openClientKit } from './client-kit.ts'
import { registerDeployments } from './deploy-operation.ts'
import { installFactLog, readFactLog } from './fact-log.ts'
import type { Problem } from './finding.ts'
import { Fleet } from './fleet.ts'
import { groupStates } from './group-states.ts'
import type { Job, Mutation } from './job.ts'
import { type Entry, readJournal } from './journal.ts'
import type { CoreCopy } from './mutants/core-copy.ts'
import { packProgram } from './pack-program.ts'
import { Dice } from './seeded-random.ts'
import { setUp, simulatedNetworks } from './set-up.ts'
import { type SqlDoor, openSqlDoor } from './sql-door.ts'

export interface SoakOptions {
  readonly database: DatabaseLocation
  readonly seed: number
  /** How many moves at least. */
  readonly moves: number
  readonly processes?: number
  readonly clients?: number
  /** Between two disturbances, at least. Default one to two seconds. */
  readonly disturbMs?: readonly [number, number]
  readonly mutation?: Mutation
  /** What the clients run instead of our core. */
  readonly core?: CoreCopy
  /** Changes the empty database: drops a constraint. */
  readonly spoil?: (door: SqlDoor) => Promise<void>
  /** After which the run ends as it is, and says so. */
  readonly limitMs: number
  readonly onProgress?: (done: number, kills: number) => void
}

export interface SoakReport {
  readonly seed: number
  /** Moves that were answered, one way or the other. */
  readonly moves: number
  /** Moves in whose middle the client was killed. */
  readonly unknown: number
  readonly kills: number
  readonly pauses: number
  readonly seconds: number
  readonly kinds: Readonly<Record<string, number>>
  readonly refusals: Readonly<Record<string, number>>
  /** Refusals of contingents that were held against the facts. */
  readonly judged: number
  /** Facts that they were held against. */
  readonly facts: number
  /** Operations that another worker than the first has taken up. */
  readonly takenOver: number
  readonly problems: readonly Problem[]
}

const leaseMs = 1500
/** What a client may be answered in such a crowd; anything else is a mistake of ours. */
const expected: ReadonlySet<string> = new Set([
  'CONTINGENT_EXCEEDED',
  'ADDRESS_POOL_EXHAUSTED',
  'ADDRESS_TAKEN',
  'CONFLICT',
  'NOT_FOUND',
  'INVALID_INPUT',
  'NOT_THIS_TIME',
])

/** Lets processes full of clients loose on one database, kills them now and then, and looks at what is left. */
export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  const { database, seed, mutation = {} } = options
  const dice = new Dice(seed)
  const folder = mkdtempSync(join(tmpdir(), 'virtkit-soak-'))
  const keys = [{ id: 'soak', key: randomBytes(32).toString('base64') }]
  const big = { cpus: 100_000, memoryMiB: 2 ** 30 }
  const simulator = await startSimulatorServer({
    guests: 'none',
    world: {
      seed,
      hosts: [{ name: 'host-1', ...big }],
      datastores: [{ name: 'ds-1', capacityMiB: 2 ** 40 }],
      networks: simulatedNetworks,
    },
  })
  const honest = { database, keys, leaseMs, mutation: {}, random: dice.next }
  await using program = await packProgram(new URL('client.ts', import.meta.url), options.core)
  await using door = openSqlDoor(database)
  try {
    const builder = await openClientKit(honest)
    await installFactLog(door)
    const world = await setUp(builder, simulator.url, dice)
    await builder.close()
    await options.spoil?.(door)

    const startedAt = performance.now()
    const jobOf = (slot: number, generation: number): Job => ({
      database,
      keys,
      world,
      seed,
      slot,
      generation,
      leaseMs,
      mutation,
      clients: options.clients ?? 16,
      journal: join(folder, `${slot}-${String(generation).padStart(4, '0')}.journal`),
    })
    await using fleet = new Fleet(program, jobOf)
    for (let slot = 0; slot < (options.processes ?? 4); slot += 1) fleet.start(slot)
    const reached = await disturb(fleet, options, dice)
    await fleet.stop()
    const seconds = (performance.now() - startedAt) / 1000

    const entries = readdirSync(folder)
      .filter((name) => name.endsWith('.journal'))
      .toSorted()
      .flatMap((name) => readJournal(join(folder, name)))
    const kit = await openClientKit(honest)
    const problems: Problem[] = fleet.failures.map((text) => ({ check: 'process', text }))
    if (!reached) problems.push({ check: 'process', text: `only ${fleet.done} moves of ${options.moves} in time` })
    const hypervisor = lazyHypervisor(simulator.url)
    registerDeployments(kit, hypervisor)
    const sweptAt = await settleDown(kit)
    const facts = await readFactLog(door)
    const states = groupStates(facts)
    const refused = checkRefusals(entries, states)
    const answers = readAnswers(entries)
    problems.push(
      ...unexpected(entries),
      ...answers.problems,
      ...(await auditAddresses(kit, door, answers)),
      ...(await auditBooks(kit, door, sweptAt)),
      ...(await auditMachines(door, simulator.world.summary(), entries)),
      ...refused.problems,
      ...checkLimits(states),
    )
    const [taken] = await door.all<{ n: number }>(`select count(*) as n from operations where fence > 1`)
    await kit.close()
    await (await hypervisor())[Symbol.asyncDispose]()
    const answered = entries.filter((entry) => entry.endedAt !== undefined)
    return {
      seed,
      seconds: Math.round(seconds),
      moves: answered.length,
      unknown: entries.length - answered.length,
      kills: fleet.kills,
      pauses: fleet.pauses,
      kinds: count(entries, (entry) => entry.move.kind),
      refusals: count(answered, (entry) => entry.refusal?.code),
      judged: refused.judged,
      facts: facts.length,
      takenOver: taken?.n ?? 0,
      problems,
    }
  } finally {
    await simulator.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Until there are enough moves. False when time is up first. */
async function disturb(fleet: Fleet, options: SoakOptions, dice: Dice): Promise<boolean> {
  const [least, most] = options.disturbMs ?? [1000, 2000]
  const endAt = performance.now() + options.limitMs
  let nextAt = performance.now() + dice.between(least, most)
  for (let round = 1; fleet.done < options.moves;) {
    if (performance.now() > endAt) return false
    await sleep(100)
    fleet.check()
    options.onProgress?.(fleet.done, fleet.kills)
    // On a slow machine those who come after are waited for: otherwise nobody would ever get to work.
    if (performance.now() < nextAt || !fleet.isAtWork) continue
    // Every fourth time it is a pause, longer than a lease: another takes over, and the first comes back.
    if (round % 4 === 0) await fleet.pause(dice, leaseMs * 1.6)
    else await fleet.kill(dice)
    round += 1
    nextAt = performance.now() + dice.between(least, most)
  }
  return true
}

/** Waits until nobody works any more and every hold and reservation of the clients is over; answers when it swept. */
async function settleDown(kit: Virtkit): Promise<number> {
  const endAt = Date.now() + 60_000
  while ((await kit.operations.list({ ended: false, limit: 1 })).length > 0 && Date.now() < endAt) await sleep(100)
  // The longest hold of a client, and a little.
  await sleep(3100)
  const sweptAt = Date.now()
  await kit.database.transaction((queries) => kit.contingents.sweep(queries))
  return sweptAt
}

function unexpected(entries: readonly Entry[]): Problem[] {
  const strange = entries.filter((entry) => entry.refusal && !expected.has(entry.refusal.code))
  return strange.map(({ id, move, refusal }) => ({
    check: 'unexpected error',
    text: `${id} (${move.kind}): ${refusal!.code} ${refusal!.message}`,
  }))
}

function count(entries: readonly Entry[], name: (entry: Entry) => string | undefined): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const entry of entries) {
    const key = name(entry)
    if (key !== undefined) counts[key] = (counts[key] ?? 0) + 1
  }
  return Object.fromEntries(Object.entries(counts).toSorted(([, a], [, b]) => b - a))
}
