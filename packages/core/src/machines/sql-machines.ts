import { type AnyDriver, type Clock, type OsCatalog, VirtkitError, notFound } from '@virtkit/spi'
import type { Access } from '../access/access.ts'
import type { By, ByKey } from '../access/actor.ts'
import { requireRelease } from '../catalog/catalog.ts'
import type { Clusters, Connections } from '../clusters/clusters.ts'
import { onHypervisor } from '../clusters/on-hypervisor.ts'
import type { Contingents } from '../contingents/contingents.ts'
import { isUniqueViolation } from '../database/database-errors.ts'
import type { Database, Queries } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import type { Licensing } from '../licensing/licensing.ts'
import type { Addresses } from '../networks/addresses.ts'
import type { Networks } from '../networks/networks.ts'
import type { Operation, Operations } from '../operations/operations.ts'
import type { Profiles } from '../profiles/profiles.ts'
import type { Settings } from '../settings/settings.ts'
import { powerMachine, reservationOwner, resizeMachine } from './change-machine.ts'
import { deleteMachine } from './delete-machine.ts'
import type { MachineNetworks } from './machine-networks.ts'
import { type MachineRow, changeMachine, lockedMachineRow, toMachine } from './machine-rows.ts'
import {
  amountOf,
  difference,
  growth,
  markOf,
  parseFromProfile,
  parseMachineInput,
  parseMachineUpdate,
  refuseTooSmall,
} from './machine-rules.ts'
import { SqlMachineImports } from './sql-machine-imports.ts'
import { compareMachine } from './compare-machine.ts'
import type { ImportInput, ImportableMachine, ImportedMachine, MachineDifference } from './machine-imports.ts'
import type { MachinePlan } from './machine-plan.ts'
import { inOrder } from './machine-order.ts'
import { isTemplate, movedOn, notDeployed, notNow, oneAtATime, underWay } from './machine-refusals.ts'
import { planMachine } from './plan-machine.ts'
import { putOnPaper } from './put-on-paper.ts'
import { changedColumns, onlyNews, refuseMove } from './update-rules.ts'
import type {
  FromProfileInput,
  Machine,
  MachineFilter,
  MachineInput,
  MachineStatus,
  MachineUpdate,
  Machines,
} from './machines.ts'

export interface MachineParts {
  readonly database: Database
  readonly access: Access
  readonly events: Events
  readonly clock: Clock
  readonly ids: () => string
  readonly installation: string
  readonly operations: Operations
  readonly settings: Settings
  readonly clusters: Clusters
  readonly connections: Connections
  readonly networks: Networks
  readonly profiles: Profiles
  readonly catalog: OsCatalog
  readonly contingents: Contingents
  readonly licensing: Licensing
  readonly machineNetworks: MachineNetworks
  readonly addresses: Addresses
  readonly drivers: readonly AnyDriver[]
}

/** A reservation outlives every retry of the operation that holds it; the operation's end releases it. */
const reservationMs = 24 * 3_600_000

export class SqlMachines implements Machines {
  readonly #parts: MachineParts
  readonly #definitions: {
    readonly remove: ReturnType<typeof deleteMachine>
    readonly resize: ReturnType<typeof resizeMachine>
    readonly power: ReturnType<typeof powerMachine>
  }
  readonly #imports: SqlMachineImports

  constructor(parts: MachineParts) {
    this.#parts = parts
    this.#imports = new SqlMachineImports(parts)
    this.#definitions = { remove: deleteMachine(parts), resize: resizeMachine(parts), power: powerMachine(parts) }
    for (const definition of Object.values(this.#definitions)) parts.operations.register(definition)
  }

  async create(input: MachineInput, by?: By): Promise<Machine> {
    const { database, access, catalog, clusters, networks } = this.#parts
    const groups = access.groupsOf(access.require(by, 'machines:write'))
    const machine = parseMachineInput(catalog, input)
    if (groups !== 'all' && !groups.includes(machine.owner)) throw notFound('user group', machine.owner)
    await clusters.get(machine.cluster, by)
    for (const card of machine.networks ?? []) await networks.get(card.network, by)
    const key = await this.#clash(machine, () => database.transaction((queries) => this.#insert(queries, machine)))
    return this.get(key, by)
  }

  plan(input: MachineInput, by?: By): Promise<MachinePlan> {
    return planMachine(this.#parts, input, by)
  }

  async createFromProfile(profileKey: number, input: FromProfileInput, by?: By): Promise<Machine> {
    this.#parts.access.require(by, 'machines:write')
    const own = parseFromProfile(input)
    const profile = await this.#parts.profiles.get(profileKey, by)
    return this.create(
      {
        name: own.name,
        owner: own.owner,
        cluster: profile.cluster,
        os: profile.os,
        cpus: own.cpus ?? profile.cpus,
        memoryMiB: own.memoryMiB ?? profile.memoryMiB,
        diskMiB: own.diskMiB ?? profile.diskMiB,
        datastore: profile.datastore,
        networks: profile.networks.map((network) => ({ network })),
        ...(own.provisioning ? { provisioning: own.provisioning } : {}),
      },
      by,
    )
  }

  async get(key: number, by?: By): Promise<Machine> {
    return this.#toMachine(await this.#row(key, 'machines:read', by))
  }

  async find(clusterKey: number, name: string, by?: By): Promise<Machine | undefined> {
    const row = await this.#visible('machines:read', by)
      .where('clusterKey', '=', clusterKey)
      .where('name', '=', name)
      .executeTakeFirst()
    return row && this.#toMachine(row)
  }

  async list(filter: MachineFilter = {}, by?: By): Promise<readonly Machine[]> {
    const visible = this.#visible('machines:read', by)
    let query = inOrder(visible, this.#parts.database.engine, filter).limit(Math.min(filter.limit ?? 100, 1000))
    if (filter.key !== undefined) query = query.where('key', '=', filter.key)
    if (filter.owner !== undefined) query = query.where('ownerKey', '=', filter.owner)
    if (filter.cluster !== undefined) query = query.where('clusterKey', '=', filter.cluster)
    if (filter.state !== undefined) query = query.where('state', '=', filter.state)
    if (filter.name !== undefined) query = query.where('name', '=', filter.name)
    if (filter.os !== undefined) query = query.where('os', '=', filter.os)
    const rows = await query.execute()
    const { machineNetworks, database } = this.#parts
    const cards = await machineNetworks.of(
      database.queries,
      rows.map((row) => row.key),
    )
    return rows.map((row) => toMachine(row, cards))
  }

  async update(key: number, input: MachineUpdate, by?: ByKey): Promise<Machine> {
    const operation = await this.startUpdate(key, input, by)
    const ended = operation && (await this.#parts.operations.wait(operation.id))
    if (ended?.error) throw ended.error
    return this.get(key, by)
  }

  async startUpdate(key: number, input: MachineUpdate, by?: ByKey): Promise<Operation | undefined> {
    const asked = parseMachineUpdate(input)
    const row = await this.#row(key, 'machines:write', by)
    const change = onlyNews(row, asked)
    const size = {
      cpus: change.cpus ?? row.cpus,
      memoryMiB: change.memoryMiB ?? row.memoryMiB,
      diskMiB: change.diskMiB ?? row.diskMiB,
    }
    const { catalog, clusters } = this.#parts
    // What was imported, or is no longer in the catalog, has no least size.
    const release = change.os === undefined ? catalog.find(row.os) : requireRelease(catalog, change.os, 'os')
    if (release) refuseTooSmall(release, size)
    const isOther = size.cpus !== row.cpus || size.memoryMiB !== row.memoryMiB || size.diskMiB !== row.diskMiB
    if (row.state === 'importing' || row.state === 'cloning') throw underWay(row)
    if (Object.keys(change).length === 0) return undefined
    if (row.state === 'template' && isOther) throw isTemplate(row)
    refuseMove(row, change, (await this.#toMachine(row)).networks.length)
    if (change.cluster !== undefined) await clusters.get(change.cluster, by)
    if (row.state === 'deployed' && isOther) {
      if (change.name !== undefined || change.owner !== undefined) throw oneAtATime()
      return this.#resize(row, size, by)
    }
    if (isOther && (row.state === 'installing' || row.state === 'deleting')) throw notNow(row)
    const clash = { name: change.name ?? row.name, cluster: change.cluster ?? row.clusterKey }
    await this.#clash(clash, () => this.#onPaper(row, change, size, by))
    return undefined
  }

  async remove(key: number, by?: ByKey): Promise<Operation> {
    const { database, clock, operations, settings } = this.#parts
    const row = await this.#row(key, 'machines:delete', by)
    const { deletionGraceMs } = await settings.get()
    const before = row.state === 'planned' || row.state === 'failed' || row.state === 'template' ? row.state : 'deployed'
    return database.transaction(async (queries) => {
      const input = { machine: key, before, forceAt: clock.now() + deletionGraceMs } as const
      // Asked again it is the same deletion, whatever the time and the machine's state are by now.
      const request = { input, isSame: () => true, ...this.#request(row, by) }
      const operation = await operations.submit(queries, this.#definitions.remove, request)
      if (!operation.isNew) return operation
      // It may have been deployed since it was read: then there is more to destroy.
      if ((await lockedMachineRow(queries, key)).state !== row.state) throw movedOn(row)
      await changeMachine(queries, key, { state: 'deleting' })
      return operation
    })
  }

  async power(key: number, to: 'on' | 'off' | 'shutdown', by?: ByKey): Promise<Operation> {
    const { database, operations } = this.#parts
    const row = await this.#row(key, 'machines:power', by)
    if (row.ref === null) throw notDeployed(row)
    if (row.state === 'template') throw isTemplate(row)
    return database.transaction((queries) =>
      operations.submit(queries, this.#definitions.power, { input: { machine: key, to }, ...this.#request(row, by) }),
    )
  }

  async info(key: number, by?: By): Promise<MachineStatus> {
    const row = await this.#row(key, 'machines:read', by)
    const machine = await this.#toMachine(row)
    const planned = machine.networks.flatMap((card) => card.ip ?? [])
    const { ref } = row
    if (ref === null) return { name: row.name, power: 'off', addresses: planned }
    const call = { signal: AbortSignal.timeout(30_000) }
    return onHypervisor(this.#parts.connections, row.clusterKey, call, async ({ power, guest }) => {
      const state = await power.read(ref, call)
      const seen = state === 'on' ? ((await guest?.addresses(ref, call)) ?? []) : []
      return { name: row.name, power: state, addresses: seen.length > 0 ? seen : planned }
    })
  }

  async import(clusterKey: number, input: ImportInput, by?: By): Promise<readonly ImportedMachine[]> {
    const results = await this.#imports.import(clusterKey, input, by)
    return Promise.all(
      results.map(async (each): Promise<ImportedMachine> => {
        if ('error' in each) return { ...each, status: 'refused' }
        const { name, key, isNew } = each
        return { name, status: isNew ? 'imported' : 'present', machine: await this.get(key, by) }
      }),
    )
  }

  listImportable(clusterKey: number, by?: By): Promise<readonly ImportableMachine[]> {
    return this.#imports.listImportable(clusterKey, by)
  }

  async compare(key: number, by?: By): Promise<readonly MachineDifference[]> {
    const row = await this.#row(key, 'machines:read', by)
    if (row.ref === null) throw notDeployed(row)
    return compareMachine(this.#parts, row, await this.#toMachine(row))
  }

  async #insert(queries: Queries, machine: MachineInput): Promise<number> {
    const { ids, installation, machineNetworks, events } = this.#parts
    const key = await putOnPaper(this.#parts, queries, {
      name: machine.name,
      ownerKey: machine.owner,
      clusterKey: machine.cluster,
      os: machine.os,
      cpus: machine.cpus,
      memoryMiB: machine.memoryMiB,
      diskMiB: machine.diskMiB,
      datastore: machine.datastore ?? 'auto',
      provisioning: machine.provisioning ?? 'thin',
      firmware: machine.firmware ?? 'bios',
      state: 'planned',
      mark: markOf(installation, ids()),
    })
    await machineNetworks.attach(queries, { key, cluster: machine.cluster }, machine.networks ?? [])
    const data = { name: machine.name, cluster: machine.cluster, owner: machine.owner, os: machine.os }
    await events.append(queries, { type: 'machine.created', subject: `machine/${key}`, data })
    return key
  }

  async #onPaper(row: MachineRow, change: MachineUpdate, size: Parameters<typeof amountOf>[0], by?: By): Promise<void> {
    const { access, database, contingents, events, operations } = this.#parts
    const groups = access.groupsOf(access.require(by, 'machines:write'))
    const owner = change.owner ?? row.ownerKey
    if (groups !== 'all' && !groups.includes(owner)) throw notFound('user group', owner)
    await database.transaction(async (queries) => {
      const before = amountOf(row)
      const guarded = await queries
        .updateTable('machines')
        .set((set) => ({ version: set('version', '+', 1) }))
        .where('key', '=', row.key)
        .where('version', '=', row.version)
        .executeTakeFirst()
      if (guarded.numUpdatedRows !== 1n) throw movedOn(row)
      // What an operation adds was promised to the owner of then; the new one was not asked. The row is locked by now.
      if (owner !== row.ownerKey) await operations.requireIdle(queries, `machine/${row.key}`)
      if (owner === row.ownerKey) await contingents.charge(queries, owner, difference(amountOf(size), before))
      else {
        // In order of key, so that two changes of owner never wait for each other.
        const none = { vm: 0, cpu: 0, memory: 0, disk: 0 }
        const give = (): Promise<void> => contingents.charge(queries, row.ownerKey, difference(none, before))
        const take = (): Promise<void> => contingents.charge(queries, owner, amountOf(size))
        for (const charge of row.ownerKey < owner ? [give, take] : [take, give]) await charge()
      }
      await queries.updateTable('machines').set(changedColumns(change)).where('key', '=', row.key).execute()
      await events.append(queries, { type: 'machine.updated', subject: `machine/${row.key}`, data: { ...change } })
    })
  }

  #resize(row: MachineRow, size: Parameters<typeof amountOf>[0], by?: ByKey): Promise<Operation> {
    const { database, clock, operations, contingents } = this.#parts
    return database.transaction(async (queries) => {
      const input = { machine: row.key, ...size }
      const accepted = await operations.submit(queries, this.#definitions.resize, { input, ...this.#request(row, by) })
      // Of one that is known, nothing is to be reserved: it may have ended, and nobody would release it.
      if (!accepted.isNew) return accepted
      const now = await lockedMachineRow(queries, row.key)
      if (now.state !== 'deployed') throw movedOn(row)
      await contingents.reserve(queries, {
        groupKey: now.ownerKey,
        owner: reservationOwner(accepted.id),
        amount: growth(difference(amountOf(size), amountOf(now))),
        expiresAt: clock.now() + reservationMs,
      })
      return accepted
    })
  }

  #request(row: MachineRow, by?: ByKey): { subject: string; group: number; cluster: number; key?: string } {
    const key = by?.key === undefined ? {} : { key: by.key }
    return { subject: `machine/${row.key}`, group: row.ownerKey, cluster: row.clusterKey, ...key }
  }

  #visible(permission: string, by: By | undefined) {
    const { access, database } = this.#parts
    const groups = access.groupsOf(access.require(by, permission))
    const query = database.queries.selectFrom('machines').selectAll()
    return groups === 'all' ? query : query.where('ownerKey', 'in', groups.length > 0 ? groups : [-1])
  }

  async #row(key: number, permission: string, by: By | undefined): Promise<MachineRow> {
    const row = await this.#visible(permission, by).where('key', '=', key).executeTakeFirst()
    if (!row) throw notFound('machine', key)
    return row
  }

  async #toMachine(row: MachineRow): Promise<Machine> {
    const { machineNetworks, database } = this.#parts
    return toMachine(row, await machineNetworks.of(database.queries, [row.key]))
  }

  /** The unique index has the last word on names; its refusal is told in ours. */
  async #clash<T>(machine: { name: string; cluster: number }, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (!isUniqueViolation(error)) throw error
      throw new VirtkitError('CONFLICT', `There is a machine named ${machine.name} on this cluster.`, {
        details: { field: 'name', with: machine.name },
        hint: 'Choose another name.',
        cause: error,
      })
    }
  }
}
