import { notFound } from '@virtkit/spi'
import type { Access } from '../access/access.ts'
import type { By } from '../access/actor.ts'
import { conflict, explainClash, nameTaken } from '../access/clash.ts'
import { changedFields } from '../access/user-rules.ts'
import type { Database, Queries } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import { isKey } from '../options/fields.ts'
import type { ClusterConnector } from './cluster-connector.ts'
import { parseCredentialsChange, parseNewCredentials } from './cluster-rules.ts'
import type { ClusterCheck, Credentials, CredentialsInput, StoredCredentials } from './clusters.ts'
import type { CredentialVault, CredentialsRow } from './credential-vault.ts'

/** Credentials in the database. */
export class SqlCredentials implements Credentials {
  readonly #database: Database
  readonly #access: Access
  readonly #events: Events
  readonly #vault: CredentialVault
  readonly #connector: ClusterConnector
  readonly #reseal: (queries: Queries) => Promise<number>

  constructor(
    database: Database,
    access: Access,
    events: Events,
    vault: CredentialVault,
    connector: ClusterConnector,
    reseal: (queries: Queries) => Promise<number>,
  ) {
    this.#database = database
    this.#access = access
    this.#events = events
    this.#vault = vault
    this.#connector = connector
    this.#reseal = reseal
  }

  async add(input: CredentialsInput, by?: By): Promise<StoredCredentials> {
    this.#access.require(by, 'credentials:write')
    const credentials = parseNewCredentials(input)
    const { name } = credentials
    const write = this.#database.transaction(async (queries) => {
      await refuseCredentialsName(queries, name, 'name')
      const key = await this.#vault.insert(queries, credentials)
      await this.#events.append(queries, { type: 'credentials.created', subject: `credentials/${key}`, data: { name } })
      return toStored(await loadCredentials(queries, key))
    })
    return explainClash(write, { unique: (cause) => nameTaken('set of credentials', name, 'name', cause) })
  }

  async get(key: number, by?: By): Promise<StoredCredentials> {
    this.#access.require(by, 'credentials:read')
    return toStored(await loadCredentials(this.#database.queries, key))
  }

  async list(by?: By): Promise<readonly StoredCredentials[]> {
    this.#access.require(by, 'credentials:read')
    const rows = await this.#database.queries.selectFrom('credentials').selectAll().orderBy('key').execute()
    return rows.map(toStored)
  }

  async update(key: number, input: Partial<CredentialsInput>, by?: By): Promise<StoredCredentials> {
    this.#access.require(by, 'credentials:write')
    const change = parseCredentialsChange(input)
    const write = this.#database.transaction(async (queries) => {
      const before = await loadCredentials(queries, key)
      const name = change.name ?? before.name
      if (name !== before.name) await refuseCredentialsName(queries, name, 'name')
      await this.#vault.update(queries, key, change)
      const data = { name, changed: changedFields(change) }
      await this.#events.append(queries, { type: 'credentials.updated', subject: `credentials/${key}`, data })
      return toStored(await loadCredentials(queries, key))
    })
    return explainClash(write, { unique: (cause) => nameTaken('set of credentials', change.name ?? '', 'name', cause) })
  }

  async remove(key: number, by?: By): Promise<void> {
    this.#access.require(by, 'credentials:write')
    const used = (cause?: unknown) =>
      conflict(`A cluster uses the credentials ${key}; give it others first.`, { with: 'clusters' }, cause)
    const write = this.#database.transaction(async (queries) => {
      const { name } = await loadCredentials(queries, key)
      const user = await queries.selectFrom('clusters').select('key').where('credentialsKey', '=', key).executeTakeFirst()
      if (user) throw used()
      await queries.deleteFrom('credentials').where('key', '=', key).execute()
      await this.#events.append(queries, { type: 'credentials.removed', subject: `credentials/${key}`, data: { name } })
    })
    return explainClash(write, { reference: used })
  }

  async test(key: number, type: string, by?: By): Promise<ClusterCheck> {
    this.#access.require(by, 'credentials:read')
    const row = await loadCredentials(this.#database.queries, key)
    return this.#connector.check({ type, options: {}, credentials: this.#vault.open(row) })
  }

  async rotate(by?: By): Promise<number> {
    this.#access.require(by, 'credentials:write')
    return this.#database.transaction(async (queries) => {
      const count = await this.#reseal(queries)
      const event = { type: 'credentials.rotated', subject: 'credentials', data: { count } }
      if (count > 0) await this.#events.append(queries, event)
      return count
    })
  }
}

export async function loadCredentials(queries: Queries, key: number): Promise<CredentialsRow> {
  const row = isKey(key)
    ? await queries.selectFrom('credentials').selectAll().where('key', '=', key).executeTakeFirst()
    : undefined
  if (!row) throw notFound('set of credentials', key)
  return row
}

/** Throws `CONFLICT` naming the field as the caller wrote it. */
export async function refuseCredentialsName(queries: Queries, name: string, field: string): Promise<void> {
  const taken = await queries.selectFrom('credentials').select('key').where('name', '=', name).executeTakeFirst()
  if (taken) throw nameTaken('set of credentials', name, field)
}

function toStored(row: CredentialsRow): StoredCredentials {
  const { key, name, url, username, insecure, http } = row
  return { key, name, url, username, insecure: insecure === 1, http: http === 1 }
}
