import { type InputProblem, invalidInput } from '@virtkit/spi'
import { type Expression, type SelectQueryBuilder, type SqlBool, expressionBuilder, sql } from 'kysely'
import type { Engine } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'
import type { MachineRow } from './machine-rows.ts'
import type { Machine, MachineFilter, MachineSortField } from './machines.ts'

const columns: Readonly<Record<MachineSortField, keyof MachineRow>> = {
  key: 'key',
  name: 'name',
  owner: 'ownerKey',
  cluster: 'clusterKey',
  os: 'os',
  state: 'state',
  cpus: 'cpus',
  memoryMiB: 'memoryMiB',
  diskMiB: 'diskMiB',
  createdAt: 'createdAt',
}
const texts: readonly MachineSortField[] = ['name', 'os', 'state']

interface Order {
  readonly field: MachineSortField
  readonly descending: boolean
  /** What the last machine of the page before had there. */
  readonly from: string | number | undefined
}

type MachineQuery = SelectQueryBuilder<Schema, 'machines', MachineRow>

/**
 * Sorts, and goes on behind a machine by its values alone: a page is read from where it begins, and nothing is skipped or told twice
 * when machines come and go. Throws `INVALID_INPUT`.
 */
export function inOrder(query: MachineQuery, engine: Engine, { sort, after }: MachineFilter): MachineQuery {
  // Texts stand byte by byte, on both engines and whatever the language of the database.
  const value = ({ field }: Order): Expression<string | number> => {
    const column = sql.ref<string | number>(`machines.${columns[field]}`)
    return engine === 'postgres' && texts.includes(field) ? sql`${column} collate "C"` : column
  }
  const orders = parseOrders(sort, after)
  let sorted = query
  for (const order of orders) sorted = sorted.orderBy(value(order), order.descending ? 'desc' : 'asc')
  return after === undefined ? sorted : sorted.where(behind(orders, value))
}

function behind(orders: readonly Order[], value: (order: Order) => Expression<string | number>): Expression<SqlBool> {
  const eb = expressionBuilder<Schema, 'machines'>()
  const ways = orders.map((order, index) =>
    eb.and([
      ...orders.slice(0, index).map((before) => eb(value(before), '=', before.from!)),
      eb(value(order), order.descending ? '<' : '>', order.from!),
    ]),
  )
  // Says once more what the ways have in common: where to begin in the index.
  const [first] = orders
  return eb.and([eb(value(first!), first!.descending ? '<=' : '>=', first!.from!), eb.or(ways)])
}

function parseOrders(sort: MachineFilter['sort'] = [], after: MachineFilter['after']): readonly Order[] {
  const problems: InputProblem[] = []
  const place: Partial<Machine> = typeof after === 'object' ? after : after === undefined ? {} : { key: after }
  const orders: Order[] = []
  for (const term of [...sort, 'key']) {
    const descending = term.startsWith('-')
    const field = (descending ? term.slice(1) : term) as MachineSortField
    if (!Object.hasOwn(columns, field)) {
      problems.push({ field: 'sort', problem: `knows no ${field}`, hint: `sort by ${Object.keys(columns).join(', ')}` })
    } else if (!orders.some((order) => order.field === field)) {
      const from = place[field]
      const isValue = typeof from === (texts.includes(field) ? 'string' : 'number')
      if (after !== undefined && !isValue)
        problems.push({
          field: `after.${field}`,
          problem: 'is missing',
          hint: 'hand in the last machine of the page before',
        })
      orders.push({ field, descending, from })
    }
    if (orders.at(-1)?.field === 'key') break
  }
  if (problems.length > 0) throw invalidInput(problems)
  return orders
}
