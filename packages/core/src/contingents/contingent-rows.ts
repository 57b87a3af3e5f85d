import type { Expression, ExpressionBuilder, Selectable, SqlBool } from 'kysely'
import type { Queries } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'
import { type ContingentState, dimensions, growing } from './contingent-rules.ts'
import type { ContingentTables } from './contingent-tables.ts'
import type { Amount, Contingent } from './contingents.ts'

export type ContingentRow = Selectable<ContingentTables['contingents']>

/** Which of the two counters of a dimension. */
export type Counter = 'used' | 'reserved'

const columns = {
  used: { vm: 'vmUsed', cpu: 'cpuUsed', memory: 'memoryUsed', disk: 'diskUsed' },
  reserved: { vm: 'vmReserved', cpu: 'cpuReserved', memory: 'memoryReserved', disk: 'diskReserved' },
  limit: { vm: 'vmLimit', cpu: 'cpuLimit', memory: 'memoryLimit', disk: 'diskLimit' },
} as const

type Row = ExpressionBuilder<Schema, 'contingents'>

export function stateOf(row: ContingentRow): ContingentState {
  return {
    limits: { vm: row.vmLimit, cpu: row.cpuLimit, memory: row.memoryLimit, disk: row.diskLimit },
    used: { vm: row.vmUsed, cpu: row.cpuUsed, memory: row.memoryUsed, disk: row.diskUsed },
    reserved: { vm: row.vmReserved, cpu: row.cpuReserved, memory: row.memoryReserved, disk: row.diskReserved },
  }
}

export function contingentOf(row: ContingentRow): Contingent {
  return { key: row.key, group: row.groupKey, ...stateOf(row) }
}

export function limitColumns(limits: Amount): Pick<ContingentRow, (typeof columns.limit)[keyof Amount]> {
  return { vmLimit: limits.vm, cpuLimit: limits.cpu, memoryLimit: limits.memory, diskLimit: limits.disk }
}

export function counterColumns(
  used: Amount,
  reserved: Amount,
): Omit<ContingentRow, 'key' | 'groupKey' | keyof ReturnType<typeof limitColumns>> {
  return {
    vmUsed: used.vm,
    cpuUsed: used.cpu,
    memoryUsed: used.memory,
    diskUsed: used.disk,
    vmReserved: reserved.vm,
    cpuReserved: reserved.cpu,
    memoryReserved: reserved.memory,
    diskReserved: reserved.disk,
  }
}

/** `cpu_used = cpu_used + 2` for each dimension that moves. */
export function moved(
  row: Row,
  counter: Counter,
  amount: Amount,
): Partial<Record<keyof ContingentRow, Expression<number>>> {
  const moving = dimensions.filter((dimension) => amount[dimension] !== 0)
  return Object.fromEntries(
    moving.map((dimension) => {
      const column = columns[counter][dimension]
      return [column, row(column, '+', amount[dimension])]
    }),
  )
}

/** There is room in every dimension that grows. */
export function hasRoom(row: Row, amount: Amount): Expression<SqlBool> {
  const fits = growing(amount).map((dimension) => {
    const taken = row(columns.used[dimension], '+', row.ref(columns.reserved[dimension]))
    return row(row(taken, '+', amount[dimension]), '<=', row.ref(columns.limit[dimension]))
  })
  return row.and(fits)
}

/** No dimension goes below zero. */
export function staysAboveZero(row: Row, counter: Counter, amount: Amount): Expression<SqlBool> {
  const shrinking = dimensions.filter((dimension) => amount[dimension] < 0)
  return row.and(shrinking.map((dimension) => row(columns[counter][dimension], '>=', -amount[dimension])))
}

/** What the machines of a group have on paper. */
export async function usedByMachines(queries: Queries, groupKey: number): Promise<Amount> {
  return queries
    .selectFrom('machines')
    .where('ownerKey', '=', groupKey)
    .select(({ fn, val }) => [
      fn.countAll<number>().as('vm'),
      fn.coalesce(fn.sum<number>('cpus'), val(0)).as('cpu'),
      fn.coalesce(fn.sum<number>('memoryMiB'), val(0)).as('memory'),
      fn.coalesce(fn.sum<number>('diskMiB'), val(0)).as('disk'),
    ])
    .executeTakeFirstOrThrow()
}

/** What the reservations of a group promise, or only those of them whose time is over. */
export async function promised(queries: Queries, groupKey: number, only?: { expiredAt: number }): Promise<Amount> {
  return queries
    .selectFrom('contingentReservations')
    .where('groupKey', '=', groupKey)
    .$if(only !== undefined, (query) => query.where('expiresAt', '<', only!.expiredAt))
    .select(({ fn, val }) => [
      fn.coalesce(fn.sum<number>('vm'), val(0)).as('vm'),
      fn.coalesce(fn.sum<number>('cpu'), val(0)).as('cpu'),
      fn.coalesce(fn.sum<number>('memory'), val(0)).as('memory'),
      fn.coalesce(fn.sum<number>('disk'), val(0)).as('disk'),
    ])
    .executeTakeFirstOrThrow()
}
