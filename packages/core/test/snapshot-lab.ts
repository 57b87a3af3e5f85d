import { type SimulatedHypervisor, createSimulatedHypervisor } from '@virtkit/driver-simulated'
import { type Clock, type Hypervisor, type MachineInfo, type OwnedMachine, systemClock } from '@virtkit/spi'
import { randomUUID } from 'node:crypto'
import { afterEach } from 'vitest'
import { RoleAccess } from '../src/access/role-access.ts'
import type { Contingents } from '../src/contingents/contingents.ts'
import { SqlContingents } from '../src/contingents/sql-contingents.ts'
import type { Database } from '../src/database/database.ts'
import { openDatabase } from '../src/database/open-database.ts'
import type { Events } from '../src/events/events.ts'
import { SqlEvents } from '../src/events/sql-events.ts'
import { type MachineRow, changeMachine } from '../src/machines/machine-rows.ts'
import { SqlOperations } from '../src/operations/sql-operations.ts'
import { parseOptions } from '../src/options/parse-options.ts'
import { SqlSnapshots } from '../src/snapshots/sql-snapshots.ts'

const opened: (() => PromiseLike<void>)[] = []
const call = { signal: new AbortController().signal }

afterEach(async () => {
  for (let close = opened.pop(); close; close = opened.pop()) await close()
})

/** Runs twenty times as fast, so that tries come soon after one another. */
function fastClock(): Clock {
  const start = Date.now()
  return {
    ...systemClock,
    now: () => start + (Date.now() - start) * 20,
    sleep: (ms, signal) => systemClock.sleep(ms / 20, signal),
  }
}

type Location = Parameters<typeof openDatabase>[0]

export interface Process {
  readonly database: Database
  readonly events: Events
  readonly operations: SqlOperations
  readonly contingents: Contingents
  readonly snapshots: SqlSnapshots
}

/** A process, so to speak: its own services on a database that may be shared. */
export async function openProcess(location: Location, hypervisor: Hypervisor): Promise<Process> {
  const { database, ...handle } = await openDatabase(location)
  opened.push(() => handle[Symbol.asyncDispose]())
  const clock = fastClock()
  const driver = { spec: 1 as const, name: 'none', options: {} as never, connect: () => Promise.reject(new Error('none')) }
  const work = { pollMs: 100, leaseMs: 40_000 }
  const options = parseOptions({ database: location, drivers: [driver], operations: work, onError: () => {} })
  const access = new RoleAccess()
  const events = new SqlEvents(database, access, clock, randomUUID, options)
  await events.start()
  opened.push(() => events[Symbol.asyncDispose]())
  const operations = new SqlOperations(database, access, events, clock, randomUUID, options)
  opened.push(() => operations[Symbol.asyncDispose]())
  const contingents = new SqlContingents(database, access, events, clock)
  const connections = { to: async () => hypervisor, drop: async () => {}, [Symbol.asyncDispose]: async () => {} }
  const snapshots = new SqlSnapshots({ database, access, events, operations, connections, contingents })
  operations.start()
  return { database, events, operations, contingents, snapshots }
}

type Size = { cpus: number; memoryMiB: number; diskMiB: number }

export interface SnapshotLab extends Process {
  readonly simulator: SimulatedHypervisor
  readonly session: Hypervisor
  readonly group: number
  readonly machine: number
  readonly owned: OwnedMachine
  /** The machine as the hypervisor has it. */
  find(): Promise<MachineInfo>
  /** Puts another machine on paper. */
  add(row: Partial<MachineRow>): Promise<number>
  /** Changes the machine's hardware on the hypervisor and on paper, and leaves it off. */
  resize(to: Size): Promise<void>
  /** What was told of the machine, by type. */
  told(type: string): Promise<readonly unknown[]>
}

export interface LabOptions {
  readonly power?: 'on' | 'off'
  /** Stands in for the hypervisor's own. */
  readonly snapshots?: (real: Hypervisor['snapshots']) => Hypervisor['snapshots']
}

/** A deployed machine, on paper and in a simulated world: 2 cpus, 2 GiB of memory, a disk of 20 GiB. */
export async function openSnapshotLab(location: Location, options: LabOptions = {}): Promise<SnapshotLab> {
  const simulator = createSimulatedHypervisor({ guests: 'none' })
  opened.push(() => simulator.close())
  const session = await simulator.driver.connect({ url: simulator.url }, call)
  const hypervisor = { ...session, snapshots: options.snapshots ? options.snapshots(session.snapshots) : session.snapshots }
  const services = await openProcess(location, hypervisor as Hypervisor)
  const mark = `virtkit:lab:${randomUUID()}`
  const { ref } = simulator.world.addMachine({
    name: 'web',
    key: mark,
    power: options.power ?? 'off',
    cpus: 2,
    memoryMiB: 2048,
    disks: [{ sizeMiB: 20_480, provisioning: 'thin' }],
  })
  const owned = { ref, key: mark }
  const { queries } = services.database
  const { group, cluster } = await putClusterDown(services.database, simulator.url)
  const add = async (row: Partial<MachineRow>): Promise<number> => {
    const { key } = await queries
      .insertInto('machines')
      .values({
        name: 'web',
        ref,
        mark,
        os: 'debian-12',
        cpus: 2,
        memoryMiB: 2048,
        diskMiB: 20_480,
        datastore: 'auto',
        provisioning: 'thin',
        firmware: 'bios',
        state: 'deployed',
        createdAt: 1,
        version: 1,
        ownerKey: group,
        clusterKey: cluster,
        ...row,
      })
      .returning('key')
      .executeTakeFirstOrThrow()
    return key
  }
  const machine = await add({})
  return {
    ...services,
    simulator,
    session,
    group,
    machine,
    owned,
    add,
    find: async () => (await session.machines.find(ref, call))!,
    resize: async ({ cpus, memoryMiB, diskMiB }) => {
      await session.power.off(owned, call)
      await session.machines.reconfigure(owned, { cpus, memoryMiB, diskSizesMiB: [diskMiB] }, call)
      await changeMachine(queries, machine, { cpus, memoryMiB, diskMiB })
    },
    told: async (type) => {
      const events = await services.events.list({ subject: `machine/${machine}` })
      return events.filter((event) => event.type === type).map(({ data }) => data)
    },
  }
}

async function putClusterDown({ queries }: Database, url: string): Promise<{ group: number; cluster: number }> {
  const group = await queries
    .insertInto('userGroups')
    .values({ name: 'team', createdAt: 1 })
    .returning('key')
    .executeTakeFirstOrThrow()
  const credentials = await queries
    .insertInto('credentials')
    .values({ name: 'lab', username: '', password: '', url, insecure: 0, http: 0 })
    .returning('key')
    .executeTakeFirstOrThrow()
  const cluster = await queries
    .insertInto('clusters')
    .values({ name: 'lab', type: 'simulated', credentialsKey: credentials.key, options: '{}' })
    .returning('key')
    .executeTakeFirstOrThrow()
  return { group: group.key, cluster: cluster.key }
}
