import { audit } from './resources/audit.ts'
import { backup } from './resources/backup.ts'
import { callbacks } from './resources/callbacks.ts'
import { clusterCredentials } from './resources/cluster-credentials.ts'
import { clusterDefaults } from './resources/cluster-defaults.ts'
import { clusters } from './resources/clusters.ts'
import { destroy } from './resources/destroy.ts'
import { eula } from './resources/eula.ts'
import { events } from './resources/events.ts'
import { help } from './resources/help.ts'
import { license } from './resources/license.ts'
import { logs } from './resources/logs.ts'
import { monitoring } from './resources/monitoring.ts'
import { networks } from './resources/networks.ts'
import { notificationFilter } from './resources/notification-filter.ts'
import { operatingSystems } from './resources/operating-systems.ts'
import { operations } from './resources/operations.ts'
import { permissiongroups } from './resources/permissiongroups.ts'
import { profiles } from './resources/profiles.ts'
import { resourceContingents } from './resources/resource-contingents.ts'
import { serviceSettings } from './resources/service-settings.ts'
import { settingNotification } from './resources/setting-notification.ts'
import { setting } from './resources/setting.ts'
import { templates } from './resources/templates.ts'
import { token } from './resources/token.ts'
import { update } from './resources/update.ts'
import { usergroups } from './resources/usergroups.ts'
import { users } from './resources/users.ts'
import { version } from './resources/version.ts'
import { virtualMachineNetworks } from './resources/virtual-machine-networks.ts'
import { virtualMachineSnapshots } from './resources/virtual-machine-snapshots.ts'
import { virtualMachines } from './resources/virtual-machines.ts'

/** Every resource, every operation. */
export const contract = {
  audit,
  backup,
  callbacks,
  clusterCredentials,
  clusterDefaults,
  clusters,
  destroy,
  eula,
  events,
  help,
  license,
  logs,
  monitoring,
  networks,
  notificationFilter,
  operatingSystems,
  operations,
  permissiongroups,
  profiles,
  resourceContingents,
  serviceSettings,
  setting,
  settingNotification,
  templates,
  token,
  update,
  usergroups,
  users,
  version,
  virtualMachineNetworks,
  virtualMachines,
  virtualMachineSnapshots,
}

export type Contract = typeof contract

/** Where the original has its API. */
export const base = '/rest/v1'

/** Of the API, as its documents say it. */
export const apiVersion = '1.0.0'
