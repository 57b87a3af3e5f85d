import type { Generated } from 'kysely'

export interface AccessTables {
  users: {
    key: Generated<number>
    name: string
    passwordHash: string
    createdAt: number
    /** Grows with each change of password or permissions: what was handed out before counts no longer. */
    generation: Generated<number>
  }
  userGroups: { key: Generated<number>; name: string; createdAt: number }
  userGroupMembers: { groupKey: number; userKey: number }
  userGroupNetworks: { groupKey: number; networkKey: number }
  userGroupClusters: { groupKey: number; clusterKey: number }
  userPermissionGroups: { userKey: number; permissionGroup: string }
  accessTokens: {
    key: Generated<number>
    /** The beginning of the hash, to find it by. */
    lookup: string
    /** SHA-256 of the token, in hex. The token itself is nowhere. */
    hash: string
    userKey: number
    /** The user's, when the token was issued. */
    generation: number
    createdAt: number
    expiresAt: number
  }
  /** Failed logins in a row, about an account or an address (see `login-rules.ts`). */
  loginFailures: { about: string; failures: number; failedAt: number }
  /** Where an account has been logged in to from. */
  knownLogins: { account: string; address: string; at: number }
}
