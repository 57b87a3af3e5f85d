/**
 * What you import to extend Virtkit: the contract of hypervisor drivers, install media, event sinks and notification channels,
 * with the errors and values that they speak in. The cases that prove a driver are in `@virtkit/spi/conformance`.
 */
export { type AnyDriver, type HypervisorDriver, defineDriver } from './driver/hypervisor-driver.ts'
export type { About, Hypervisor, OptionalFacet } from './driver/hypervisor.ts'
export type { Call, KeyedCall, OwnedMachine, Progress } from './driver/call.ts'
export type {
  DatastoreInfo,
  HostInfo,
  InventoryOperations,
  NamedItem,
  NetworkInfo,
  Placement,
} from './driver/inventory-operations.ts'
export type {
  DiskSpec,
  Firmware,
  MachineChange,
  MachineInfo,
  MachineOperations,
  MachineSpec,
  NicSpec,
  PowerState,
} from './driver/machine-operations.ts'
export type { PowerOperations } from './driver/power-operations.ts'
export type { MediaOperations, MediumInfo, MediumUpload } from './driver/media-operations.ts'
export type { ConsoleOperations } from './driver/console-operations.ts'
export type { GuestOperations } from './driver/guest-operations.ts'
export type {
  SnapshotInfo,
  SnapshotOperations,
  SnapshotRequest,
  SnapshotTaken,
  SnapshotTree,
} from './driver/snapshot-operations.ts'
export type { CloneSpec, GuestCustomisation, TemplateOperations } from './driver/template-operations.ts'
export type { MachineEvent, WatchOperations } from './driver/watch-operations.ts'
export type { MissingPrivilege, PrivilegeOperations } from './driver/privilege-operations.ts'

export {
  type BootMedium,
  type InstallDesk,
  type InstallMedia,
  type InstallPhase,
  type InstallReport,
  type InstallRun,
  type OpenInstallMedia,
  installPhases,
} from './install/install-media.ts'
export type { InstallPlan, PlannedNetwork, PlannedRoute } from './install/install-plan.ts'
export type { OsCatalog, OsRelease, OsSize } from './install/os-catalog.ts'
export type { DomainEvent, EventSink } from './events/event-sink.ts'
export {
  type Notice,
  type NotificationChannel,
  type NotificationMessage,
  type Severity,
  type Unsent,
  severities,
} from './notifications/notification-channel.ts'

export type { BlockingDimension, ErrorCode, ErrorDetails, InputProblem, Outcome } from './errors/error-details.ts'
export {
  VirtkitError,
  type VirtkitErrorOptions,
  invalidInput,
  isVirtkitError,
  notFound,
  toVirtkitError,
} from './errors/virtkit-error.ts'

export { type Clock, systemClock } from './values/clock.ts'
export { Secret } from './values/secret.ts'
export { GiB, MiB, formatSize, parseSize } from './values/size.ts'
export { type MacRange, localMacRange, macInRange, parseMac } from './values/mac-address.ts'
export {
  type Cidr,
  type IpAddress,
  cidrContains,
  formatIp,
  netmask,
  parseCidr,
  parseIp,
  tryParseIp,
} from './values/ip-address.ts'
export type { SchemaIssue, SchemaResult, StandardSchema } from './values/standard-schema.ts'
