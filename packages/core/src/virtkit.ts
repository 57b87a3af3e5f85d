import { randomUUID } from 'node:crypto'
import { type AnyDriver, type InstallMedia, type OpenInstallMedia, type OsCatalog, VirtkitError } from '@virtkit/spi'
import { Container } from 'inversify'
import type { Transaction } from 'kysely'
import type { Groups, Users } from './access/access.ts'
import type { Tokens } from './access/tokens.ts'
import { openKeyring } from './access/open-keyring.ts'
import type { Backup } from './backup/backup.ts'
import type { Audit } from './audit/audit.ts'
import type { Callbacks } from './callbacks/callbacks.ts'
import type { ClusterDefaults, Clusters, Connections, Credentials } from './clusters/clusters.ts'
import { actingServices } from './composition/acting-services.ts'
import { Disposal } from './composition/disposal.ts'
import { type Opened, virtkitModules } from './composition/modules.ts'
import * as tokens from './composition/tokens.ts'
import type { Contingents } from './contingents/contingents.ts'
import { type Database, LentDatabase } from './database/database.ts'
import { openDatabase } from './database/open-database.ts'
import type { Schema } from './database/schema.ts'
import type { Eula } from './eula/eula.ts'
import type { EventFeed } from './events/events.ts'
import type { Images } from './images/images.ts'
import type { Installs } from './installs/installs.ts'
import type { Licensing } from './licensing/licensing.ts'
import { FileLog } from './logs/file-log.ts'
import { KnownSecrets } from './logs/known-secrets.ts'
import { loggedDesk } from './logs/logged-desk.ts'
import { loggedDrivers } from './logs/logged-drivers.ts'
import type { Log, Logs } from './logs/logs.ts'
import type { MachineNetworks } from './machines/machine-networks.ts'
import type { Machines } from './machines/machines.ts'
import type { Addresses } from './networks/addresses.ts'
import type { Networks } from './networks/networks.ts'
import type { MailSettings } from './notifications/mail-settings.ts'
import type { Notifications } from './notifications/notifications.ts'
import type { Operations } from './operations/operations.ts'
import { refuseOldNode } from './options/node-version.ts'
import type { VirtkitOptions } from './options/options.ts'
import { parseOptions } from './options/parse-options.ts'
import type { Profiles } from './profiles/profiles.ts'
import type { Replies } from './replies/replies.ts'
import type { Settings } from './settings/settings.ts'
import { observeStatistics } from './statistics/observed-statistics.ts'
import type { Statistics } from './statistics/statistics.ts'
import { openTelemetry } from './telemetry/open-telemetry.ts'
import type { Telemetry } from './telemetry/telemetry.ts'
import { tracedDrivers } from './telemetry/traced-drivers.ts'
import type { Templates } from './templates/templates.ts'
import type { Snapshots } from './snapshots/snapshots.ts'
import { kitVersion } from './updates/kit-version.ts'
import type { Updates } from './updates/updates.ts'

/** The services of a kit. */
export interface VirtkitServices {
  readonly users: Users
  readonly tokens: Tokens
  readonly groups: Groups
  readonly settings: Settings
  readonly credentials: Credentials
  readonly clusterDefaults: ClusterDefaults
  readonly clusters: Clusters
  readonly networks: Networks
  readonly addresses: Addresses
  readonly profiles: Profiles
  readonly contingents: Contingents
  readonly license: Licensing
  readonly machines: Machines
  readonly machineNetworks: MachineNetworks
  readonly snapshots: Snapshots
  readonly templates: Templates
  readonly installs: Installs
  readonly images: Images
  readonly callbacks: Callbacks
  readonly notifications: Notifications
  readonly mailSettings: MailSettings
  readonly eula: Eula
  readonly updates: Updates
  readonly backup: Backup
  readonly statistics: Statistics
  readonly operations: Operations
  readonly logs: Logs
  readonly events: EventFeed
  readonly replies: Replies
  readonly audit: Audit
  readonly catalog: OsCatalog
}

export interface Virtkit extends VirtkitServices, AsyncDisposable {
  /** The open database, for transactions of the host's own on it. */
  readonly database: Database
  /** Unique id of the database, part of every ownership mark on a hypervisor. */
  readonly installation: string
  /** Tells the host's OpenTelemetry of spans and metrics; does nothing where none is registered. */
  readonly telemetry: Telemetry
  /** Where guests reach the boot server, when there are install media. */
  readonly bootOrigin: string | undefined
  /** Where faces write what they did, beside what the services log. */
  readonly log: Log
  /**
   * The same services inside of a transaction of yours on the same database: what they write is committed or rolled back with it,
   * and accepted operations start after the commit. An error inside means: roll back. What would ask a hypervisor, or wait for an
   * operation, throws `UNSUPPORTED`.
   */
  within(transaction: Transaction<Schema>): VirtkitServices
  /** Ends what is under way, gives it back, and closes everything, last opened first. Again: no effect. */
  close(): Promise<void>
}

/**
 * Opens a kit: database, encryption, services, boot server, workers. Any number of kits can live in one process.
 *
 * Promises: when it throws, nothing stays open. Throws `INVALID_INPUT` naming each wrong option, `DATABASE_UNAVAILABLE`,
 * `SCHEMA_TOO_NEW`, `PEER_MISSING`, `CONFLICT` for a boot port that is taken, `UNSUPPORTED` on a Node.js that is too old.
 *
 * @example
 * ```ts
 * const kit = await createVirtkit({ database: { sqlite: 'virtkit.db' }, drivers: [simulated] })
 * const cluster = await kit.clusters.add({ name: 'lab', type: 'simulated', credentials: { url: 'http://127.0.0.1:7070' } })
 * await kit.close()
 * ```
 */
export async function createVirtkit(input: VirtkitOptions): Promise<Virtkit> {
  refuseOldNode(process.version)
  const asked = parseOptions(input)
  const open = new Disposal()
  try {
    const secrets = new KnownSecrets()
    const log = open.use(new FileLog({ ...asked.logs, clock: asked.clock, secrets, onError: asked.onError }))
    const options = { ...asked, onError: log.reporting(asked.onError) }
    const { database, installation } = open.use(await openDatabase(options.database, options.clock))
    const keyring = secrets.watching(await openKeyring(options.encryption, options.database))
    const telemetry = await openTelemetry({ name: '@virtkit/core', version: kitVersion })
    const media = new MediaHolder(options.installMedia)
    const opened: Opened = {
      options,
      database,
      installation,
      keyring,
      log,
      telemetry,
      clock: options.clock,
      ids: randomUUID,
      random: options.random,
      drivers: tracedDrivers(loggedDrivers(options.drivers, log, secrets), telemetry),
      catalog: options.installMedia?.catalog ?? options.catalog ?? emptyCatalog,
      media: () => media.get(),
    }
    const container = containerOf(opened)
    const works = options.operations.work
    open.use(container.get(tokens.Connections))
    open.use(await followLevels(log, container))
    await open
      .use(container.get(tokens.EventReader))
      .start(works ? [container.get(tokens.CallbackFeed), container.get(tokens.NoticeFeed)] : [])
    open.use(container.get(tokens.AuditChain)).start()
    const callbacks = open.use(container.get(tokens.CallbackSender))
    if (works) callbacks.start()
    const notifications = open.use(container.get(tokens.NotificationSender))
    if (works) notifications.start()
    open.use(await media.open(container))
    if (options.installMedia) await open.use(container.get(tokens.BootServers)).start()
    const services = servicesOf(container)
    open.use(container.get(tokens.Workers)).start()

    open.use(container.get(tokens.DailyBackups)).start()
    open.use(observeStatistics(services.statistics, telemetry))

    const close = (): Promise<void> => open[Symbol.asyncDispose]()
    return {
      ...services,
      database,
      installation,
      telemetry,
      log,
      bootOrigin: options.installMedia && media.get().origin,
      within: (transaction) => servicesOf(lent(opened, transaction)),
      close,
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await open[Symbol.asyncDispose]().catch(() => {})
    throw error
  }
}

function containerOf(opened: Opened): Container {
  const container = new Container({ defaultScope: 'Singleton', jitless: true })
  container.load(...virtkitModules(opened))
  container.load(...(opened.options.modules ?? []))
  return container
}

/** The services again, on the host's transaction. No hypervisor is asked in it: that takes longer than a transaction should. */
function lent(opened: Opened, transaction: Transaction<Schema>): Container {
  const database = new LentDatabase(opened.database.engine, transaction)
  const drivers = opened.drivers.map((driver) => Object.create(driver, { connect: { value: refuseToAsk } }) as AnyDriver)
  const container = containerOf({ ...opened, database, drivers })
  container.rebind(tokens.Connections).toConstantValue(noConnections)
  return container
}

async function refuseToAsk(): Promise<never> {
  throw new VirtkitError('UNSUPPORTED', 'Inside of a transaction no hypervisor is asked.', {
    details: { feature: 'hypervisor calls inside of a transaction' },
    hint: 'Call it on the kit itself, after the commit.',
  })
}

const noConnections: Connections = {
  to: refuseToAsk,
  drop: async () => {},
  [Symbol.asyncDispose]: async () => {},
}

function servicesOf(container: Container): VirtkitServices {
  const audit = container.get(tokens.Audit)
  const services: VirtkitServices = {
    audit,
    users: container.get(tokens.Users),
    tokens: container.get(tokens.Tokens),
    groups: container.get(tokens.Groups),
    settings: container.get(tokens.Settings),
    credentials: container.get(tokens.Credentials),
    clusterDefaults: container.get(tokens.ClusterDefaults),
    clusters: container.get(tokens.Clusters),
    networks: container.get(tokens.Networks),
    addresses: container.get(tokens.Addresses),
    profiles: container.get(tokens.Profiles),
    contingents: container.get(tokens.Contingents),
    license: container.get(tokens.Licensing),
    machines: container.get(tokens.Machines),
    machineNetworks: container.get(tokens.MachineNetworks),
    snapshots: container.get(tokens.Snapshots),
    templates: container.get(tokens.Templates),
    installs: container.get(tokens.Installs),
    images: container.get(tokens.Images),
    callbacks: container.get(tokens.Callbacks),
    notifications: container.get(tokens.Notifications),
    mailSettings: container.get(tokens.MailSettings),
    eula: container.get(tokens.Eula),
    updates: container.get(tokens.Updates),
    backup: container.get(tokens.Backup),
    statistics: container.get(tokens.Statistics),
    operations: container.get(tokens.Operations),
    logs: container.get(tokens.Logs),
    events: container.get(tokens.EventReader),
    replies: container.get(tokens.Replies),
    catalog: container.get(tokens.Catalog),
  }
  return actingServices(services, (permission, by) => audit.refused(permission, by))
}

/** Services log from the level up that the settings say, as soon as those change. */
async function followLevels(log: FileLog, container: Container): Promise<AsyncDisposable> {
  const settings = container.get(tokens.Settings)
  const follow = async (): Promise<void> => {
    log.setLevels((await settings.get()).serviceLevels)
  }
  await follow()
  const events = container.get(tokens.Events)
  // A level that cannot be read now stays as it was.
  const ends = ['settings.updated', 'settings.reset', 'backup.restored'].map((type) =>
    events.on(type, () => void follow().catch(() => {})),
  )
  return { [Symbol.asyncDispose]: async () => ends.forEach((end) => end()) }
}

const emptyCatalog: OsCatalog = { list: () => [], find: () => undefined }

/** Install media are opened after the container, because they ask the desk that lives in it. */
class MediaHolder implements AsyncDisposable {
  readonly #media: InstallMedia | undefined
  #open: OpenInstallMedia | undefined

  constructor(media: InstallMedia | undefined) {
    this.#media = media
  }

  async open(container: Container): Promise<this> {
    this.#open = await this.#media?.open(loggedDesk(container.get(tokens.Desk), container.get(tokens.Log)), {
      signal: AbortSignal.timeout(10_000),
    })
    return this
  }

  get(): OpenInstallMedia {
    if (this.#open) return this.#open
    throw new VirtkitError('UNSUPPORTED', 'This kit has no install media.', {
      details: { feature: 'installMedia' },
      hint: 'Hand `installMedia: netboot({ … })` to createVirtkit.',
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#open?.[Symbol.asyncDispose]()
  }
}
