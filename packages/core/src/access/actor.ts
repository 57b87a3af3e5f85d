/** Who asks. A host that has checked its own caller hands in an actor; without one, the kit itself acts. */
export type Actor = SystemActor | UserActor

export interface SystemActor {
  readonly kind: 'system'
}

export interface UserActor {
  readonly kind: 'user'
  /** Ours, or whatever the host's own access service understands. */
  readonly user: number
  readonly name: string
  readonly permissions: ReadonlySet<string> | 'all'
  /** Keys of the user groups that the user is in; administrators see all. */
  readonly groups: readonly number[] | 'all'
}

/** Accompanies a call of a service. */
export interface By {
  readonly actor?: Actor
  /** The caller's name for the request that the call belongs to; the audit log keeps it. */
  readonly request?: string
  /** W3C `traceparent` of the caller: what the call sets going carries its trace on. One that is not well formed is left out. */
  readonly trace?: string
}

/** Accompanies a call that changes something. */
export interface ByKey extends By {
  /**
   * Idempotency key of the caller: the same key answers what the first call did, and never does it again. At most 200
   * characters. The same key with other input is `CONFLICT`.
   */
  readonly key?: string
}

export const system: SystemActor = { kind: 'system' }
