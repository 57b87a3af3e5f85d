import { accessRoutes } from './access-routes.ts'
import { clusterRoutes } from './cluster-routes.ts'
import { machineAgentRoutes } from './machine-agent.ts'
import { machineConfigRoutes } from './machine-config.ts'
import { machineConsoleRoutes } from './machine-console.ts'
import { machineCreateRoutes } from './machine-create.ts'
import { machineDiskRoutes } from './machine-disks.ts'
import { machineLifetimeRoutes } from './machine-lifetime.ts'
import { machineMigrateRoutes } from './machine-migrate.ts'
import { machinePowerRoutes } from './machine-power.ts'
import { machineSnapshotRoutes } from './machine-snapshots.ts'
import { nodeRoutes } from './node-routes.ts'
import { poolRoutes } from './pool-routes.ts'
import type { Route } from './route.ts'
import { storageConfigRoutes } from './storage-config-routes.ts'
import { storageRoutes } from './storage-routes.ts'
import { taskRoutes } from './task-routes.ts'
import { uploadRoutes } from './upload-routes.ts'
import { userRoutes } from './user-routes.ts'

export const everyRoute: readonly Route[] = [
  ...accessRoutes,
  ...clusterRoutes,
  ...machineAgentRoutes,
  ...machineConfigRoutes,
  ...machineConsoleRoutes,
  ...machineCreateRoutes,
  ...machineDiskRoutes,
  ...machineLifetimeRoutes,
  ...machineMigrateRoutes,
  ...machinePowerRoutes,
  ...machineSnapshotRoutes,
  ...nodeRoutes,
  ...poolRoutes,
  ...storageConfigRoutes,
  ...storageRoutes,
  ...taskRoutes,
  ...uploadRoutes,
  ...userRoutes,
]
