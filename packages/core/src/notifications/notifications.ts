import type { Secret, Severity } from '@virtkit/spi'
import type { By } from '../access/actor.ts'
import type { Attempt } from '../callbacks/callback-rules.ts'

/**
 * Who is told of what, and how. Whoever holds `notifications:write` keeps filters of their own, whoever also holds `users:write`
 * those of all.
 *
 * Promises: an event that matters is stored for each filter that lets it pass, of a user who may see what it is about, and told at
 * least once; a repetition has the same id. What comes within a minute of the last message is told together, as a digest.
 */
export interface Notifications {
  /**
   * Throws `INVALID_INPUT` for a type that no channel has or an address that its channel would not take, `NOT_FOUND` for a user
   * who does not exist, `CONFLICT` when the user is told at this address already. Webhooks are signed: their secret is answered.
   *
   * @example
   * ```ts
   * await kit.notifications.add({ type: 'mail', to: 'ops@example.com', user: 1, severities: ['error', 'critical'] })
   * ```
   */
  add(filter: NotificationFilterInput, by?: By): Promise<NotificationFilter & { readonly secret?: Secret }>
  get(key: number, by?: By): Promise<NotificationFilter>
  list(by?: By): Promise<readonly NotificationFilter[]>
  /** Replaces all of it. What waits for the old address goes there still. */
  update(key: number, filter: NotificationFilterInput, by?: By): Promise<NotificationFilter & { readonly secret?: Secret }>
  /** Promises: what has not been told yet is not told any more. */
  remove(key: number, by?: By): Promise<void>
  /** The log of a filter's messages, newest first, of the last 30 days. `before` is the key of a delivery; at most 1000. */
  deliveries(
    filter: number,
    page?: { readonly before?: number; readonly limit?: number },
    by?: By,
  ): Promise<readonly NotificationDelivery[]>
}

export interface NotificationFilterInput {
  /** A channel: `mail`, `webhook`, or one of the host's. */
  readonly type: string
  /** An address of that channel. */
  readonly to: string
  /** Key of the user who is told; what they may not see is kept from them. */
  readonly user: number
  readonly severities: readonly Severity[]
}

export interface NotificationFilter extends NotificationFilterInput {
  readonly key: number
}

export interface NotificationDelivery {
  readonly key: number
  readonly filter: number
  /** What receivers know the message by. */
  readonly id: string
  readonly type: string
  readonly to: string
  readonly severity: Severity
  readonly title: string
  /** `due`: not told yet. `refused`: the other side will never take it. `dead`: given up after three days. */
  readonly state: 'due' | 'delivered' | 'refused' | 'dead'
  /** Begun so far. */
  readonly attempts: number
  /** What became of each, oldest first. */
  readonly history: readonly Attempt[]
  /** Why the last attempt failed, for people. */
  readonly problem?: string
  readonly createdAt: number
  /** When the next attempt is due. */
  readonly dueAt?: number
  /** When it ended, in whatever way. */
  readonly endedAt?: number
}
