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
import type { Snapshot, SnapshotInput, Snapshots } from './snapshots.ts'

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

  async create(machineKey: number, input: SnapshotInput, by?: ByKey): Promise<Snapshot> {
    const request = parseSnapshotInput(input)
    const row = await this.#row(machineKey, 'snapshots:write', by)
    const degrees = (['memory', 'quiesce'] as const).filter((degree) => request[degree])
    await this.#require(row, degrees)
    const ended = await this.#run(row, this.#definitions.create, { machine: row.key, ...request }, by)
    const { id } = await this.#taken(ended)
    const snapshot = (await this.#list(row)).find((each) => each.id === id)
    if (!snapshot) throw notFound('snapshot', id)
    return snapshot
  }

  async rename(
    machineKey: number,
    key: number,
    input: { name?: string; description?: string },
    by?: ByKey,
  ): Promise<Snapshot> {
    const change = parseSnapshotChange(input)
    const row = await this.#row(machineKey, 'snapshots:write', by)
    await this.#require(row, ['rename'])
    const request = { machine: row.key, key, id: await this.#id(row, key), change }
    await this.#run(row, this.#definitions.rename, request, by)
    return this.#snapshot(row, key)
  }

  async revert(machineKey: number, key: number, by?: ByKey): Promise<void> {
    const row = await this.#row(machineKey, 'snapshots:write', by)
    await this.#require(row, [])
    const request = { machine: row.key, key, id: await this.#id(row, key) }
    await this.#run(row, this.#definitions.revert, request, by)
  }

  async remove(machineKey: number, key: number, options: { children?: boolean } = {}, by?: ByKey): Promise<void> {
    const { children } = parseRemoval(options)
    const row = await this.#row(machineKey, 'snapshots:write', by)
    await this.#require(row, [])
    const request = { machine: row.key, key, id: await this.#id(row, key), children }
    await this.#run(row, this.#definitions.remove, request, by)
  }

  async updateHardware(machineKey: number, input: readonly number[], by?: ByKey): Promise<void> {
    const keys = parseSnapshotKeys(input)
    const row = await this.#row(machineKey, 'snapshots:write', by)
    await this.#require(row, ['updateHardware'])
    const snapshots = []
    for (const key of keys) snapshots.push({ key, id: await this.#id(row, key) })
    await this.#run(row, this.#definitions.updateHardware, { machine: row.key, snapshots }, by)
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

  /** Refuses what the hypervisor does not claim, before anything is accepted. */
  async #require(row: MachineRow, degrees: readonly Degree[]): Promise<void> {
    const call = { signal: AbortSignal.timeout(readMs) }
    const supports = await withSnapshots(this.#parts, row, call, async (snapshots) => snapshots.supports)
    const missing = degrees.find((degree) => !supports[degree])
    if (missing !== undefined) throw unsupported(`snapshots.${missing}`, cannot[missing])
  }

  async #run<Input>(row: MachineRow, definition: OperationOf<Input>, input: Input, by?: ByKey): Promise<Operation> {
    const { database, operations } = this.#parts
    const request = {
      input,
      subject: `machine/${row.key}`,
      group: row.ownerKey,
      cluster: row.clusterKey,
      ...(by?.key === undefined ? {} : { key: by.key }),
    }
    const accepted = await database.transaction((queries) => operations.submit(queries, definition, request))
    const ended = await operations.wait(accepted.id)
    if (ended.error) throw ended.error
    return ended
  }

  /** What a `create-snapshot` found out, perhaps long ago: a repeated key answers the snapshot that was taken then. */
  async #taken(operation: Operation): Promise<Taken> {
    const { outputs } = await this.#parts.database.queries
      .selectFrom('operations')
      .select('outputs')
      .where('id', '=', operation.id)
      .executeTakeFirstOrThrow()
    return (JSON.parse(outputs) as { take: Taken }).take
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
