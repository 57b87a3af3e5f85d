import { callbacks } from './resources/callbacks.ts'
import { clusterCredentials } from './resources/cluster-credentials.ts'
import { clusterDefaults } from './resources/cluster-defaults.ts'
import { clusters } from './resources/clusters.ts'
import { networks } from './resources/networks.ts'
import { operatingSystems } from './resources/operating-systems.ts'
import { profiles } from './resources/profiles.ts'
import { resourceContingents } from './resources/resource-contingents.ts'
import { eula } from './resources/eula.ts'
import { license } from './resources/license.ts'
import { notificationfilter } from './resources/notificationfilter.ts'
import { servicesettings } from './resources/servicesettings.ts'
import { setting } from './resources/setting.ts'
import { settingNotification } from './resources/setting-notification.ts'
import { update } from './resources/update.ts'
import { version } from './resources/version.ts'

/** Every resource, every operation. */
export const contract = {
  callbacks,
  clusterCredentials,
  clusterDefaults,
  clusters,
  networks,
  operatingSystems,
  profiles,
  resourceContingents,
  eula,
  license,
  notificationfilter,
  servicesettings,
  setting,
  settingNotification,
  update,
  version,
}

export type Contract = typeof contract

/** Where the original has its API. */
export const base = '/rest/v1'
