import type { Secret } from '@virtkit/spi'
import type { LoginOrigin } from './access.ts'
import type { By, UserActor } from './actor.ts'

/** Access tokens of users: what a caller shows instead of a password, for a while. */
export interface Tokens {
  /**
   * Checks a password and issues a token. Promises: what `users.authenticate` promises; the token is told this once, and only its
   * hash is stored. It ends when it expires, is revoked, or the user's password or permissions change. Throws `UNAUTHENTICATED`,
   * with `retryAfterMs` after too many failures.
   *
   * @example
   * ```ts
   * const { token, expiresAt } = await kit.tokens.login('ada', password, { address: '192.0.2.7' })
   * const actor = await kit.tokens.resolve(token.reveal())
   * ```
   */
  login(name: string, password: string, from?: LoginOrigin): Promise<IssuedToken>
  /** Issues one for a user whom the host has checked itself. Throws `NOT_FOUND`. */
  issue(user: number, by?: By): Promise<IssuedToken>
  /** Whose it is, with what the user may do now; `undefined` when it is expired, revoked or none of ours. */
  resolve(token: string): Promise<UserActor | undefined>
  /**
   * Whose it was when it was last resolved here, at once, while the database is asked whether that still holds: for reading ahead what
   * is told only once it does. `undefined` where it was not resolved lately, and where the database answers at once anyway (SQLite).
   *
   * @example
   * ```ts
   * const presumed = kit.tokens.presume(token)
   * const machine = presumed && kit.machines.get(7, { actor: presumed.actor })
   * if (await presumed?.confirmed) tell(await machine)
   * ```
   */
  presume(token: string): PresumedActor | undefined
  /** Ends one. Promises: one that is unknown or has ended is fine (RFC 7009, 2.2). */
  revoke(token: string, by?: By): Promise<void>
  /** Those of a user that have not expired. Everybody sees their own; of others it takes `users:read`. */
  list(user: number, by?: By): Promise<readonly StoredToken[]>
  /** Ends all of a user; answers how many. Everybody ends their own; of others it takes `users:write`. */
  revokeAll(user: number, by?: By): Promise<number>
}

export interface PresumedActor {
  readonly actor: UserActor
  /**
   * Never rejects. True: a look at the database, begun after `presume` was called, found the token valid, and the user with the same
   * permissions and groups. False: it did not, or failed; `resolve` tells.
   */
  readonly confirmed: Promise<boolean>
}

export interface IssuedToken extends StoredToken {
  readonly token: Secret
  readonly lifetimeMs: number
}

export interface StoredToken {
  readonly key: number
  readonly user: number
  readonly createdAt: number
  readonly expiresAt: number
}
