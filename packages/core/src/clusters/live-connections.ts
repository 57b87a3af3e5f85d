import { createHash } from 'node:crypto'
import { type Clock, type Hypervisor, VirtkitError, notFound, systemClock } from '@virtkit/spi'
import type { Database } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import { isKey } from '../options/fields.ts'
import type { ClusterConnector, Endpoint } from './cluster-connector.ts'
import type { Connections } from './clusters.ts'
import type { CredentialVault } from './credential-vault.ts'
import { SharedSession, cancelled } from './shared-session.ts'

/**
 * Keeps one session per cluster. Every `to` looks whether cluster and credentials are still what the session was opened with,
 * so that a change is noticed whichever process made it.
 *
 * A session that is dropped or outdated may still be in the middle of something, which closing would cancel. It is set aside and
 * closed when the next one of its cluster is set aside, when the cluster is removed, or with the kit: at most one per cluster.
 */
export class LiveConnections implements Connections {
  readonly #database: Database
  readonly #connector: ClusterConnector
  readonly #vault: CredentialVault
  readonly #clock: Clock
  readonly #current = new Map<number, SharedSession>()
  readonly #setAside = new Map<number, SharedSession>()
  readonly #closing = new Set<Promise<void>>()
  readonly #stopListening: () => void
  #closed: Promise<void> | undefined

  constructor(
    database: Database,
    connector: ClusterConnector,
    vault: CredentialVault,
    events: Pick<Events, 'on'>,
    // Closing waits for real sockets, so it is bounded by real time, also where time is virtual.
    clock: Clock = systemClock,
  ) {
    this.#database = database
    this.#connector = connector
    this.#vault = vault
    this.#clock = clock
    this.#stopListening = events.on('cluster.removed', ({ subject }) => this.#forget(Number(subject.split('/')[1])))
  }

  async to(clusterKey: number, signal: AbortSignal): Promise<Hypervisor> {
    this.#refuseClosed()
    const { endpoint, fingerprint } = await this.#read(clusterKey)
    this.#refuseClosed()
    if (signal.aborted) throw cancelled()
    const known = this.#current.get(clusterKey)
    if (known && !known.fits(fingerprint)) await this.drop(clusterKey)
    const session = this.#current.get(clusterKey) ?? this.#open(clusterKey, endpoint, fingerprint)
    return session.join(signal)
  }

  async drop(clusterKey: number, broken?: Hypervisor): Promise<void> {
    const session = this.#current.get(clusterKey)
    if (!session || (broken && !session.is(broken))) return
    this.#current.delete(clusterKey)
    const before = this.#setAside.get(clusterKey)
    this.#setAside.set(clusterKey, session)
    if (before) this.#close(before)
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#closeAll()
    return this.#closed
  }

  #open(clusterKey: number, endpoint: Endpoint, fingerprint: string): SharedSession {
    const session = new SharedSession(
      fingerprint,
      (signal) => this.#connector.connect(endpoint, { signal }),
      () => {
        if (this.#current.get(clusterKey) === session) this.#current.delete(clusterKey)
      },
    )
    this.#current.set(clusterKey, session)
    return session
  }

  async #read(clusterKey: number): Promise<{ endpoint: Endpoint; fingerprint: string }> {
    const row = isKey(clusterKey)
      ? await this.#database.queries
          .selectFrom('clusters')
          .innerJoin('credentials', 'credentials.key', 'clusters.credentialsKey')
          .selectAll('credentials')
          .select(['clusters.type', 'clusters.options'])
          .where('clusters.key', '=', clusterKey)
          .executeTakeFirst()
      : undefined
    if (!row) throw notFound('cluster', clusterKey)
    const { type, options, ...credentials } = row
    const opened = this.#vault.open(credentials)
    const { url, username, password, insecure, http } = opened
    // Of the password itself: sealing it anew changes the row, not the session.
    const facts = JSON.stringify([type, options, url, username, password.reveal(), insecure, http])
    const fingerprint = createHash('sha256').update(facts).digest('base64')
    const endpoint = { type, options: JSON.parse(options) as Record<string, unknown>, credentials: opened }
    return { endpoint, fingerprint }
  }

  #forget(clusterKey: number): void {
    for (const sessions of [this.#current, this.#setAside]) {
      const session = sessions.get(clusterKey)
      sessions.delete(clusterKey)
      if (session) this.#close(session)
    }
  }

  #close(session: SharedSession): void {
    const closing = session.close(this.#clock).finally(() => this.#closing.delete(closing))
    this.#closing.add(closing)
  }

  async #closeAll(): Promise<void> {
    this.#stopListening()
    for (const key of new Set([...this.#current.keys(), ...this.#setAside.keys()])) this.#forget(key)
    await Promise.all(this.#closing)
  }

  #refuseClosed(): void {
    if (!this.#closed) return
    throw new VirtkitError('CANCELLED', 'This kit is closed.', { details: {}, hint: 'Make a new one with createVirtkit.' })
  }
}
