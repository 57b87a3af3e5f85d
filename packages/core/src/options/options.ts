import type {
  AnyDriver,
  Clock,
  DomainEvent,
  EventSink,
  InstallMedia,
  NotificationChannel,
  NotificationMessage,
  OsCatalog,
  VirtkitError,
} from '@virtkit/spi'
import type { ContainerModule } from 'inversify'
import type { EulaText } from '../eula/eula.ts'
import type { UpdateOptions } from '../updates/updates.ts'
import type { DatabaseOptions } from '../database/open-database.ts'

/** What a host hands to `createVirtkit`. */
export interface VirtkitOptions {
  /** Where the kit keeps its state: `{ sqlite: 'virtkit.db' }`, `{ postgres: 'postgres://…' }`, or an open handle of yours. */
  readonly database: DatabaseOptions
  /** The kinds of hypervisor that clusters can be of. */
  readonly drivers: readonly AnyDriver[]
  /** How blank machines get installed; without it, everything but installs works. */
  readonly installMedia?: InstallMedia
  /**
   * What can be installed, for a kit without install media: its machines are of these systems, and a kit that has media installs them.
   * Default: that of the install media.
   */
  readonly catalog?: OsCatalog
  /** Seals secrets at rest. Default: a file beside the SQLite file, made when it is missing; needed with PostgreSQL. */
  readonly encryption?: EncryptionOptions
  /** Limits the machines of all groups by a signed document (`kit.license`). Left out: no limit. */
  readonly licensing?: LicensingOptions
  /** Who may be told over HTTP, by callbacks and webhooks. Left out: who is on the public internet. */
  readonly receivers?: ReceiverOptions
  /** How people are told of what happens (`kit.notifications`). */
  readonly notifications?: NotificationOptions
  /** Your end user license agreement; `kit.eula` records who accepts it. Left out: there is none. */
  readonly eula?: EulaText
  /** Where to ask for newer versions (`kit.updates`). Left out: nobody is asked. */
  readonly updates?: UpdateOptions
  /** Access tokens of users. */
  readonly tokens?: TokenOptions
  /** How this kit works on operations. */
  readonly operations?: OperationOptions
  /** Makes backups by itself. Left out: only `kit.backup.write` does. */
  readonly backup?: BackupOptions
  /** Where the kit logs what it does. Default: the folder `<database>.logs` beside a SQLite file; `false`, and elsewhere: nowhere. */
  readonly logs?: LogOptions | false
  /** Where events go besides `kit.events.on`. */
  readonly eventSinks?: readonly EventSink[]
  /** Told of what goes wrong in the background. Default: `console.error` with code and message. */
  readonly onError?: (error: VirtkitError) => void
  /** Replaces services: modules that are loaded after ours and may rebind any token of `@virtkit/core/inversify`. */
  readonly modules?: readonly ContainerModule[]
  /** Time, for tests. */
  readonly clock?: Clock
  /** Randomness, for tests: 0 up to, not including, 1. */
  readonly random?: () => number
}

/**
 * Keys are 32 bytes: as base64 in `keys` (newest first, older ones still open what they sealed), or in a file of lines
 * `id:base64`, newest first, readable by its owner only.
 */
export type EncryptionOptions =
  | { readonly keys: readonly { readonly id: string; readonly key: string }[] }
  | { readonly keyFile: string }

export interface BackupOptions {
  /** Where backups lie; made when it is missing. Back up the key file as well, to another place. */
  readonly folder: string
  /** How long each is kept, in days. The newest is kept in any case. Default 30. */
  readonly keepDays?: number
  /** How often one is made, in milliseconds, by one of the processes on the database. Default: every day. */
  readonly everyMs?: number
}

export interface LogOptions {
  /** Made when it is missing. Processes that share it see each other's lines. */
  readonly folder?: string
  /** How much is kept, of all processes together: the oldest goes. Default 64 MiB, at least 1 MiB. */
  readonly maxBytes?: number
}

export interface LicensingOptions {
  /** Ed25519, as PEM: what licences are signed with must fit it. */
  readonly publicKey: string
}

/** Who may be told over HTTP, by callbacks and by webhooks of notifications alike. */
export interface ReceiverOptions {
  /**
   * Networks that receivers may be in although they are not for everybody: `['10.0.0.0/8', '127.0.0.0/8', 'fd00::/8']`. Default none:
   * addresses of private networks, of this machine, link-local ones and cloud metadata are refused.
   */
  readonly allow?: readonly string[]
  /** A certificate authority to trust for receivers besides those of Node, as PEM. */
  readonly ca?: string
  /** How long a receiver may take, in milliseconds. Default 10 seconds. */
  readonly timeoutMs?: number
  /** All addresses of a name. Default: as the system looks names up. */
  readonly resolve?: (name: string) => Promise<readonly string[]>
}

export interface NotificationOptions {
  /** Ways to tell besides `mail` and `webhook`. */
  readonly channels?: readonly NotificationChannel[]
  /** What comes so soon after a user's last message is told together, in milliseconds. Default one minute; at most a day. */
  readonly digestMs?: number
  /**
   * How mails look: from a message with its notices to subject, text and HTML. Default: the title and the text. One that throws is
   * reported to `onError`, and the mail goes out as by default.
   *
   * @example
   * ```ts
   * mailTemplate: ({ severity, title, text }) => ({ subject: `[Acme] ${severity}: ${title}`, text: `${text}\n\nhttps://vm.example.com` })
   * ```
   */
  readonly mailTemplate?: MailTemplate
  /** A certificate authority to trust for the mail server besides those of Node, as PEM. */
  readonly mailCa?: string
}

export type MailTemplate = (message: NotificationMessage) => MailContent

export interface MailContent {
  /** One line. */
  readonly subject: string
  readonly text: string
  readonly html?: string
}

export interface TokenOptions {
  /** How long a token counts, in milliseconds. Default one hour, at most 30 days. */
  readonly lifetimeMs?: number
}

export interface OperationOptions {
  /** `false`: this kit accepts work and leaves it to others, callbacks and notifications included. Default `true`. */
  readonly work?: boolean
  /** How many are worked on side by side. Default 32. */
  readonly concurrency?: number
  /**
   * How many operations of one cluster are worked on at the same time, by all processes on this database together; one that waits
   * for a guest is not worked on. Default 16. A function answers for each cluster by its key, at once. Give every process the same.
   */
  readonly perCluster?: number | ((cluster: number) => number)
  /**
   * The same of one group, on all clusters together. Default: as many as its clusters allow; groups take turns in any case. A function
   * answers for each group by its key, at once. Give every process the same.
   */
  readonly perGroup?: number | ((group: number) => number)
  /** How often to look for work that others left, in milliseconds. Default 1000. */
  readonly pollMs?: number
  /** After how long without a sign of life another process takes over, in milliseconds. Default 8000, at least 1000. */
  readonly leaseMs?: number
}

export type EventListener = (event: DomainEvent) => void
