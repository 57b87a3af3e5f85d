import { VirtkitError, notFound } from '@virtkit/spi'
import type { Selectable, SelectQueryBuilder } from 'kysely'
import type { Access } from '../access/access.ts'
import type { Actor, By } from '../access/actor.ts'
import { conflict, explainClash, nameTaken } from '../access/clash.ts'
import type { Database, Queries } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'
import type { Events } from '../events/events.ts'
import { isKey } from '../options/fields.ts'
import type { AddressEntry, Addresses } from './addresses.ts'
import { addressesLost } from './network-changes.ts'
import { type NetworkValues, parseNetworkInput } from './network-rules.ts'
import type { NetworkTable } from './network-table.ts'
import type { Network, NetworkInput, Networks } from './networks.ts'

export class SqlNetworks implements Networks {
  readonly #database: Database
  readonly #access: Access
  readonly #events: Events
  readonly #addresses: Addresses

  constructor(database: Database, access: Access, events: Events, addresses: Addresses) {
    this.#database = database
    this.#access = access
    this.#events = events
    this.#addresses = addresses
  }

  async add(input: NetworkInput, by?: By): Promise<Network> {
    const actor = this.#access.require(by, 'networks:write')
    const values = parseNetworkInput(input)
    return this.#change(values, async (queries) => {
      await this.#requireCluster(queries, actor, values.cluster)
      const { key } = await queries.insertInto('networks').values(toRow(values)).returning('key').executeTakeFirstOrThrow()
      await this.#tell(queries, 'network.created', key, values)
      return { key, ...values }
    })
  }

  async get(key: number, by?: By): Promise<Network> {
    const actor = this.#access.require(by, 'networks:read')
    return fromRow(await this.#row(this.#database.queries, actor, key))
  }

  async find(clusterKey: number, name: string, by?: By): Promise<Network | undefined> {
    const actor = this.#access.require(by, 'networks:read')
    if (!isKey(clusterKey)) return undefined
    const row = await this.#visible(this.#database.queries, actor)
      .where('clusterKey', '=', clusterKey)
      .where('name', '=', name)
      .executeTakeFirst()
    return row && fromRow(row)
  }

  async list(by?: By): Promise<readonly Network[]> {
    const actor = this.#access.require(by, 'networks:read')
    const rows = await this.#visible(this.#database.queries, actor).orderBy('key').execute()
    return rows.map(fromRow)
  }

  async update(key: number, input: NetworkInput, by?: By): Promise<Network> {
    const actor = this.#access.require(by, 'networks:write')
    const values = parseNetworkInput(input)
    return this.#change(values, async (queries) => {
      const before = fromRow(await this.#row(queries, actor, key, 'lock'))
      if (values.cluster !== before.cluster) {
        await this.#requireCluster(queries, actor, values.cluster)
        await this.#refuseWhileUsed(queries, before, 'cluster')
      }
      await this.#addresses.replan(queries, key)
      await this.#refuseLostAddresses(queries, before, values)
      await queries.updateTable('networks').set(toRow(values)).where('key', '=', key).execute()
      await this.#tell(queries, 'network.updated', key, values)
      return { key, ...values }
    })
  }

  async addresses(key: number, by?: By): Promise<readonly AddressEntry[]> {
    await this.get(key, by)
    return this.#addresses.list(this.#database.queries, key)
  }

  async predictAddress(key: number, by?: By): Promise<string> {
    await this.get(key, by)
    return this.#addresses.predict(this.#database.queries, key)
  }

  async remove(key: number, by?: By): Promise<void> {
    const actor = this.#access.require(by, 'networks:write')
    await this.#change({ name: `network ${key}` }, async (queries) => {
      const network = fromRow(await this.#row(queries, actor, key, 'lock'))
      await this.#refuseWhileUsed(queries, network)
      await this.#addresses.replan(queries, key)
      const inUse = await this.#inUse(queries, key)
      if (inUse.length > 0) throw addressesInTheWay(network.name, inUse)
      // What is left are holds that have ended, and addresses that rest.
      await queries.deleteFrom('addresses').where('networkKey', '=', key).execute()
      await queries.deleteFrom('networks').where('key', '=', key).execute()
      await this.#tell(queries, 'network.removed', key, network)
    })
  }

  #visible(queries: Queries, actor: Actor): SelectQueryBuilder<Schema, 'networks', Selectable<NetworkTable>> {
    const query = queries.selectFrom('networks').selectAll('networks')
    const groups = this.#access.groupsOf(actor)
    if (groups === 'all') return query
    const given = queries.selectFrom('userGroupNetworks').select('networkKey')
    return query.where('networks.key', 'in', given.where('groupKey', 'in', orNone(groups)))
  }

  async #row(queries: Queries, actor: Actor, key: number, lock?: 'lock'): Promise<Selectable<NetworkTable>> {
    if (!isKey(key)) throw notFound('network', key)
    const row = await this.#visible(queries, actor)
      .where('networks.key', '=', key)
      .$if(lock !== undefined && this.#database.engine === 'postgres', (query) => query.forUpdate())
      .executeTakeFirst()
    if (!row) throw notFound('network', key)
    return row
  }

  async #requireCluster(queries: Queries, actor: Actor, key: number): Promise<void> {
    const groups = this.#access.groupsOf(actor)
    let query = queries.selectFrom('clusters').select('key').where('key', '=', key)
    if (groups !== 'all') {
      const given = queries.selectFrom('userGroupClusters').select('clusterKey')
      query = query.where('key', 'in', given.where('groupKey', 'in', orNone(groups)))
    }
    if (!(await query.executeTakeFirst())) throw notFound('cluster', key)
  }

  async #refuseWhileUsed(queries: Queries, network: Network, field?: string): Promise<void> {
    const machine = await queries
      .selectFrom('machineNetworks')
      .innerJoin('machines', 'machines.key', 'machineNetworks.machineKey')
      .select('machines.name')
      .where('machineNetworks.networkKey', '=', network.key)
      .executeTakeFirst()
    const profile = await queries
      .selectFrom('profileNetworks')
      .innerJoin('profiles', 'profiles.key', 'profileNetworks.profileKey')
      .select('profiles.name')
      .where('profileNetworks.networkKey', '=', network.key)
      .executeTakeFirst()
    const user = machine ? `the machine ${machine.name}` : profile && `the profile ${profile.name}`
    if (user === undefined) return
    throw new VirtkitError('CONFLICT', `${network.name} is used by ${user}.`, {
      details: { with: user, ...(field !== undefined && { field }) },
      hint: 'Take the network away from machines and profiles first.',
    })
  }

  async #refuseLostAddresses(queries: Queries, before: Network, after: NetworkValues): Promise<void> {
    const lost = addressesLost(before, after, await this.#inUse(queries, before.key))
    if (lost.length > 0) throw addressesInTheWay(before.name, lost)
  }

  async #inUse(queries: Queries, key: number): Promise<readonly string[]> {
    const entries = await this.#addresses.list(queries, key)
    return entries.filter(({ state }) => state !== 'quarantined').map(({ address }) => address)
  }

  async #tell(queries: Queries, type: string, key: number, { name, cluster }: NetworkValues): Promise<void> {
    await this.#events.append(queries, { type, subject: `network/${key}`, data: { name, cluster } })
  }

  #change<T>(values: { name: string }, work: (queries: Queries) => Promise<T>): Promise<T> {
    return explainClash(this.#database.transaction(work), {
      unique: (cause) => nameTaken('network', values.name, 'name', cause),
      reference: (cause) => conflict(`What ${values.name} belongs to or is used by has changed just now.`, {}, cause),
    })
  }
}

function addressesInTheWay(name: string, addresses: readonly string[]): VirtkitError {
  const named = addresses.slice(0, 10).join(', ')
  const more = addresses.length > 10 ? ` and ${addresses.length - 10} more` : ''
  return new VirtkitError('CONFLICT', `Addresses of ${name} are in use: ${named}${more}.`, {
    details: { with: named },
    hint: 'Give these addresses back first, or keep them inside of the range.',
  })
}

/** An empty list is no SQL; no resource has the key 0. */
function orNone(keys: readonly number[]): readonly number[] {
  return keys.length > 0 ? keys : [0]
}

function toRow(values: NetworkValues): Omit<Selectable<NetworkTable>, 'key'> {
  return {
    name: values.name,
    clusterKey: values.cluster,
    dhcp: Number(values.dhcp),
    cidr: values.cidr ?? null,
    reservation: values.reservation ?? null,
    excluded: JSON.stringify(values.excluded),
    quarantineMs: values.quarantineMs,
    gateway: values.gateway ?? null,
    dns: JSON.stringify(values.dns),
    zoneDomain: values.zoneDomain ?? null,
    isolated: Number(values.isolated),
  }
}

function fromRow(row: Selectable<NetworkTable>): Network {
  return {
    key: row.key,
    name: row.name,
    cluster: row.clusterKey,
    dhcp: row.dhcp === 1,
    ...(row.cidr !== null && { cidr: row.cidr }),
    ...(row.reservation !== null && { reservation: row.reservation }),
    excluded: JSON.parse(row.excluded) as string[],
    quarantineMs: row.quarantineMs,
    ...(row.gateway !== null && { gateway: row.gateway }),
    dns: JSON.parse(row.dns) as string[],
    ...(row.zoneDomain !== null && { zoneDomain: row.zoneDomain }),
    isolated: row.isolated === 1,
  }
}
