import type { Writable } from 'node:stream'
import type { Secret } from '@virtkit/spi'
import type { By } from '../access/actor.ts'

/**
 * All that a kit keeps, in one file: versioned, with a checksum, the same for both engines, so that a backup of a SQLite file
 * restores into PostgreSQL and the other way round.
 *
 * Secrets (passwords of clusters, signing secrets, password hashes of installs) stay sealed in it. Whoever restores needs the key
 * ring that sealed them (`encryption` of createVirtkit): keep the key file, and not beside the backup.
 */
export interface Backup {
  /**
   * Writes a backup: of one moment, while others go on, in bounded memory. To a path, the file appears when it is whole, readable by
   * its owner only. Throws `UNSUPPORTED` inside of a host's transaction, `INVALID_INPUT` for a passphrase that is too short, and
   * what the sink throws.
   *
   * @example
   * ```ts
   * await kit.backup.write('/var/backups/virtkit.backup')
   * ```
   */
  write(to: BackupSink, options?: BackupWriteOptions, by?: By): Promise<BackupSummary>
  /**
   * Replaces everything with what a backup holds. Promises: the file is checked to its end before anything is touched, and then it
   * is all or nothing, in one transaction. A backup of an older version is brought up to this one. What was under way in the backup
   * ends (see docs/decisions/0024): operations as `cancelled`, their machines as `failed` or as they were before a deletion.
   *
   * Throws `INVALID_INPUT` for a file that is none, is damaged, cut off or needs another passphrase; `UNAUTHENTICATED` when the key
   * ring cannot open its secrets; `SCHEMA_TOO_NEW`; `CONFLICT` when tables of the host hang on ours; `UNSUPPORTED` as above.
   */
  restore(from: BackupSource, options?: BackupRestoreOptions, by?: By): Promise<RestoreSummary>
}

/** A path, or a stream of Node or of the web. */
export type BackupSink = string | Writable | WritableStream<Uint8Array>

/** A path, or bytes: a stream of Node or of the web will do. */
export type BackupSource = string | AsyncIterable<Uint8Array>

export interface BackupWriteOptions {
  /**
   * What opens the file. `installation` (default): the key ring, which a restore needs anyway. `none`: nothing; secrets are sealed all
   * the same.
   */
  readonly encryption?: 'installation' | 'none' | { readonly passphrase: Secret }
  /** Breaks it off: then it throws, and a path is left as it was. */
  readonly signal?: AbortSignal
}

export interface BackupRestoreOptions {
  readonly passphrase?: Secret
}

export interface BackupSummary {
  /** Milliseconds since the epoch: the moment of which it is. */
  readonly createdAt: number
  readonly installation: string
  readonly rows: number
  readonly bytes: number
}

export interface RestoreSummary extends Omit<BackupSummary, 'bytes'> {
  /** What was under way in the backup and has been ended. */
  readonly endedOperations: number
  /** The backup is of another database than this kit was opened on: close the kit, and others on this database, and open anew. */
  readonly reopen: boolean
}
