import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, toVirtkitError } from '@virtkit/spi'
import type { Database } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import type { ParsedOptions } from '../options/parse-options.ts'
import type { Backup } from './backup.ts'
import { backupFileName, lastBackup, outdated } from './backup-rules.ts'

const lookMs = 60_000
const beatMs = 60_000
/** Silent for so long, whoever made one is gone. */
const goneMs = 10 * beatMs
const retryMs = 3600_000

/** Who makes one now, or when the next is due. */
interface Turn {
  readonly by: string | null
  readonly beatAt: number
  readonly nextAt: number
}

/**
 * Makes a backup into a folder now and then, and removes those that have been kept long enough: the first when there is none, then
 * each `everyMs`. Of all processes on the database one makes it; when that one dies, another does.
 *
 * A failure is told by the event `backup.failed` and tried again within an hour; nothing is removed then.
 */
export class DailyBackups implements AsyncDisposable {
  readonly #database: Database
  readonly #backup: Backup
  readonly #events: Events
  readonly #clock: Clock
  readonly #options: ParsedOptions
  readonly #id: string
  readonly #closing = new AbortController()
  #running: Promise<void> | undefined

  constructor(database: Database, backup: Backup, events: Events, clock: Clock, ids: () => string, options: ParsedOptions) {
    this.#database = database
    this.#backup = backup
    this.#events = events
    this.#clock = clock
    this.#options = options
    this.#id = ids()
  }

  /** Begins, if the host has named a folder. Promises: again, no effect. */
  start(): void {
    if (this.#options.backup && !this.#closing.signal.aborted) this.#running ??= this.#run()
  }

  /** Breaks off what is under way; another process, or the next start, does it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      try {
        if (await this.#claim()) await this.#make()
      } catch (error) {
        if (!signal.aborted) this.#options.onError(toVirtkitError(error))
      }
      const pauseMs = Math.min(lookMs, (this.#options.backup?.everyMs ?? lookMs) / 2)
      await this.#clock.sleep(pauseMs, signal).catch(() => {})
    }
  }

  async #claim(): Promise<boolean> {
    const now = this.#clock.now()
    const { turn, text } = await this.#read()
    if (turn && (turn.by === null ? now < turn.nextAt : now < turn.beatAt + goneMs)) return false
    return this.#write(text, { by: this.#id, beatAt: now, nextAt: now })
  }

  async #make(): Promise<void> {
    const { folder = '', keepDays, everyMs } = this.#options.backup ?? {}
    const startedAt = this.#clock.now()
    const done = new AbortController()
    const beats = this.#beat(AbortSignal.any([done.signal, this.#closing.signal]))
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const file = backupFileName(startedAt)
      const { rows, bytes } = await this.#backup.write(join(folder, file), { signal: this.#closing.signal })
      await this.#end(startedAt + (everyMs ?? 0), { type: 'backup.made', data: { file, rows, bytes } })
      for (const name of outdated(await readdir(folder), keepDays ?? 0, startedAt))
        await rm(join(folder, name), { force: true })
    } catch (error) {
      if (this.#closing.signal.aborted) await this.#end(startedAt)
      else {
        const { code } = toVirtkitError(error)
        const reason = String((error as { code?: unknown }).code ?? code)
        await this.#end(startedAt + Math.min(everyMs ?? retryMs, retryMs), {
          type: 'backup.failed',
          data: { code, reason },
        })
        this.#options.onError(toVirtkitError(error))
      }
    } finally {
      done.abort()
      await beats
    }
  }

  async #beat(until: AbortSignal): Promise<void> {
    for (;;) {
      await this.#clock.sleep(beatMs, until).catch(() => {})
      if (until.aborted) return
      const { turn, text } = await this.#read().catch(() => ({ turn: undefined, text: undefined }))
      if (turn?.by === this.#id) await this.#write(text, { ...turn, beatAt: this.#clock.now() }).catch(() => {})
    }
  }

  /** Gives the turn away, and tells how it went in the same commit. */
  async #end(nextAt: number, event?: { readonly type: string; readonly data: Record<string, unknown> }): Promise<void> {
    const value = JSON.stringify({ by: null, beatAt: this.#clock.now(), nextAt } satisfies Turn)
    await this.#database.transaction(async (queries) => {
      await queries.updateTable('virtkitMeta').set({ value }).where('name', '=', lastBackup).execute()
      if (event) await this.#events.append(queries, { ...event, subject: 'backup' })
    })
  }

  async #read(): Promise<{ turn: Turn | undefined; text: string | undefined }> {
    const row = await this.#database.queries
      .selectFrom('virtkitMeta')
      .select('value')
      .where('name', '=', lastBackup)
      .executeTakeFirst()
    return { turn: row && (JSON.parse(row.value) as Turn), text: row?.value }
  }

  /** Of two who saw the same, one writes. */
  async #write(seen: string | undefined, turn: Turn): Promise<boolean> {
    const value = JSON.stringify(turn)
    const { queries } = this.#database
    if (seen === undefined) {
      const made = await queries
        .insertInto('virtkitMeta')
        .values({ name: lastBackup, value })
        .onConflict((known) => known.column('name').doNothing())
        .executeTakeFirst()
      return made.numInsertedOrUpdatedRows === 1n
    }
    const changed = await queries
      .updateTable('virtkitMeta')
      .set({ value })
      .where('name', '=', lastBackup)
      .where('value', '=', seen)
      .executeTakeFirst()
    return changed.numUpdatedRows === 1n
  }
}
