import type {
  AnyDriver,
  Clock,
  EventSink,
  InstallDesk,
  NotificationChannel,
  OpenInstallMedia,
  OsCatalog,
} from '@virtkit/spi'
import type { Access as AccessService, Groups as GroupsService, Users as UsersService } from '../access/access.ts'
import type { Logins as LoginsService } from '../access/logins.ts'
import type { Tokens as TokensService } from '../access/tokens.ts'
import type { Keyring as KeyringService } from '../access/keyring.ts'
import type { Reseal } from '../access/reseal.ts'
import type { Backup as BackupService } from '../backup/backup.ts'
import type { Audit as AuditService } from '../audit/audit.ts'
import type { AuditChain as AuditChainService } from '../audit/audit-chain.ts'
import type { Callbacks as CallbacksService } from '../callbacks/callbacks.ts'
import type { Receivers as ReceiversService } from '../callbacks/receivers.ts'
import type {
  ClusterDefaults as ClusterDefaultsService,
  Clusters as ClustersService,
  Connections as ConnectionsService,
  Credentials as CredentialsService,
} from '../clusters/clusters.ts'
import type { Contingents as ContingentsService } from '../contingents/contingents.ts'
import type { Database as DatabaseService } from '../database/database.ts'
import type { Eula as EulaService } from '../eula/eula.ts'
import type { EventFeed, Events as EventsService } from '../events/events.ts'
import type { Images as ImagesService } from '../images/images.ts'
import type { BootServers as BootServersService } from '../installs/boot-servers.ts'
import type { Installs as InstallsService } from '../installs/installs.ts'
import type { Licensing as LicensingService } from '../licensing/licensing.ts'
import type { FileLog } from '../logs/file-log.ts'
import type { Log as LogService, Logs as LogsService } from '../logs/logs.ts'
import type { MachineNetworks as MachineNetworksService } from '../machines/machine-networks.ts'
import type { Machines as MachinesService } from '../machines/machines.ts'
import type { Addresses as AddressesService } from '../networks/addresses.ts'
import type { Networks as NetworksService } from '../networks/networks.ts'
import type { MailSettings as MailSettingsService } from '../notifications/mail-settings.ts'
import type { Notifications as NotificationsService } from '../notifications/notifications.ts'
import type { WebhookChannel as WebhookChannelService } from '../notifications/webhook-channel.ts'
import type { Operations as OperationsService } from '../operations/operations.ts'
import type { ParsedOptions } from '../options/parse-options.ts'
import type { Profiles as ProfilesService } from '../profiles/profiles.ts'
import type { Replies as RepliesService } from '../replies/replies.ts'
import type { Settings as SettingsService } from '../settings/settings.ts'
import type { Snapshots as SnapshotsService } from '../snapshots/snapshots.ts'
import type { Statistics as StatisticsService } from '../statistics/statistics.ts'
import type { Telemetry as TelemetryService } from '../telemetry/telemetry.ts'
import type { Templates as TemplatesService } from '../templates/templates.ts'
import type { Updates as UpdatesService } from '../updates/updates.ts'
import { type Token, token } from './token.ts'

// What is opened before the container, and bound as it is.

/** The host's options, checked and with defaults. */
export const Options: Token<ParsedOptions> = token('Options')
/** The open database. */
export const Database: Token<DatabaseService> = token('Database')
/** Unique id of this database, part of every ownership mark. */
export const Installation: Token<string> = token('Installation')
/** The time. */
export const Time: Token<Clock> = token('Time')
/** Makes unique ids. */
export const Ids: Token<() => string> = token('Ids')
/** A number from 0 up to, not including, 1. */
export const Random: Token<() => number> = token('Random')
/** The kinds of hypervisor that the host composed. */
export const Drivers: Token<readonly AnyDriver[]> = token('Drivers')
/** What can be installed. */
export const Catalog: Token<OsCatalog> = token('Catalog')
/** The open install media; they are opened after the container, because they ask the desk. */
export const Media: Token<() => OpenInstallMedia> = token('Media')

/** Spans and metrics for what the host has registered with OpenTelemetry. */
export const Telemetry: Token<TelemetryService> = token('Telemetry')
/** The log of this process, open. */
export const LogFile: Token<FileLog> = token('LogFile')

// Services, from the lowest floor up.

/** Seals secrets. */
export const Keyring: Token<KeyringService> = token('Keyring')
/** Where services write what happened. */
export const Log: Token<LogService> = token('Log')
/** What all processes have logged. */
export const Logs: Token<LogsService> = token('Logs')
/** Stored events, and those who listen. */
export const Events: Token<EventsService> = token('Events')
/** The events with the reader that tells listeners and sinks of them, from start to close. */
export const EventReader: Token<EventFeed & AsyncDisposable & { start(more: readonly EventSink[]): Promise<void> }> =
  token('EventReader')
/** Makes events links of the audit log's chain, from start to close. */
export const AuditChain: Token<AuditChainService> = token('AuditChain')
/** Who did what. */
export const Audit: Token<AuditService> = token('Audit')
/** The operations with the workers that carry them out, from start to close. */
export const Workers: Token<OperationsService & AsyncDisposable & { start(): void }> = token('Workers')
/** Durable work. */
export const Operations: Token<OperationsService> = token('Operations')
/** Who may do what. */
export const Access: Token<AccessService> = token('Access')
/** People. */
export const Users: Token<UsersService> = token('Users')
/** Checks passwords, and makes those wait who guess. */
export const Logins: Token<LoginsService> = token('Logins')
/** What people show instead of a password. */
export const Tokens: Token<TokensService> = token('Tokens')
/** Groups of people. */
export const Groups: Token<GroupsService> = token('Groups')
/** What calls with an idempotency key were answered. */
export const Replies: Token<RepliesService> = token('Replies')
/** Values that an operator may change at run time. */
export const Settings: Token<SettingsService> = token('Settings')
/** The host's license agreement, and who accepted it. */
export const Eula: Token<EulaService> = token('Eula')
/** Which version runs, and which one there would be. */
export const Updates: Token<UpdatesService> = token('Updates')
/** What every room seals, to be sealed anew. */
export const Sealed: Token<readonly Reseal[]> = token('Sealed')
/** Sealed credentials of hypervisors. */
export const Credentials: Token<CredentialsService> = token('Credentials')
/** Where machines go when nobody says where. */
export const ClusterDefaults: Token<ClusterDefaultsService> = token('ClusterDefaults')
/** Registered hypervisors. */
export const Clusters: Token<ClustersService> = token('Clusters')
/** Open sessions with hypervisors. */
export const Connections: Token<ConnectionsService> = token('Connections')
/** Networks of clusters. */
export const Networks: Token<NetworksService> = token('Networks')
/** Who has which address. Replace it to bring an IPAM of your own. */
export const Addresses: Token<AddressesService> = token('Addresses')
/** Presets of machines. */
export const Profiles: Token<ProfilesService> = token('Profiles')
/** Limits of groups. */
export const Contingents: Token<ContingentsService> = token('Contingents')
/** A limit on the machines of all groups, from a signed document. */
export const Licensing: Token<LicensingService> = token('Licensing')
/** Everything in one file, and back. */
export const Backup: Token<BackupService> = token('Backup')
/** Makes backups now and then, from start to close. */
export const DailyBackups: Token<AsyncDisposable & { start(): void }> = token('DailyBackups')
/** Posts to receivers of callbacks and webhooks, where this host may tell somebody. */
export const Receivers: Token<ReceiversService> = token('Receivers')
/** URLs that are told of installs and deletions. */
export const Callbacks: Token<CallbacksService> = token('Callbacks')
/** Turns events into deliveries of callbacks. */
export const CallbackFeed: Token<EventSink> = token('CallbackFeed')
/** Delivers callbacks, from start to close. */
export const CallbackSender: Token<AsyncDisposable & { start(): void }> = token('CallbackSender')
/** Virtual machines. */
export const Machines: Token<MachinesService> = token('Machines')
/** Network cards of machines. */
export const MachineNetworks: Token<MachineNetworksService> = token('MachineNetworks')
/** Snapshots of machines. */
export const Snapshots: Token<SnapshotsService> = token('Snapshots')
/** Templates of clusters. */
export const Templates: Token<TemplatesService> = token('Templates')
/** Where install media serve, of all processes. */
export const BootServers: Token<BootServersService> = token('BootServers')
/** Boot images on the storage of clusters. */
export const Images: Token<ImagesService> = token('Images')
/** Installations of operating systems. */
export const Installs: Token<InstallsService> = token('Installs')
/** What install media ask and tell. */
export const Desk: Token<InstallDesk> = token('Desk')
/** The mail server that notifications go through. */
export const MailSettings: Token<MailSettingsService> = token('MailSettings')
/** Notifications as webhooks. */
export const WebhookChannel: Token<WebhookChannelService> = token('WebhookChannel')
/** Every way to tell people of things: the host's and ours. */
export const Channels: Token<readonly NotificationChannel[]> = token('Channels')
/** Who is told of what. */
export const Notifications: Token<NotificationsService> = token('Notifications')
/** Turns events into notices. */
export const NoticeFeed: Token<EventSink> = token('NoticeFeed')
/** Tells notices, from start to close. */
export const NotificationSender: Token<AsyncDisposable & { start(): void }> = token('NotificationSender')
/** Numbers for whoever watches the installation. */
export const Statistics: Token<StatisticsService> = token('Statistics')
