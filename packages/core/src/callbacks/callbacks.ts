import type { By } from '../access/actor.ts'
import type { Queries } from '../database/database.ts'
import type { Secret } from '@virtkit/spi'

/** URLs that are told of a cluster's installs and deletions. */
export interface Callbacks {
  /** Makes a signing secret and answers it once. Throws `INVALID_INPUT` for what is not an http(s) URL or carries a password. */
  add(callback: CallbackInput, by?: By): Promise<Callback & { readonly secret: Secret }>
  get(key: number, by?: By): Promise<Callback>
  list(by?: By): Promise<readonly Callback[]>
  /** Replaces all but the secret. */
  update(key: number, callback: CallbackInput, by?: By): Promise<Callback>
  /** Throws `CONFLICT` while a cluster uses it. */
  remove(key: number, by?: By): Promise<void>
  /** Stores deliveries for every callback of a cluster in the caller's transaction. The sender takes them from there. */
  enqueue(queries: Queries, clusterKey: number, notice: CallbackNotice): Promise<void>
}

export interface CallbackInput {
  readonly successUrl: string
  readonly errorUrl: string
  readonly startUrl?: string
  readonly deleteUrl?: string
  readonly notes?: string
}

export interface Callback extends CallbackInput {
  readonly key: number
  readonly notes: string
}

export interface CallbackNotice {
  /** Unique; the same notice is stored once. */
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly when: 'start' | 'success' | 'error' | 'delete'
  /** Deliveries of one subject are made in order: `machine/12`. */
  readonly subject: string
  readonly data: Readonly<Record<string, unknown>>
}
