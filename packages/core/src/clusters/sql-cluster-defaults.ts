import { notFound } from '@virtkit/spi'
import type { Selectable } from 'kysely'
import type { Access } from '../access/access.ts'
import type { By } from '../access/actor.ts'
import { conflict, explainClash } from '../access/clash.ts'
import type { Database, Queries } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import { isKey } from '../options/fields.ts'
import { parseDefaults } from './cluster-rules.ts'
import type { ClusterTables } from './cluster-tables.ts'
import type { ClusterDefaults, ClusterDefaultsInput, StoredClusterDefaults } from './clusters.ts'

/** Cluster defaults in the database. */
export class SqlClusterDefaults implements ClusterDefaults {
  readonly #database: Database
  readonly #access: Access
  readonly #events: Events

  constructor(database: Database, access: Access, events: Events) {
    this.#database = database
    this.#access = access
    this.#events = events
  }

  async add(input: ClusterDefaultsInput, by?: By): Promise<StoredClusterDefaults> {
    this.#access.require(by, 'clusterdefaults:write')
    const defaults = parseDefaults(input)
    return this.#database.transaction(async (queries) => {
      const key = await insertDefaults(queries, defaults)
      await this.#tell(queries, 'created', key)
      return loadDefaults(queries, key)
    })
  }

  async get(key: number, by?: By): Promise<StoredClusterDefaults> {
    this.#access.require(by, 'clusterdefaults:read')
    return loadDefaults(this.#database.queries, key)
  }

  async list(by?: By): Promise<readonly StoredClusterDefaults[]> {
    this.#access.require(by, 'clusterdefaults:read')
    const rows = await this.#database.queries.selectFrom('clusterDefaults').selectAll().orderBy('key').execute()
    return rows.map(toStored)
  }

  async update(key: number, input: ClusterDefaultsInput, by?: By): Promise<StoredClusterDefaults> {
    this.#access.require(by, 'clusterdefaults:write')
    const defaults = parseDefaults(input)
    return this.#database.transaction(async (queries) => {
      await loadDefaults(queries, key)
      await queries.updateTable('clusterDefaults').set(columnsOf(defaults)).where('key', '=', key).execute()
      await this.#tell(queries, 'updated', key)
      return loadDefaults(queries, key)
    })
  }

  async remove(key: number, by?: By): Promise<void> {
    this.#access.require(by, 'clusterdefaults:write')
    const used = (cause?: unknown) =>
      conflict(`A cluster uses the defaults ${key}; give it others first.`, { with: 'clusters' }, cause)
    const write = this.#database.transaction(async (queries) => {
      await loadDefaults(queries, key)
      const user = await queries.selectFrom('clusters').select('key').where('defaultsKey', '=', key).executeTakeFirst()
      if (user) throw used()
      await queries.deleteFrom('clusterDefaults').where('key', '=', key).execute()
      await this.#tell(queries, 'removed', key)
    })
    return explainClash(write, { reference: used })
  }

  #tell(queries: Queries, what: string, key: number): Promise<void> {
    return this.#events.append(queries, { type: `clusterdefaults.${what}`, subject: `clusterdefaults/${key}` })
  }
}

/** Answers the key. */
export async function insertDefaults(queries: Queries, defaults: ClusterDefaultsInput): Promise<number> {
  const insert = queries.insertInto('clusterDefaults').values(columnsOf(defaults)).returning('key')
  return (await insert.executeTakeFirstOrThrow()).key
}

export async function loadDefaults(queries: Queries, key: number): Promise<StoredClusterDefaults> {
  const row = isKey(key)
    ? await queries.selectFrom('clusterDefaults').selectAll().where('key', '=', key).executeTakeFirst()
    : undefined
  if (!row) throw notFound('set of cluster defaults', key)
  return toStored(row)
}

function columnsOf(defaults: ClusterDefaultsInput): Omit<Selectable<ClusterTables['clusterDefaults']>, 'key'> {
  const { datacenter = null, resourcePool = null, host = null, datastore = null } = defaults
  return { datacenter, resourcePool, host, datastore }
}

function toStored(row: Selectable<ClusterTables['clusterDefaults']>): StoredClusterDefaults {
  const { key, datacenter, resourcePool, host, datastore } = row
  return {
    key,
    ...(datacenter === null ? {} : { datacenter }),
    ...(resourcePool === null ? {} : { resourcePool }),
    ...(host === null ? {} : { host }),
    ...(datastore === null ? {} : { datastore }),
  }
}
