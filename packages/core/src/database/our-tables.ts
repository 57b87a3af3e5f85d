import type { Schema } from './schema.ts'

/**
 * Every table, and what becomes of it in a backup. `kept`: its rows are there. `left-out`: only of use to processes that run, made anew
 * from the others, or nothing that should be done again after a restore. A table that is missing here does not compile.
 */
const tables = {
  // One that was revoked since would be valid again.
  accessTokens: 'left-out',
  addresses: 'kept',
  addressWindows: 'left-out',
  auditLinks: 'kept',
  bootServers: 'left-out',
  callbackDeliveries: 'kept',
  callbacks: 'kept',
  clusterCallbacks: 'kept',
  clusterDefaults: 'kept',
  clusterImages: 'kept',
  clusters: 'kept',
  contingentReservations: 'kept',
  contingents: 'kept',
  credentials: 'kept',
  eventCursors: 'kept',
  eulaAcceptances: 'kept',
  events: 'kept',
  freeAddresses: 'left-out',
  installParameters: 'kept',
  installPhases: 'kept',
  installs: 'kept',
  knownLogins: 'kept',
  license: 'kept',
  loginFailures: 'left-out',
  machineNetworks: 'kept',
  machines: 'kept',
  mailSettings: 'kept',
  networks: 'kept',
  notices: 'left-out',
  notificationDeliveries: 'left-out',
  notificationFilters: 'kept',
  operationSteps: 'kept',
  operationTurns: 'left-out',
  operations: 'kept',
  profileNetworks: 'kept',
  profiles: 'kept',
  replies: 'left-out',
  scheduledUpdate: 'left-out',
  settings: 'kept',
  snapshotKeys: 'kept',
  userGroupClusters: 'kept',
  userGroupMembers: 'kept',
  userGroupNetworks: 'kept',
  userGroups: 'kept',
  userPermissionGroups: 'kept',
  users: 'kept',
  virtkitMeta: 'kept',
} satisfies Record<keyof Schema, 'kept' | 'left-out'>

const named = (which: (kind: string) => boolean): string[] =>
  Object.entries(tables)
    .filter(([, kind]) => which(kind))
    .map(([name]) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))

/** As the database calls them. */
export const ourTables: readonly string[] = named(() => true)
export const keptTables: readonly string[] = named((kind) => kind === 'kept')

/** What else the migrations make, to be dropped by name; functions of PostgreSQL begin with `virtkit_`. */
export const ourViews: readonly string[] = ['contingent_requests']
export const ourSequences: readonly string[] = ['events_position']
