import type { Contract } from '../../contract/contract.ts'
import type { Handlers } from '../handler.ts'
import { auditHandlers } from './audit.ts'
import { backupHandlers } from './backup.ts'
import { callbackHandlers } from './callbacks.ts'
import { clusterCredentialHandlers } from './cluster-credentials.ts'
import { clusterDefaultHandlers } from './cluster-defaults.ts'
import { clusterHandlers } from './clusters.ts'
import { destroyHandlers } from './destroy.ts'
import { eulaHandlers } from './eula.ts'
import { eventHandlers } from './events.ts'
import { helpHandlers } from './help.ts'
import { licenseHandlers } from './license.ts'
import { logHandlers } from './logs.ts'
import { monitoringHandlers } from './monitoring.ts'
import { networkHandlers } from './networks.ts'
import { notificationFilterHandlers } from './notification-filter.ts'
import { operatingSystemHandlers } from './operating-systems.ts'
import { operationHandlers } from './operations.ts'
import { permissiongroupHandlers } from './permissiongroups.ts'
import { profileHandlers } from './profiles.ts'
import { resourceContingentHandlers } from './resource-contingents.ts'
import { serviceSettingsHandlers } from './service-settings.ts'
import { settingNotificationHandlers } from './setting-notification.ts'
import { settingHandlers } from './setting.ts'
import { templateHandlers } from './templates.ts'
import { tokenHandlers } from './token.ts'
import { updateHandlers } from './update.ts'
import { usergroupHandlers } from './usergroups.ts'
import { userHandlers } from './users.ts'
import { versionHandlers } from './version.ts'
import { virtualMachineNetworkHandlers } from './virtual-machine-networks.ts'
import { virtualMachineSnapshotHandlers } from './virtual-machine-snapshots.ts'
import { virtualMachineHandlers } from './virtual-machines.ts'

/** A handler for every operation of the contract: one that is missing does not compile. */
export const handlers: { readonly [Name in keyof Contract]: Handlers<Contract[Name]> } = {
  audit: auditHandlers,
  backup: backupHandlers,
  callbacks: callbackHandlers,
  clusterCredentials: clusterCredentialHandlers,
  clusterDefaults: clusterDefaultHandlers,
  clusters: clusterHandlers,
  destroy: destroyHandlers,
  eula: eulaHandlers,
  events: eventHandlers,
  help: helpHandlers,
  license: licenseHandlers,
  logs: logHandlers,
  monitoring: monitoringHandlers,
  networks: networkHandlers,
  notificationFilter: notificationFilterHandlers,
  operatingSystems: operatingSystemHandlers,
  operations: operationHandlers,
  permissiongroups: permissiongroupHandlers,
  profiles: profileHandlers,
  resourceContingents: resourceContingentHandlers,
  serviceSettings: serviceSettingsHandlers,
  setting: settingHandlers,
  settingNotification: settingNotificationHandlers,
  templates: templateHandlers,
  token: tokenHandlers,
  update: updateHandlers,
  usergroups: usergroupHandlers,
  users: userHandlers,
  version: versionHandlers,
  virtualMachineNetworks: virtualMachineNetworkHandlers,
  virtualMachines: virtualMachineHandlers,
  virtualMachineSnapshots: virtualMachineSnapshotHandlers,
}
