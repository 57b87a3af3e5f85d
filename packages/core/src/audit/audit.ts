import type { By } from '../access/actor.ts'

/**
 * Who did what. Every event is an entry, written in the transaction of what it tells of, with who did it; soon after the commit it
 * becomes a link of a chain that shows whether one was changed, removed, put in or put elsewhere since.
 */
export interface Audit {
  /** Entries after a position, oldest first. `limit` is 100 unless given, at most 1000. It takes `audit:read`. */
  list(filter?: AuditFilter, by?: By): Promise<readonly AuditEntry[]>
  /**
   * Walks the whole chain. Promises: of what was in it, whatever was changed, removed, inserted or moved is told with its place, up
   * to 100 faults. What was cut off at the end is told when the remembered head is still there, or when you hand in a `head` that
   * you have kept elsewhere from an earlier answer. Not told: what somebody with the keyring forges; the cutting of the end by
   * somebody who also puts back the head of that time, or of a whole chain that was thrown away (`since` says when this one
   * began), unless you hand in a head that you kept; and what was forged in the seconds before it became part of the chain. It
   * takes `audit:read`.
   *
   * @example
   * ```ts
   * const { isIntact, faults, head } = await kit.audit.verify({ head: lastMonth })
   * ```
   */
  verify(options?: { head?: AuditHead | undefined }, by?: By): Promise<AuditReport>
  /** Notes that somebody was refused; for faces that refuse before they ask a service. */
  refused(permission: string, by: By): Promise<void>
}

export interface AuditFilter {
  readonly after?: number | undefined
  readonly limit?: number | undefined
  /** `machine/12`. */
  readonly subject?: string | undefined
  /** `user/7`, `system`, `nobody`. */
  readonly actor?: string | undefined
}

export interface AuditEntry {
  readonly position: number
  readonly id: string
  readonly at: number
  /** `user/7`, `system`; `nobody` where a login failed; `unknown` in entries of versions that did not know. */
  readonly actor: string
  /** What the user was called then. */
  readonly actorName?: string
  /** The event's type: `machine.created`. */
  readonly action: string
  readonly subject: string
  readonly outcome: 'done' | 'failed' | 'refused'
  /** The caller's name for the request that it was done in. */
  readonly request?: string
  readonly data: Readonly<Record<string, unknown>>
}

/** How long the chain was, and its last hash. Keep one elsewhere from time to time. */
export interface AuditHead {
  readonly number: number
  readonly hash: string
}

export interface AuditReport {
  readonly isIntact: boolean
  /** How many entries were held against the chain. */
  readonly checked: number
  /** When the chain began, in milliseconds since the epoch; left out while there is none. */
  readonly since?: number | undefined
  readonly head: AuditHead
  readonly faults: readonly AuditFault[]
}

export interface AuditFault {
  /**
   * `changed`: the entry is not what it was, or stands elsewhere. `removed`: entries before this place, or at it, are gone, or their links.
   * `inserted`: it was put between others later. `cut`: the end is gone, or the head is not ours.
   */
  readonly kind: 'changed' | 'removed' | 'inserted' | 'cut'
  /** The position of the entry. */
  readonly position: number
}
