import type { AddressTables } from '../networks/address-tables.ts'
import type { NetworkTable } from '../networks/network-table.ts'
import type { CallbackTables } from '../callbacks/callback-tables.ts'
import type { AccessTables } from '../access/access-tables.ts'
import type { AuditTables } from '../audit/audit-tables.ts'
import type { ClusterTables } from '../clusters/cluster-tables.ts'
import type { ContingentTables } from '../contingents/contingent-tables.ts'
import type { EulaTable } from '../eula/eula-table.ts'
import type { EventTables } from '../events/event-tables.ts'
import type { ImageTable } from '../images/image-table.ts'
import type { LicenseTable } from '../licensing/license-table.ts'
import type { InstallTables } from '../installs/install-tables.ts'
import type { MachineTables } from '../machines/machine-tables.ts'
import type { NotificationTables } from '../notifications/notification-tables.ts'
import type { OperationTables } from '../operations/operation-tables.ts'
import type { ProfileTables } from '../profiles/profile-tables.ts'
import type { RepliesTable } from '../replies/replies-table.ts'
import type { SettingTable } from '../settings/setting-table.ts'
import type { SnapshotTable } from '../snapshots/snapshot-table.ts'
import type { UpdateTable } from '../updates/update-table.ts'

/**
 * Every table. Columns are camelCase here and snake_case in the database. Everywhere: `key` is a resource's number, flags are 0
 * or 1, times are milliseconds since the epoch, sizes are MiB, JSON is text.
 */
export interface Schema
  extends
    AccessTables,
    AddressTables,
    AuditTables,
    CallbackTables,
    ClusterTables,
    ContingentTables,
    EventTables,
    InstallTables,
    MachineTables,
    NotificationTables,
    OperationTables,
    ProfileTables {
  /** Facts about this database: `installation`, a unique id that is part of every ownership mark. */
  virtkitMeta: { name: string; value: string }
  settings: SettingTable
  license: LicenseTable
  clusterImages: ImageTable
  eulaAcceptances: EulaTable
  scheduledUpdate: UpdateTable
  networks: NetworkTable
  replies: RepliesTable
  snapshotKeys: SnapshotTable
}
