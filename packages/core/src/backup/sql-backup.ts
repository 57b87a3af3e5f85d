import { randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, open, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Clock, VirtkitError } from '@virtkit/spi'
import type { Access } from '../access/access.ts'
import type { By } from '../access/actor.ts'
import type { Keyring } from '../access/keyring.ts'
import type { Database } from '../database/database.ts'
import { migrations } from '../database/migrations/index.ts'
import type { Events } from '../events/events.ts'
import type {
  Backup,
  BackupRestoreOptions,
  BackupSink,
  BackupSource,
  BackupSummary,
  BackupWriteOptions,
  RestoreSummary,
} from './backup.ts'
import { renderBackup } from './backup-frames.ts'
import { newFileKey, ringProof } from './backup-key.ts'
import { type BackupHeader, renderRecord } from './backup-rules.ts'
import { type OpenBackup, checkFile, openBackup } from './open-backup.ts'
import { migrationsOf, openSnapshot, readRecords } from './read-snapshot.ts'
import { replaceAll, requireOwn } from './replace-all.ts'
import { settleRestored } from './settle-restored.ts'

export class SqlBackup implements Backup {
  readonly #database: Database
  readonly #access: Access
  readonly #events: Events
  readonly #keyring: Keyring
  readonly #clock: Clock
  readonly #installation: string

  constructor(database: Database, access: Access, events: Events, keyring: Keyring, clock: Clock, installation: string) {
    this.#database = database
    this.#access = access
    this.#events = events
    this.#keyring = keyring
    this.#clock = clock
    this.#installation = installation
  }

  async write(to: BackupSink, options: BackupWriteOptions = {}, by?: By): Promise<BackupSummary> {
    this.#access.require(by, 'backup:read')
    requireOwn(this.#database)
    if (typeof to === 'string') return this.#writeFile(to, options)
    return this.#write(to instanceof WritableStream ? Writable.fromWeb(to) : to, options)
  }

  async restore(from: BackupSource, options: BackupRestoreOptions = {}, by?: By): Promise<RestoreSummary> {
    this.#access.require(by, 'backup:write')
    requireOwn(this.#database)
    if (typeof from === 'string') return this.#restore(from, options)
    // It is read twice, so it must lie somewhere; as it came, encrypted.
    const folder = await mkdtemp(join(tmpdir(), 'virtkit-restore-'))
    try {
      const path = join(folder, 'backup')
      await pipeline(Readable.from(from), createWriteStream(path, { mode: 0o600 }))
      return await this.#restore(path, options)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  async #writeFile(path: string, options: BackupWriteOptions): Promise<BackupSummary> {
    const draft = `${path}.part`
    const file = await open(draft, 'w', 0o600)
    try {
      const summary = await this.#write(file.createWriteStream({ flush: true }), options)
      await rename(draft, path)
      await syncFolder(dirname(path))
      return summary
    } catch (error) {
      await file.close()
      await rm(draft, { force: true })
      throw error
    }
  }

  async #write(sink: Writable, options: BackupWriteOptions): Promise<BackupSummary> {
    const id = randomUUID()
    const { key, encryption } = await newFileKey(this.#keyring, id, options.encryption)
    await using snapshot = await openSnapshot(this.#database)
    const createdAt = this.#clock.now()
    const header: BackupHeader = {
      id,
      createdAt,
      installation: this.#installation,
      migrations: await migrationsOf(snapshot.queries),
      encryption,
      ring: ringProof(this.#keyring, id),
    }
    let rows = 0
    let bytes = 0
    const records = readRecords(this.#database, snapshot.queries)
    const lines = async function* (): AsyncGenerator<string> {
      for await (const record of records) {
        if ('rows' in record) rows = record.rows
        yield renderRecord(record)
      }
    }
    const counted = async function* (): AsyncGenerator<Buffer> {
      for await (const part of renderBackup(header, key, lines())) {
        bytes += part.length
        yield part
      }
    }
    await pipeline(Readable.from(counted()), sink, options.signal ? { signal: options.signal } : {})
    return { createdAt, installation: this.#installation, rows, bytes }
  }

  async #restore(path: string, { passphrase }: BackupRestoreOptions): Promise<RestoreSummary> {
    const begin = (): Promise<OpenBackup> => openBackup(createReadStream(path), this.#keyring, passphrase)
    await checkFile(path)
    const { header, rows } = await this.#check(begin)
    const now = this.#clock.now()
    const { engine } = this.#database
    const endedOperations = await this.#database.transaction(async (queries) => {
      const backup = await begin()
      await replaceAll(engine, queries, { migrations: header.migrations, records: backup.records }, now)
      const ended = await settleRestored(queries, header, now)
      const data = { createdAt: header.createdAt, installation: header.installation, endedOperations: ended }
      await this.#events.append(queries, { type: 'backup.restored', subject: 'backup', data })
      return ended
    })
    const { createdAt, installation } = header
    return { createdAt, installation, rows, endedOperations, reopen: installation !== this.#installation }
  }

  /** Reads it to its end. */
  async #check(begin: () => Promise<OpenBackup>): Promise<{ header: BackupHeader; rows: number }> {
    const { header, records } = await begin()
    const newer = header.migrations.find((name) => !migrations.some((known) => known.name === name))
    if (newer !== undefined) {
      throw new VirtkitError('SCHEMA_TOO_NEW', `This backup was made by a newer version of Virtkit (${newer}).`, {
        details: { found: newer, known: migrations.at(-1)?.name ?? 'none' },
        hint: 'Update Virtkit, then restore.',
      })
    }
    let rows = 0
    for await (const record of records) if ('row' in record) rows += 1
    return { header, rows }
  }
}

/** So that the file's name survives a loss of power as well; not every system lets one do that. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined)
  try {
    await folder?.sync().catch(() => {})
  } finally {
    await folder?.close()
  }
}
