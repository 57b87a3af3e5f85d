import type { Secret } from '@virtkit/spi'
import type { Actor, By, UserActor } from './actor.ts'

/** Decides who may do what. A host replaces it to bring its own users. */
export interface Access {
  /** Throws `FORBIDDEN` naming the permission: `machines:create`. */
  require(by: By | undefined, permission: string): Actor
  /** The groups whose machines the actor sees. */
  groupsOf(actor: Actor): readonly number[] | 'all'
}

/** What an installation knows about people. */
export interface Users {
  /** Throws `CONFLICT` for a name in use, `INVALID_INPUT` for a password shorter than 8 characters. */
  add(user: { name: string; password: string; permissionGroups?: readonly PermissionGroup[] }, by?: By): Promise<User>
  /** Everybody may look at themselves. Throws `NOT_FOUND`. */
  get(key: number, by?: By): Promise<User>
  list(by?: By): Promise<readonly User[]>
  update(
    key: number,
    change: { name?: string; password?: string; permissionGroups?: readonly PermissionGroup[] },
    by?: By,
  ): Promise<User>
  /** Promises: leaves the user's groups; of an unknown key `NOT_FOUND`. */
  remove(key: number, by?: By): Promise<void>
  /**
   * Checks a password and answers the actor. Promises: takes the same time for a user who does not exist; after some failures of
   * the account or from the address nobody is heard for a while, which doubles up to 5 minutes, but for those who have logged in
   * from there before. Throws `UNAUTHENTICATED`, with `retryAfterMs` in the latter case.
   */
  authenticate(name: string, password: string, from?: LoginOrigin): Promise<UserActor>
  /** The actor of a user, for hosts that have checked who it is. Throws `NOT_FOUND`. */
  actor(key: number): Promise<UserActor>
  /**
   * Makes the user `admin` when there is no administrator, with this password or with a random one, which is told this once.
   * Promises: answers `undefined` when there is one, whatever the password; of several processes at once, one makes it. Throws
   * `INVALID_INPUT` for a password shorter than 8 characters, `CONFLICT` when somebody else is called `admin`.
   *
   * @example
   * ```ts
   * const first = await kit.users.ensureAdministrator({ password: process.env.VIRTKIT_ADMIN_PASSWORD })
   * if (first) console.log(`${first.user.name}: ${first.password.reveal()}`)
   * ```
   */
  ensureAdministrator(options?: { password?: string | undefined }): Promise<FirstAdministrator | undefined>
}

export interface FirstAdministrator {
  readonly user: User
  readonly password: Secret
}

/** Where a login comes from. */
export interface LoginOrigin {
  /** IP address of the caller; failures are counted by it, too. */
  readonly address?: string
  /** The caller's name for the request, for the audit log. */
  readonly request?: string
}

export interface User {
  readonly key: number
  readonly name: string
  readonly permissionGroups: readonly PermissionGroup[]
  readonly createdAt: number
}

export type PermissionGroup = 'administrator' | 'operator' | 'user' | 'viewer'

/** Groups of users: they own machines, have contingents, and are given networks and clusters. */
export interface Groups {
  /** Throws `CONFLICT` for a name in use, `NOT_FOUND` for members, networks or clusters that do not exist. */
  add(group: GroupInput, by?: By): Promise<Group>
  get(key: number, by?: By): Promise<Group>
  /** By name; `undefined` when there is none. */
  find(name: string, by?: By): Promise<Group | undefined>
  list(by?: By): Promise<readonly Group[]>
  update(key: number, change: Partial<GroupInput>, by?: By): Promise<Group>
  /** Throws `CONFLICT` while the group owns machines. */
  remove(key: number, by?: By): Promise<void>
}

export interface GroupInput {
  readonly name: string
  readonly users?: readonly number[]
  readonly networks?: readonly number[]
  readonly clusters?: readonly number[]
}

export interface Group {
  readonly key: number
  readonly name: string
  readonly users: readonly number[]
  readonly networks: readonly number[]
  readonly clusters: readonly number[]
}
