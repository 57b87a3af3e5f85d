/**
 * What you import to use Virtkit.
 *
 * Words, used the same everywhere:
 *
 * - cluster: a registered hypervisor
 * - machine: a virtual machine of ours, on paper or deployed; its `ref` is the hypervisor's own handle
 * - mark: what we write on a machine at the hypervisor to know that it is ours
 * - contingent: a group's limit; reservation: what is held against it for work under way
 * - profile: a size preset
 * - install: one run of an OS installation; plan: what it will do; medium: what the machine boots for it
 * - operation: a durable unit of work
 */
export { type Virtkit, type VirtkitServices, createVirtkit } from './virtkit.ts'
export type {
  EncryptionOptions,
  LicensingOptions,
  MailContent,
  MailTemplate,
  NotificationOptions,
  BackupOptions,
  LogOptions,
  OperationOptions,
  ReceiverOptions,
  TokenOptions,
  VirtkitOptions,
} from './options/options.ts'
export type { DatabaseOptions } from './database/open-database.ts'
export type { Database, Engine, Queries } from './database/database.ts'
export type { Schema } from './database/schema.ts'

export type { Actor, By, ByKey, SystemActor, UserActor } from './access/actor.ts'
export type {
  Access,
  FirstAdministrator,
  Group,
  GroupInput,
  Groups,
  LoginOrigin,
  PermissionGroup,
  User,
  Users,
} from './access/access.ts'
export type { IssuedToken, PresumedActor, StoredToken, Tokens } from './access/tokens.ts'
export type { Audit, AuditEntry, AuditFault, AuditFilter, AuditHead, AuditReport } from './audit/audit.ts'
export { listPermissions, permissionGroupNames } from './access/permissions.ts'
export type { Keyring } from './access/keyring.ts'
export type {
  Backup,
  BackupRestoreOptions,
  BackupSink,
  BackupSource,
  BackupSummary,
  BackupWriteOptions,
  RestoreSummary,
} from './backup/backup.ts'
export type {
  Callback,
  CallbackDelivery,
  CallbackInput,
  CallbackNotice,
  CallbackPage,
  Callbacks,
  RotatedSecret,
} from './callbacks/callbacks.ts'
export type { Attempt } from './callbacks/callback-rules.ts'
export type {
  Cluster,
  ClusterChange,
  ClusterCheck,
  ClusterDatastore,
  ClusterDefaults,
  ClusterDefaultsInput,
  Clusters,
  Connections,
  Credentials,
  CredentialsInput,
  NetworkStatus,
  NewCluster,
  StoredClusterDefaults,
  StoredCredentials,
} from './clusters/clusters.ts'
export type {
  Amount,
  Contingent,
  ContingentDrift,
  ContingentLimits,
  ContingentPlan,
  Contingents,
  Reservation,
} from './contingents/contingents.ts'
export type { Eula, EulaAcceptance, EulaText } from './eula/eula.ts'
export type { EventFeed, EventPage, Events, FollowOptions, NewEvent } from './events/events.ts'
export type { ImageStatus, Images } from './images/images.ts'
export type {
  Install,
  InstallInput,
  InstallParameters,
  InstallPhaseTime,
  Installs,
  StartedInstall,
} from './installs/installs.ts'
export type { License, LicenseStatus, Licensing } from './licensing/licensing.ts'
export { type LicenseTerms, signLicense } from './licensing/license-rules.ts'
export type { AddressDrift, MachineNetwork, MachineNetworkInput, MachineNetworks } from './machines/machine-networks.ts'
export type { ImportInput, ImportableMachine, ImportedMachine, MachineDifference } from './machines/machine-imports.ts'
export type { Log, LogFilter, LogLine, LogPage, Logs } from './logs/logs.ts'
export type { LogFields, LogMessage } from './logs/log-rules.ts'
export type { MachinePlan, PlannedCard } from './machines/machine-plan.ts'
export type { MachineState } from './machines/machine-tables.ts'
export type {
  FromProfileInput,
  Machine,
  MachineFilter,
  MachineInput,
  MachineOrder,
  MachinePlace,
  MachineSortField,
  MachineStatus,
  MachineUpdate,
  Machines,
} from './machines/machines.ts'
export type { AddressEntry, AddressRequest, Addresses } from './networks/addresses.ts'
export type { Network, NetworkInput, Networks } from './networks/networks.ts'
export type { MailSecurity, MailSettingInput, MailSettingValues, MailSettings } from './notifications/mail-settings.ts'
export type {
  NotificationDelivery,
  NotificationFilter,
  NotificationFilterInput,
  Notifications,
} from './notifications/notifications.ts'
export type { Operation, OperationFilter, OperationStep, Operations, Submitted } from './operations/operations.ts'
export type { Profile, ProfileInput, Profiles } from './profiles/profiles.ts'
export type { Claim, Claimed, KeyedCall, Replies } from './replies/replies.ts'
export {
  type LogLevel,
  type ServiceLevels,
  type ServiceName,
  defaultLevels,
  isLogged,
  logLevels,
  serviceNames,
} from './settings/service-levels.ts'
export type { SettingValues, Settings, SettingsChange } from './settings/settings.ts'
export type { CloneInput, StartedClone, Template, Templates } from './templates/templates.ts'
export type { UpdateOptions, UpdateStatus, Updates } from './updates/updates.ts'
export type { Snapshot, SnapshotInput, SnapshotWork, Snapshots } from './snapshots/snapshots.ts'
export type {
  AddressStatistics,
  ContingentStatistics,
  InstallationStatistics,
  OperationCount,
  Statistics,
} from './statistics/statistics.ts'

// What users of the kit meet of the contract, so that they need not import it.
export {
  type BlockingDimension,
  type DomainEvent,
  type ErrorCode,
  type ErrorDetails,
  type Notice,
  type NotificationChannel,
  type NotificationMessage,
  type OsRelease,
  Secret,
  type Severity,
  VirtkitError,
  isVirtkitError,
} from '@virtkit/spi'
export type {
  InstrumentAbout,
  InstrumentKind,
  Labels,
  Measure,
  Observation,
  OpenSpan,
  SpanAbout,
  Telemetry,
} from './telemetry/telemetry.ts'
export { type InstallationGauge, installationGauges, observationsOf } from './statistics/observed-statistics.ts'
