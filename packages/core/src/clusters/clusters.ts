import type { Hypervisor, Secret } from '@virtkit/spi'
import type { By } from '../access/actor.ts'

/** Registered hypervisors. */
export interface Clusters {
  /**
   * Registers a cluster with its credentials and defaults in one go. Nothing is connected.
   * Throws `INVALID_INPUT` for a type that no driver has (naming those there are) or options that its driver refuses,
   * `CONFLICT` for a name in use.
   */
  add(cluster: NewCluster, by?: By): Promise<Cluster>
  get(key: number, by?: By): Promise<Cluster>
  find(name: string, by?: By): Promise<Cluster | undefined>
  list(by?: By): Promise<readonly Cluster[]>
  update(key: number, change: ClusterChange, by?: By): Promise<Cluster>
  /** Throws `CONFLICT` while machines, networks or profiles are on it. */
  remove(key: number, by?: By): Promise<void>
  /** Connects and asks: product, version, what it can and cannot do, and what the credentials lack. */
  check(key: number, by?: By): Promise<ClusterCheck>
  /**
   * Reads the hypervisor's own defaults (datacenter, resource pool, host, datastore) into the cluster's; what it does not tell
   * stays. Promises: again, no effect; defaults that other clusters share are copied first. Throws what the hypervisor throws.
   */
  synchronize(key: number, by?: By): Promise<StoredClusterDefaults>
  /**
   * Makes the networks that the hypervisor has and we do not, and tells of all of them. A new one counts as `dhcp` until
   * `networks.update` says its `cidr`, because a hypervisor does not know; one that has vanished is only told of.
   *
   * Promises: all or nothing; again: all `present`.
   *
   * @example
   * ```ts
   * const status = await kit.clusters.syncNetworks(cluster)
   * // [{ key: 4, name: 'lan', status: 'present' }, { key: 9, name: 'dmz', status: 'created' }]
   * ```
   */
  syncNetworks(key: number, by?: By): Promise<readonly NetworkStatus[]>
  /** What the hypervisor says of its storage now, by name. Throws what the hypervisor throws. */
  datastores(key: number, by?: By): Promise<readonly ClusterDatastore[]>
}

export interface ClusterDatastore {
  readonly name: string
  /** In the hypervisor's words: `nfs`, `VMFS`, `lvmthin`. */
  readonly type: string
  readonly capacityMiB: number
  readonly freeMiB: number
  readonly writable: boolean
  readonly holds: readonly ('disks' | 'media')[]
}

export interface NetworkStatus {
  readonly key: number
  readonly name: string
  /** `vanished`: we have it, and the hypervisor does not. */
  readonly status: 'created' | 'present' | 'vanished'
}

export interface NewCluster {
  readonly name: string
  readonly type: string
  /** Credentials of its own, or the key of stored ones. */
  readonly credentials: CredentialsInput | number
  readonly defaults?: ClusterDefaultsInput | number
  readonly callbacks?: readonly number[]
  /** The driver's own options, beyond the credentials. No secrets in here. */
  readonly options?: Readonly<Record<string, unknown>>
}

export interface ClusterChange {
  readonly name?: string
  readonly type?: string
  readonly credentialsKey?: number
  readonly defaultsKey?: number | null
  readonly callbacks?: readonly number[]
  readonly options?: Readonly<Record<string, unknown>>
}

export interface Cluster {
  readonly key: number
  readonly name: string
  readonly type: string
  readonly credentialsKey: number
  readonly defaultsKey?: number
  readonly callbacks: readonly number[]
  readonly options: Readonly<Record<string, unknown>>
}

export interface ClusterCheck {
  readonly product: string
  readonly version: string
  readonly facets: readonly string[]
  /** The facets that it does not have. */
  readonly absent: readonly string[]
  /** The degrees of those facets that have some: `{ snapshots: { memory: true, … } }`. */
  readonly supports: Readonly<Record<string, Readonly<Record<string, boolean>>>>
  readonly missing: readonly { readonly operation: string; readonly privilege: string; readonly path: string }[]
}

/** Credentials, their passwords sealed. A password never comes out. */
export interface Credentials {
  add(credentials: CredentialsInput, by?: By): Promise<StoredCredentials>
  get(key: number, by?: By): Promise<StoredCredentials>
  list(by?: By): Promise<readonly StoredCredentials[]>
  update(key: number, change: Partial<CredentialsInput>, by?: By): Promise<StoredCredentials>
  /** Throws `CONFLICT` while a cluster uses them. */
  remove(key: number, by?: By): Promise<void>
  /** Connects with them as this type of cluster. Throws what the driver throws. */
  test(key: number, type: string, by?: By): Promise<ClusterCheck>
  /**
   * Seals anew what an older key of the ring sealed, wherever it is stored: passwords of credentials and of the mail server, signing
   * secrets of callbacks, password hashes of installations, kept answers. Answers how many. Promises: all or nothing; afterwards older
   * keys open nothing in this database. Backups still need the ring that they were made with; webhooks of notifications and tokens of
   * installations under way are derived from the oldest key, and change when it is dropped. Throws `UNAUTHENTICATED` naming what was
   * sealed by a key that is not in the ring.
   */
  rotate(by?: By): Promise<number>
}

export interface CredentialsInput {
  /** Default: the cluster's name. */
  readonly name?: string
  readonly url: string
  readonly username?: string
  readonly password?: string | Secret
  /** Do not verify TLS. */
  readonly insecure?: boolean
  /** Plain HTTP. */
  readonly http?: boolean
}

export interface StoredCredentials {
  readonly key: number
  readonly name: string
  readonly url: string
  readonly username: string
  readonly insecure: boolean
  readonly http: boolean
}

/** Where machines of a cluster go when nobody says where. What is left out, the hypervisor decides. */
export interface ClusterDefaults {
  add(defaults: ClusterDefaultsInput, by?: By): Promise<StoredClusterDefaults>
  get(key: number, by?: By): Promise<StoredClusterDefaults>
  list(by?: By): Promise<readonly StoredClusterDefaults[]>
  /** Replaces all of it. */
  update(key: number, defaults: ClusterDefaultsInput, by?: By): Promise<StoredClusterDefaults>
  remove(key: number, by?: By): Promise<void>
}

export interface ClusterDefaultsInput {
  readonly datacenter?: string
  readonly resourcePool?: string
  readonly host?: string
  readonly datastore?: string
}

export interface StoredClusterDefaults extends ClusterDefaultsInput {
  readonly key: number
}

/**
 * Open sessions with hypervisors: one per cluster and kit, opened when first needed and again after it broke. Other rooms
 * get their hypervisor here.
 */
export interface Connections extends AsyncDisposable {
  /** Throws what the driver's `connect` throws, `NOT_FOUND` for an unknown cluster. */
  to(clusterKey: number, signal: AbortSignal): Promise<Hypervisor>
  /**
   * Forgets a session: its cluster has changed, or it broke. Given the `broken` one, only if no other has taken its place. What
   * others still do in it is not cancelled.
   */
  drop(clusterKey: number, broken?: Hypervisor): Promise<void>
}
