import type { Generated } from 'kysely'

export interface AccessTables {
  users: { key: Generated<number>; name: string; passwordHash: string; createdAt: number }
  userGroups: { key: Generated<number>; name: string; createdAt: number }
  userGroupMembers: { groupKey: number; userKey: number }
  userGroupNetworks: { groupKey: number; networkKey: number }
  userGroupClusters: { groupKey: number; clusterKey: number }
  userPermissionGroups: { userKey: number; permissionGroup: string }
}
