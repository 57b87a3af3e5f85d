import type { AnyDriver, Clock, OpenInstallMedia, OsCatalog } from '@virtkit/spi'
import { ContainerModule } from 'inversify'
import { accessModule } from '../access/access.module.ts'
import type { Keyring } from '../access/keyring.ts'
import type { Reseal } from '../access/reseal.ts'
import { backupModule } from '../backup/backup.module.ts'
import { auditModule } from '../audit/audit.module.ts'
import { resealCallbackSecrets } from '../callbacks/callback-secrets.ts'
import { callbacksModule } from '../callbacks/callbacks.module.ts'
import { resealCredentials } from '../clusters/credential-vault.ts'
import { clustersModule } from '../clusters/clusters.module.ts'
import { contingentsModule } from '../contingents/contingents.module.ts'
import type { Database } from '../database/database.ts'
import { eulaModule } from '../eula/eula.module.ts'
import { eventsModule } from '../events/events.module.ts'
import { imagesModule } from '../images/images.module.ts'
import { resealInstalls } from '../installs/reseal-installs.ts'
import { installsModule } from '../installs/installs.module.ts'
import { licensingModule } from '../licensing/licensing.module.ts'
import { FileLog } from '../logs/file-log.ts'
import { KnownSecrets } from '../logs/known-secrets.ts'
import { logsModule } from '../logs/logs.module.ts'
import { machinesModule } from '../machines/machines.module.ts'
import { networksModule } from '../networks/networks.module.ts'
import { resealMailPassword } from '../notifications/mail-password.ts'
import { notificationsModule } from '../notifications/notifications.module.ts'
import { operationsModule } from '../operations/operations.module.ts'
import type { ParsedOptions } from '../options/parse-options.ts'
import { profilesModule } from '../profiles/profiles.module.ts'
import { resealReplies } from '../replies/reply-seal.ts'
import { repliesModule } from '../replies/replies.module.ts'
import { settingsModule } from '../settings/settings.module.ts'
import { snapshotsModule } from '../snapshots/snapshots.module.ts'
import { statisticsModule } from '../statistics/statistics.module.ts'
import { type Telemetry, noTelemetry } from '../telemetry/telemetry.ts'
import { templatesModule } from '../templates/templates.module.ts'
import { updatesModule } from '../updates/updates.module.ts'
import * as tokens from './tokens.ts'

/** What must be open before the container is made; everything inside of it is synchronous. */
export interface Opened {
  readonly options: ParsedOptions
  readonly database: Database
  readonly installation: string
  readonly keyring: Keyring
  /** Left out: nothing is logged. */
  readonly log?: FileLog
  /** Left out: nobody is told of spans and metrics. */
  readonly telemetry?: Telemetry
  readonly clock: Clock
  readonly ids: () => string
  readonly random: () => number
  readonly drivers: readonly AnyDriver[]
  readonly catalog: OsCatalog
  readonly media: () => OpenInstallMedia
}

/** Every room's module, from the lowest floor up. A host may load them into a container of its own. */
export function virtkitModules(opened: Opened): ContainerModule[] {
  return [
    openedModule(opened),
    logsModule,
    accessModule,
    settingsModule,
    repliesModule,
    eventsModule,
    eulaModule,
    updatesModule,
    auditModule,
    operationsModule,
    clustersModule,
    networksModule,
    profilesModule,
    contingentsModule,
    licensingModule,
    machinesModule,
    snapshotsModule,
    templatesModule,
    installsModule,
    imagesModule,
    callbacksModule,
    notificationsModule,
    backupModule,
    statisticsModule,
  ]
}

/** Every room that seals what it stores. */
const sealed: readonly Reseal[] = [
  resealCredentials,
  resealCallbackSecrets,
  resealMailPassword,
  resealInstalls,
  resealReplies,
]

function silentLog({ clock, options }: Opened): FileLog {
  return new FileLog({ clock, secrets: new KnownSecrets(), onError: options.onError })
}

function openedModule(opened: Opened): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(tokens.Options).toConstantValue(opened.options)
    bind(tokens.Database).toConstantValue(opened.database)
    bind(tokens.Installation).toConstantValue(opened.installation)
    bind(tokens.Keyring).toConstantValue(opened.keyring)
    bind(tokens.LogFile).toConstantValue(opened.log ?? silentLog(opened))
    bind(tokens.Telemetry).toConstantValue(opened.telemetry ?? noTelemetry)
    bind(tokens.Time).toConstantValue(opened.clock)
    bind(tokens.Ids).toConstantValue(opened.ids)
    bind(tokens.Random).toConstantValue(opened.random)
    bind(tokens.Drivers).toConstantValue(opened.drivers)
    bind(tokens.Catalog).toConstantValue(opened.catalog)
    bind(tokens.Media).toConstantValue(opened.media)
    bind(tokens.Sealed).toConstantValue(sealed)
  })
}
