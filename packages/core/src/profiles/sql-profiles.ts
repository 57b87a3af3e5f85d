import { type OsCatalog, VirtkitError, invalidInput, notFound } from '@virtkit/spi'
import type { Selectable } from 'kysely'
import type { Access } from '../access/access.ts'
import type { By } from '../access/actor.ts'
import { explainClash, nameTaken } from '../access/clash.ts'
import { givenClusters, givenNetworks, orNone } from '../access/given.ts'
import type { Database, Queries } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import { isKey, isName } from '../options/fields.ts'
import { type ParsedProfile, networkProblems, parseProfile } from './profile-rules.ts'
import type { ProfileTables } from './profile-tables.ts'
import type { Profile, ProfileInput, Profiles } from './profiles.ts'

type Scope = readonly number[] | 'all'

/** Profiles in the database. Those who are no administrators see the profiles of the clusters that they see. */
export class SqlProfiles implements Profiles {
  readonly #database: Database
  readonly #access: Access
  readonly #events: Events
  readonly #catalog: OsCatalog

  constructor(database: Database, access: Access, events: Events, catalog: OsCatalog) {
    this.#database = database
    this.#access = access
    this.#events = events
    this.#catalog = catalog
  }

  async add(input: ProfileInput, by?: By): Promise<Profile> {
    const scope = this.#scope(by, 'profiles:write')
    const profile = parseProfile(input, this.#catalog)
    const write = this.#database.transaction(async (queries) => {
      await refuseTaken(queries, profile.name)
      await requirePlace(queries, profile, scope)
      const insert = queries.insertInto('profiles').values(columnsOf(profile)).returning('key')
      const { key } = await insert.executeTakeFirstOrThrow()
      await setNetworks(queries, key, profile.networks)
      await this.#tell(queries, 'created', key, profile.name)
      return loadProfile(queries, key, scope)
    })
    return explainProfile(write, profile.name)
  }

  async get(key: number, by?: By): Promise<Profile> {
    return loadProfile(this.#database.queries, key, this.#scope(by, 'profiles:read'))
  }

  async find(name: string, by?: By): Promise<Profile | undefined> {
    const scope = this.#scope(by, 'profiles:read')
    const found = isName(name) ? await seenProfiles(this.#database.queries, scope, { name }) : []
    return found[0]
  }

  async list(by?: By): Promise<readonly Profile[]> {
    return seenProfiles(this.#database.queries, this.#scope(by, 'profiles:read'))
  }

  async update(key: number, input: ProfileInput, by?: By): Promise<Profile> {
    const scope = this.#scope(by, 'profiles:write')
    const profile = parseProfile(input, this.#catalog)
    const write = this.#database.transaction(async (queries) => {
      const before = await loadProfile(queries, key, scope)
      if (profile.name !== before.name) await refuseTaken(queries, profile.name)
      await requirePlace(queries, profile, scope)
      await queries.updateTable('profiles').set(columnsOf(profile)).where('key', '=', key).execute()
      await setNetworks(queries, key, profile.networks)
      await this.#tell(queries, 'updated', key, profile.name)
      return loadProfile(queries, key, scope)
    })
    return explainProfile(write, profile.name)
  }

  async remove(key: number, by?: By): Promise<void> {
    const scope = this.#scope(by, 'profiles:write')
    await this.#database.transaction(async (queries) => {
      const { name } = await loadProfile(queries, key, scope)
      await queries.deleteFrom('profiles').where('key', '=', key).execute()
      await this.#tell(queries, 'removed', key, name)
    })
  }

  #scope(by: By | undefined, permission: string): Scope {
    return this.#access.groupsOf(this.#access.require(by, permission))
  }

  #tell(queries: Queries, what: string, key: number, name: string): Promise<void> {
    return this.#events.append(queries, { type: `profile.${what}`, subject: `profile/${key}`, data: { name } })
  }
}

async function seenProfiles(
  queries: Queries,
  scope: Scope,
  only: { key?: number; name?: string } = {},
): Promise<Profile[]> {
  if (only.key !== undefined && !isKey(only.key)) return []
  let query = queries.selectFrom('profiles').selectAll().orderBy('key')
  if (only.key !== undefined) query = query.where('key', '=', only.key)
  if (only.name !== undefined) query = query.where('name', '=', only.name)
  if (scope !== 'all') query = query.where('clusterKey', 'in', givenClusters(queries, scope))
  const rows = await query.execute()
  const networks = await queries
    .selectFrom('profileNetworks')
    .selectAll()
    .where('profileKey', 'in', orNone(rows.map((row) => row.key)))
    .orderBy('position')
    .execute()
  return rows.map((row) => toProfile(row, networks))
}

async function loadProfile(queries: Queries, key: number, scope: Scope): Promise<Profile> {
  const [profile] = await seenProfiles(queries, scope, { key })
  if (!profile) throw notFound('profile', key)
  return profile
}

/** The cluster and the networks must be there for the actor, and belong together. */
async function requirePlace(queries: Queries, profile: ParsedProfile, scope: Scope): Promise<void> {
  let clusters = queries.selectFrom('clusters').select('key').where('key', '=', profile.cluster)
  if (scope !== 'all') clusters = clusters.where('key', 'in', givenClusters(queries, scope))
  if (!(await clusters.executeTakeFirst())) throw notFound('cluster', profile.cluster)
  let networks = queries
    .selectFrom('networks')
    .select(['key', 'name', 'clusterKey'])
    .where('key', 'in', orNone(profile.networks))
  if (scope !== 'all') networks = networks.where('key', 'in', givenNetworks(queries, scope))
  const found = await networks.execute()
  const missing = profile.networks.find((key) => !found.some((each) => each.key === key))
  if (missing !== undefined) throw notFound('network', missing)
  const problems = networkProblems(profile, found)
  if (problems.length > 0) throw invalidInput(problems)
}

async function refuseTaken(queries: Queries, name: string): Promise<void> {
  const taken = await queries.selectFrom('profiles').select('key').where('name', '=', name).executeTakeFirst()
  if (taken) throw nameTaken('profile', name)
}

async function setNetworks(queries: Queries, profileKey: number, networks: readonly number[]): Promise<void> {
  await queries.deleteFrom('profileNetworks').where('profileKey', '=', profileKey).execute()
  const rows = networks.map((networkKey, position) => ({ profileKey, networkKey, position }))
  if (rows.length > 0) await queries.insertInto('profileNetworks').values(rows).execute()
}

function explainProfile<T>(write: Promise<T>, name: string): Promise<T> {
  return explainClash(write, {
    unique: (cause) => nameTaken('profile', name, 'name', cause),
    reference: (cause) =>
      new VirtkitError('NOT_FOUND', 'The cluster or a network of the profile has just been removed.', {
        details: { what: 'cluster or network', id: 'of the profile' },
        cause,
      }),
  })
}

function columnsOf(profile: ParsedProfile): Omit<Selectable<ProfileTables['profiles']>, 'key'> {
  const { name, cluster, os, cpus, memoryMiB, diskMiB, datastore } = profile
  return { name, clusterKey: cluster, os, cpus, memoryMiB, diskMiB, datastore }
}

function toProfile(
  row: Selectable<ProfileTables['profiles']>,
  networks: readonly { profileKey: number; networkKey: number }[],
): Profile {
  const { clusterKey, ...rest } = row
  const ours = networks.filter((each) => each.profileKey === row.key)
  return { ...rest, cluster: clusterKey, networks: ours.map((each) => each.networkKey) }
}
