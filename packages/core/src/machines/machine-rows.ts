import { notFound } from '@virtkit/spi'
import type { Selectable } from 'kysely'
import type { Queries } from '../database/database.ts'
import type { MachineNetwork } from './machine-networks.ts'
import type { MachineTables } from './machine-tables.ts'
import type { Machine } from './machines.ts'

export type MachineRow = Selectable<MachineTables['machines']>

/** The row, or `NOT_FOUND`: for operations, which have no caller to hide it from. */
export async function machineRow(queries: Queries, key: number): Promise<MachineRow> {
  const row = await queries.selectFrom('machines').selectAll().where('key', '=', key).executeTakeFirst()
  if (!row) throw notFound('machine', key)
  return row
}

/**
 * The row as nobody else changes it before the transaction ends. Before anything is charged for a machine: what it has and whose it
 * is may have changed since it was read. Throws `NOT_FOUND`.
 */
export async function lockedMachineRow(queries: Queries, key: number): Promise<MachineRow> {
  await changeMachine(queries, key, {})
  return machineRow(queries, key)
}

/** Changes a machine's row and counts the version up. */
export async function changeMachine(queries: Queries, key: number, change: Partial<MachineRow>): Promise<void> {
  await queries
    .updateTable('machines')
    .set((set) => ({ ...change, version: set('version', '+', 1) }))
    .where('key', '=', key)
    .execute()
}

export function toMachine(row: MachineRow, networks: readonly MachineNetwork[]): Machine {
  return {
    key: row.key,
    name: row.name,
    owner: row.ownerKey,
    cluster: row.clusterKey,
    os: row.os,
    cpus: row.cpus,
    memoryMiB: row.memoryMiB,
    diskMiB: row.diskMiB,
    datastore: row.datastore,
    provisioning: row.provisioning,
    firmware: row.firmware,
    state: row.state,
    networks: networks.filter((card) => card.machine === row.key),
    createdAt: row.createdAt,
    version: row.version,
    ...(row.placedDatastore === null ? {} : { placedDatastore: row.placedDatastore }),
    ...(row.installParametersKey === null ? {} : { installParameters: row.installParametersKey }),
    ...(row.scheduledDeletionAt === null ? {} : { scheduledDeletionAt: row.scheduledDeletionAt }),
  }
}
