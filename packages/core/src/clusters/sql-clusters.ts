import { VirtkitError } from '@virtkit/spi'
import type { Access } from '../access/access.ts'
import type { By } from '../access/actor.ts'
import { conflict, explainClash, nameTaken } from '../access/clash.ts'
import { changedFields } from '../access/user-rules.ts'
import type { Database, Queries } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import { isName } from '../options/fields.ts'
import type { ClusterConnector } from './cluster-connector.ts'
import { inUse, loadCluster, refuseInUse, seenClusters, setCallbacks } from './cluster-rows.ts'
import { type ParsedCluster, parseClusterChange, parseNewCluster } from './cluster-rules.ts'
import type {
  Cluster,
  ClusterChange,
  ClusterCheck,
  ClusterDatastore,
  Clusters,
  Connections,
  NetworkStatus,
  NewCluster,
  StoredClusterDefaults,
} from './clusters.ts'
import type { CredentialVault, OpenCredentials } from './credential-vault.ts'
import { type ReadParts, readDatastores, readDefaults, readNetworks } from './read-cluster.ts'
import { insertDefaults, loadDefaults } from './sql-cluster-defaults.ts'
import { loadCredentials, refuseCredentialsName } from './sql-credentials.ts'

/** Clusters in the database. Those who are no administrators see the clusters that their groups are given. */
export class SqlClusters implements Clusters {
  readonly #database: Database
  readonly #access: Access
  readonly #events: Events
  readonly #vault: CredentialVault
  readonly #connector: ClusterConnector
  readonly #connections: Connections

  constructor(
    database: Database,
    access: Access,
    events: Events,
    vault: CredentialVault,
    connector: ClusterConnector,
    connections: Connections,
  ) {
    this.#database = database
    this.#access = access
    this.#events = events
    this.#vault = vault
    this.#connector = connector
    this.#connections = connections
  }

  async add(input: NewCluster, by?: By): Promise<Cluster> {
    this.#access.require(by, 'clusters:write')
    const cluster = parseNewCluster(input)
    const { name, type, options } = cluster
    const credentials =
      typeof cluster.credentials === 'number' ? await this.#credentials(cluster.credentials) : cluster.credentials
    await this.#connector.validate({ type, options, credentials: withoutName(credentials) })
    const write = this.#database.transaction(async (queries) => {
      await refuseTaken(queries, name)
      const credentialsKey = await this.#storeCredentials(queries, cluster)
      const defaultsKey = await storeDefaults(queries, cluster.defaults)
      const { key } = await queries
        .insertInto('clusters')
        .values({ name, type, credentialsKey, defaultsKey, options: JSON.stringify(options) })
        .returning('key')
        .executeTakeFirstOrThrow()
      await setCallbacks(queries, key, cluster.callbacks)
      await this.#tell(queries, 'created', key, { name, type })
      return loadCluster(queries, key, 'all')
    })
    return explainClash(write, {
      unique: (cause) => nameTaken('cluster or set of credentials', name, 'name', cause),
      reference: referenceGone,
    })
  }

  async get(key: number, by?: By): Promise<Cluster> {
    return loadCluster(this.#database.queries, key, this.#scope(by))
  }

  async find(name: string, by?: By): Promise<Cluster | undefined> {
    const scope = this.#scope(by)
    const found = isName(name) ? await seenClusters(this.#database.queries, scope, { name }) : []
    return found[0]
  }

  async list(by?: By): Promise<readonly Cluster[]> {
    return seenClusters(this.#database.queries, this.#scope(by))
  }

  async update(key: number, input: ClusterChange, by?: By): Promise<Cluster> {
    const scope = this.#scope(by, 'clusters:write')
    const change = parseClusterChange(input)
    const known = await loadCluster(this.#database.queries, key, scope)
    const credentials = await this.#credentials(change.credentialsKey ?? known.credentialsKey)
    const type = change.type ?? known.type
    await this.#connector.validate({ type, options: change.options ?? known.options, credentials })
    const write = this.#database.transaction(async (queries) => {
      const before = await loadCluster(queries, key, scope)
      await changeCluster(queries, before, change)
      const name = change.name ?? before.name
      await this.#tell(queries, 'updated', key, { name, changed: changedFields(change) })
      return loadCluster(queries, key, scope)
    })
    return explainClash(write, {
      unique: (cause) => nameTaken('cluster', change.name ?? '', 'name', cause),
      reference: referenceGone,
    })
  }

  async remove(key: number, by?: By): Promise<void> {
    const scope = this.#scope(by, 'clusters:write')
    const write = this.#database.transaction(async (queries) => {
      const { name } = await loadCluster(queries, key, scope)
      await refuseInUse(queries, key)
      await queries.deleteFrom('clusters').where('key', '=', key).execute()
      await this.#tell(queries, 'removed', key, { name })
    })
    return explainClash(write, { reference: (cause) => inUse(key, 'machines, networks or profiles', cause) })
  }

  async check(key: number, by?: By): Promise<ClusterCheck> {
    const { type, options, credentialsKey } = await loadCluster(this.#database.queries, key, this.#scope(by))
    return this.#connector.check({ type, options, credentials: await this.#credentials(credentialsKey) })
  }

  async synchronize(key: number, by?: By): Promise<StoredClusterDefaults> {
    await this.#seen(key, 'clusterdefaults:write', by)
    return readDefaults(this.#readParts, key)
  }

  async syncNetworks(key: number, by?: By): Promise<readonly NetworkStatus[]> {
    await this.#seen(key, 'networks:write', by)
    return readNetworks(this.#readParts, key)
  }

  async datastores(key: number, by?: By): Promise<readonly ClusterDatastore[]> {
    await this.#seen(key, 'clusters:read', by)
    return readDatastores(this.#readParts, key)
  }

  get #readParts(): ReadParts {
    return { database: this.#database, events: this.#events, connections: this.#connections }
  }

  async #seen(key: number, permission: string, by: By | undefined): Promise<void> {
    await loadCluster(this.#database.queries, key, this.#scope(by, permission))
  }

  #scope(by: By | undefined, permission = 'clusters:read'): readonly number[] | 'all' {
    return this.#access.groupsOf(this.#access.require(by, permission))
  }

  async #credentials(key: number): Promise<OpenCredentials> {
    return this.#vault.open(await loadCredentials(this.#database.queries, key))
  }

  async #storeCredentials(queries: Queries, { credentials }: ParsedCluster): Promise<number> {
    if (typeof credentials === 'number') return credentials
    await refuseCredentialsName(queries, credentials.name, 'credentials.name')
    return this.#vault.insert(queries, credentials)
  }

  #tell(queries: Queries, what: string, key: number, data: Readonly<Record<string, unknown>>): Promise<void> {
    return this.#events.append(queries, { type: `cluster.${what}`, subject: `cluster/${key}`, data })
  }
}

async function changeCluster(queries: Queries, before: Cluster, change: ClusterChange): Promise<void> {
  const { name, type, credentialsKey, defaultsKey, options, callbacks } = change
  if (name !== undefined && name !== before.name) await refuseTaken(queries, name)
  if (type !== undefined && type !== before.type) await refuseOtherType(queries, before)
  if (defaultsKey) await loadDefaults(queries, defaultsKey)
  const columns = {
    name: name ?? before.name,
    type: type ?? before.type,
    credentialsKey: credentialsKey ?? before.credentialsKey,
    defaultsKey: defaultsKey === undefined ? (before.defaultsKey ?? null) : defaultsKey,
    options: JSON.stringify(options ?? before.options),
  }
  await queries.updateTable('clusters').set(columns).where('key', '=', before.key).execute()
  if (callbacks) await setCallbacks(queries, before.key, callbacks)
}

/** References of machines are the driver's: another driver would not know them. */
async function refuseOtherType(queries: Queries, { key }: Cluster): Promise<void> {
  const machine = await queries.selectFrom('machines').select('key').where('clusterKey', '=', key).executeTakeFirst()
  if (machine) throw conflict(`Cluster ${key} has machines; its type cannot change.`, { field: 'type', with: 'machines' })
}

async function refuseTaken(queries: Queries, name: string): Promise<void> {
  const taken = await queries.selectFrom('clusters').select('key').where('name', '=', name).executeTakeFirst()
  if (taken) throw nameTaken('cluster', name)
}

async function storeDefaults(queries: Queries, defaults: ParsedCluster['defaults']): Promise<number | null> {
  if (defaults === undefined) return null
  if (typeof defaults === 'object') return insertDefaults(queries, defaults)
  return (await loadDefaults(queries, defaults)).key
}

function withoutName({ url, username, password, insecure, http }: OpenCredentials): OpenCredentials {
  return { url, username, password, insecure, http }
}

/** What was there may go before the commit. */
function referenceGone(cause: unknown): VirtkitError {
  const details = { what: 'reference', id: 'of the cluster' }
  return new VirtkitError('NOT_FOUND', 'Credentials, defaults or a callback of the cluster have just been removed.', {
    details,
    cause,
  })
}
