import { backup } from './resources/backup.ts'
import { callbacks } from './resources/callbacks.ts'
import { clusterCredentials } from './resources/cluster-credentials.ts'
import { clusterDefaults } from './resources/cluster-defaults.ts'
import { clusters } from './resources/clusters.ts'
import { eula } from './resources/eula.ts'
import { help } from './resources/help.ts'
import { license } from './resources/license.ts'
import { logs } from './resources/logs.ts'
import { networks } from './resources/networks.ts'
import { notificationFilter } from './resources/notification-filter.ts'
import { operatingSystems } from './resources/operating-systems.ts'
import { profiles } from './resources/profiles.ts'
import { resourceContingents } from './resources/resource-contingents.ts'
import { serviceSettings } from './resources/service-settings.ts'
import { settingNotification } from './resources/setting-notification.ts'
import { setting } from './resources/setting.ts'
import { update } from './resources/update.ts'
import { version } from './resources/version.ts'

/** Every resource, every operation. */
export const contract = {
  backup,
  callbacks,
  clusterCredentials,
  clusterDefaults,
  clusters,
  eula,
  help,
  license,
  logs,
  networks,
  notificationFilter,
  operatingSystems,
  profiles,
  resourceContingents,
  serviceSettings,
  setting,
  settingNotification,
  update,
  version,
}

export type Contract = typeof contract

/** Where the original has its API. */
export const base = '/rest/v1'

/** Of the API, as its documents say it. */
export const apiVersion = '1.0.0'
