import type { Access } from '../access/access.ts'
import type { By } from '../access/actor.ts'
import { contingentOf } from '../contingents/contingent-rows.ts'
import type { Database, Queries } from '../database/database.ts'
import { sizeOfPool } from './statistics-rules.ts'
import type {
  AddressStatistics,
  ContingentStatistics,
  InstallationStatistics,
  OperationCount,
  Statistics,
} from './statistics.ts'

/** Counts in the database; nothing is kept between two readings. */
export class SqlStatistics implements Statistics {
  readonly #database: Database
  readonly #access: Access

  constructor(database: Database, access: Access) {
    this.#database = database
    this.#access = access
  }

  async read(by?: By): Promise<InstallationStatistics> {
    this.#access.require(by, 'metrics:read')
    const { queries } = this.#database
    return {
      operations: await countOperations(queries),
      machines: await countMachines(queries),
      contingents: await readContingents(queries),
      addresses: await countAddresses(queries),
      callbacks: await countCallbacks(queries),
    }
  }
}

async function countOperations(queries: Queries): Promise<readonly OperationCount[]> {
  const rows = await queries
    .selectFrom('operations')
    .select(({ fn }) => ['kind', 'state', fn.countAll().as('count')])
    .where('endedAt', 'is', null)
    .groupBy(['kind', 'state'])
    .orderBy('kind')
    .orderBy('state')
    .execute()
  return rows.map(({ kind, state, count }) => ({ kind, state, count: Number(count) }))
}

async function countMachines(queries: Queries): Promise<InstallationStatistics['machines']> {
  const rows = await queries
    .selectFrom('machines')
    .select(({ fn }) => ['state', fn.countAll().as('count')])
    .groupBy('state')
    .orderBy('state')
    .execute()
  return rows.map(({ state, count }) => ({ state, count: Number(count) }))
}

async function readContingents(queries: Queries): Promise<readonly ContingentStatistics[]> {
  const rows = await queries
    .selectFrom('contingents')
    .innerJoin('userGroups', 'userGroups.key', 'contingents.groupKey')
    .selectAll('contingents')
    .select('userGroups.name')
    .orderBy('contingents.groupKey')
    .execute()
  return rows.map((row) => {
    const { group, limits, used, reserved } = contingentOf(row)
    return { group, name: row.name, limits, used, reserved }
  })
}

async function countAddresses(queries: Queries): Promise<readonly AddressStatistics[]> {
  const counts = await queries
    .selectFrom('addresses')
    .select(({ fn }) => ['networkKey', 'state', fn.countAll().as('count')])
    .groupBy(['networkKey', 'state'])
    .execute()
  const countOf = new Map(counts.map(({ networkKey, state, count }) => [`${networkKey} ${state}`, Number(count)]))
  const networks = await queries
    .selectFrom('networks')
    .select(['key', 'name', 'dhcp', 'cidr', 'reservation', 'excluded', 'gateway'])
    .orderBy('key')
    .execute()
  return networks.map(({ key, name, dhcp, cidr, reservation, excluded, gateway }) => {
    const of = (state: string): number => countOf.get(`${key} ${state}`) ?? 0
    const taken = { used: of('used'), held: of('held'), quarantined: of('quarantined') }
    if (cidr === null || dhcp === 1) return { network: key, name, ...taken }
    const plan = {
      cidr,
      reservation: reservation ?? undefined,
      gateway: gateway ?? undefined,
      excluded: JSON.parse(excluded) as string[],
    }
    const free = Math.max(0, sizeOfPool(plan) - taken.used - taken.held - taken.quarantined)
    return { network: key, name, ...taken, free }
  })
}

async function countCallbacks(queries: Queries): Promise<InstallationStatistics['callbacks']> {
  const rows = await queries
    .selectFrom('callbackDeliveries')
    .select(({ fn }) => ['state', fn.countAll().as('count')])
    .where('state', 'in', ['due', 'dead'])
    .groupBy('state')
    .execute()
  const countOf = (state: string): number => Number(rows.find((row) => row.state === state)?.count ?? 0)
  return { due: countOf('due'), dead: countOf('dead') }
}
