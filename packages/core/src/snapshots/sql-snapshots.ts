import { type SnapshotOperations, type SnapshotTree, VirtkitError, notFound } from '@virtkit/spi'
import type { Access } from '../access/access.ts'
import type { By, ByKey } from '../access/actor.ts'
import { isForeignKeyViolation } from '../database/database-errors.ts'
import type { MachineRow } from '../machines/machine-rows.ts'
import type { OperationOf } from '../operations/operation-definition.ts'
import type { Operation, Operations } from '../operations/operations.ts'
import { isKey } from '../options/fields.ts'
import { type RevertParts, revertSnapshot } from './revert-snapshot.ts'
import { numberSnapshots, snapshotNumbers } from './snapshot-keys.ts'
import {
  type OfSnapshot,
  type Taken,
  createSnapshot,
  removeSnapshot,
  renameSnapshot,
  updateSnapshotHardware,
  withSnapshots,
} from './snapshot-operations.ts'
import {
  parseRemoval,
  parseSnapshotChange,
  parseSnapshotInput,
  parseSnapshotKeys,
  toSnapshots,
  unsupported,
} from './snapshot-rules.ts'
import type { Snapshot, SnapshotInput, SnapshotWork, Snapshots } from './snapshots.ts'

export interface SnapshotParts extends RevertParts {
  readonly access: Access
  readonly operations: Operations
}

type Degree = keyof SnapshotOperations['supports']

const cannot: Readonly<Record<Degree, string>> = {
  memory: 'keep the memory of a running machine in a snapshot',
  quiesce: 'ask guests to settle their file systems',
  rename: 'rename snapshots',
  updateHardware: 'apply new hardware to snapshots that exist',
}

/** How long the hypervisor may take to tell its snapshots. */
const readMs = 30_000

export class SqlSnapshots implements Snapshots {
  readonly #parts: SnapshotParts
  readonly #definitions: {
    readonly create: ReturnType<typeof createSnapshot>
    readonly rename: ReturnType<typeof renameSnapshot>
    readonly revert: ReturnType<typeof revertSnapshot>
    readonly remove: ReturnType<typeof removeSnapshot>
    readonly updateHardware: ReturnType<typeof updateSnapshotHardware>
  }

  constructor(parts: SnapshotParts) {
    this.#parts = parts
    this.#definitions = {
      create: createSnapshot(parts),
      rename: renameSnapshot(parts),
      revert: revertSnapshot(parts),
      remove: removeSnapshot(parts),
      updateHardware: updateSnapshotHardware(parts),
    }
    for (const definition of Object.values(this.#definitions)) parts.operations.register(definition)
  }

  async list(machineKey: number, by?: By): Promise<readonly Snapshot[]> {
    return this.#list(await this.#row(machineKey, 'snapshots:read', by))
  }

  async get(machineKey: number, key: number, by?: By): Promise<Snapshot> {
    return this.#snapshot(await this.#row(machineKey, 'snapshots:read', by), key)
  }

  async create(machineKey: number, snapshot: SnapshotInput, by?: ByKey): Promise<Snapshot> {
    const { id } = await this.#run(machineKey, { what: 'create', snapshot }, by)
    return this.#taken(id, await this.#row(machineKey, 'snapshots:write', by))
  }

  async rename(
    machineKey: number,
    key: number,
    change: { name?: string; description?: string },
    by?: ByKey,
  ): Promise<Snapshot> {
    await this.#run(machineKey, { what: 'rename', key, change }, by)
    return this.#snapshot(await this.#row(machineKey, 'snapshots:write', by), key)
  }

  async revert(machineKey: number, key: number, by?: ByKey): Promise<void> {
    await this.#run(machineKey, { what: 'revert', key }, by)
  }

  async remove(machineKey: number, key: number, options: { children?: boolean } = {}, by?: ByKey): Promise<void> {
    await this.#run(machineKey, { what: 'remove', key, ...parseRemoval(options) }, by)
  }

  async updateHardware(machineKey: number, keys: readonly number[], by?: ByKey): Promise<void> {
    await this.#run(machineKey, { what: 'updateHardware', keys }, by)
  }

  async start(machineKey: number, work: SnapshotWork, by?: ByKey): Promise<Operation> {
    const { create, rename, revert, remove, updateHardware } = this.#definitions
    const machine = (degrees: readonly Degree[]): Promise<MachineRow> => this.#writable(machineKey, degrees, by)
    switch (work.what) {
      case 'create': {
        const request = parseSnapshotInput(work.snapshot)
        const row = await machine((['memory', 'quiesce'] as const).filter((degree) => request[degree]))
        return this.#accept(row, create, { machine: row.key, ...request }, by)
      }
      case 'rename': {
        const change = parseSnapshotChange(work.change)
        const row = await machine(['rename'])
        return this.#accept(row, rename, { ...(await this.#ofSnapshot(row, work.key)), change }, by)
      }
      case 'revert': {
        const row = await machine([])
        return this.#accept(row, revert, await this.#ofSnapshot(row, work.key), by)
      }
      case 'remove': {
        const { children } = parseRemoval(work.children === undefined ? {} : { children: work.children })
        const row = await machine([])
        return this.#accept(row, remove, { ...(await this.#ofSnapshot(row, work.key)), children }, by)
      }
      case 'updateHardware': {
        const keys = parseSnapshotKeys(work.keys)
        const row = await machine(['updateHardware'])
        const snapshots = []
        for (const key of keys) snapshots.push({ key, id: await this.#id(row, key) })
        return this.#accept(row, updateHardware, { machine: row.key, snapshots }, by)
      }
    }
  }

  async takenBy(operation: string, by?: By): Promise<Snapshot> {
    const { kind, subject } = await this.#parts.operations.get(operation)
    if (kind !== this.#definitions.create.kind) throw notFound('snapshot', operation)
    return this.#taken(operation, await this.#row(Number(subject.split('/')[1]), 'snapshots:read', by))
  }

  async #list(row: MachineRow): Promise<readonly Snapshot[]> {
    const call = { signal: AbortSignal.timeout(readMs) }
    const tree = await withSnapshots(this.#parts, row, call, (snapshots, { ref }) => snapshots.list(ref, call))
    return toSnapshots(tree, await this.#numbers(row, tree))
  }

  async #snapshot(row: MachineRow, key: number): Promise<Snapshot> {
    const snapshot = (await this.#list(row)).find((each) => each.key === key)
    if (!snapshot) throw notFound('snapshot', key)
    return snapshot
  }

  /** Also of a snapshot that is gone: a call that is repeated with its key must mean the same. */
  async #id(row: MachineRow, key: number): Promise<string> {
    const numbers = await snapshotNumbers(this.#parts.database.queries, row.key)
    const known = [...numbers].find(([, number]) => number === key)
    return known ? known[0] : (await this.#snapshot(row, key)).id
  }

  async #numbers(row: MachineRow, tree: SnapshotTree): Promise<ReadonlyMap<string, number>> {
    const { database } = this.#parts
    const ids = tree.snapshots.map(({ id }) => id)
    const known = await snapshotNumbers(database.queries, row.key)
    if (ids.every((id) => known.has(id))) return known
    try {
      return await database.transaction((queries) => numberSnapshots(queries, row.key, ids))
    } catch (error) {
      // The machine was deleted meanwhile.
      throw isForeignKeyViolation(error) ? notFound('machine', row.key) : error
    }
  }

  /** The machine of the caller; what the hypervisor does not claim is refused, before anything is accepted. */
  async #writable(machineKey: number, degrees: readonly Degree[], by: By | undefined): Promise<MachineRow> {
    const row = await this.#row(machineKey, 'snapshots:write', by)
    const call = { signal: AbortSignal.timeout(readMs) }
    const supports = await withSnapshots(this.#parts, row, call, async (snapshots) => snapshots.supports)
    const missing = degrees.find((degree) => !supports[degree])
    if (missing !== undefined) throw unsupported(`snapshots.${missing}`, cannot[missing])
    return row
  }

  async #ofSnapshot(row: MachineRow, key: number): Promise<OfSnapshot> {
    return { machine: row.key, key, id: await this.#id(row, key) }
  }

  #accept<Input>(row: MachineRow, definition: OperationOf<Input>, input: Input, by?: ByKey): Promise<Operation> {
    const { database, operations } = this.#parts
    const request = {
      input,
      subject: `machine/${row.key}`,
      group: row.ownerKey,
      cluster: row.clusterKey,
      ...(by?.key === undefined ? {} : { key: by.key }),
    }
    return database.transaction((queries) => operations.submit(queries, definition, request))
  }

  async #run(machineKey: number, work: SnapshotWork, by: ByKey | undefined): Promise<Operation> {
    const accepted = await this.start(machineKey, work, by)
    const ended = await this.#parts.operations.wait(accepted.id)
    if (ended.error) throw ended.error
    return ended
  }

  /** What a `create-snapshot` found out, perhaps long ago: a repeated key answers the snapshot that was taken then. */
  async #taken(operation: string, row: MachineRow): Promise<Snapshot> {
    const { outputs } = await this.#parts.database.queries
      .selectFrom('operations')
      .select('outputs')
      .where('id', '=', operation)
      .executeTakeFirstOrThrow()
    const { take } = JSON.parse(outputs) as { take?: Taken }
    const snapshot = take && (await this.#list(row)).find((each) => each.id === take.id)
    if (!snapshot) throw notFound('snapshot', take?.id ?? operation)
    return snapshot
  }

  async #row(key: number, permission: string, by: By | undefined): Promise<MachineRow> {
    const { access, database } = this.#parts
    const groups = access.groupsOf(access.require(by, permission))
    const query = database.queries.selectFrom('machines').selectAll().where('key', '=', key)
    const row = isKey(key) ? await query.executeTakeFirst() : undefined
    if (!row || (groups !== 'all' && !groups.includes(row.ownerKey))) throw notFound('machine', key)
    if (row.ref !== null) return row
    throw new VirtkitError('CONFLICT', `${row.name} is not on the hypervisor yet.`, {
      details: { field: 'state', with: row.state },
      hint: 'Install it first.',
    })
  }
}
