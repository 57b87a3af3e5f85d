import { type Clock, VirtkitError } from '@virtkit/spi'
import type { Access } from '../access/access.ts'
import type { By } from '../access/actor.ts'
import type { Database, Queries } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import { kitVersion } from './kit-version.ts'
import type { UpdateOptions, UpdateStatus, Updates } from './updates.ts'
import { isNewer, isVersion } from './version-rules.ts'

const askedEveryMs = 600_000
const patienceMs = 10_000

/** What was asked for, in the database; what is available, from the host's source. */
export class SqlUpdates implements Updates {
  readonly version: string
  readonly #database: Database
  readonly #access: Access
  readonly #events: Events
  readonly #clock: Clock
  readonly #source: UpdateOptions | undefined
  #asked: { readonly at: number; readonly answer: Promise<string> } | undefined

  constructor(database: Database, access: Access, events: Events, clock: Clock, source: UpdateOptions | undefined) {
    this.#database = database
    this.#access = access
    this.#events = events
    this.#clock = clock
    this.#source = source
    this.version = source?.current ?? kitVersion
  }

  async status(by?: By): Promise<UpdateStatus> {
    this.#access.require(by, 'settings:read')
    return this.#status(await this.#available(), await scheduled(this.#database.queries))
  }

  async schedule(by?: By): Promise<UpdateStatus> {
    this.#access.require(by, 'settings:write')
    if (!this.#source) {
      throw new VirtkitError('UNSUPPORTED', 'This installation is told of no updates.', {
        details: { feature: 'updates' },
        hint: 'The host hands a source of versions to createVirtkit as `updates: { available }`.',
      })
    }
    const version = await this.#available()
    if (!isNewer(version, this.version)) return this.status(by)
    return this.#database.transaction(async (queries) => {
      const row = { version, scheduledAt: this.#clock.now() }
      const { numInsertedOrUpdatedRows } = await queries
        .insertInto('scheduledUpdate')
        .values({ key: 1, ...row })
        .onConflict((before) => before.column('key').doUpdateSet(row).where('scheduledUpdate.version', '!=', version))
        .executeTakeFirst()
      if (numInsertedOrUpdatedRows === 1n) {
        const data = { version, from: this.version }
        await this.#events.append(queries, { type: 'update.scheduled', subject: 'update', data })
      }
      return this.#status(version, version)
    })
  }

  #status(availableVersion: string, wanted: string | undefined): UpdateStatus {
    return {
      currentVersion: this.version,
      availableVersion,
      isAvailable: isNewer(availableVersion, this.version),
      // Over as soon as the version runs, or one after it.
      isScheduled: wanted !== undefined && isNewer(wanted, this.version),
    }
  }

  /** Whoever asks meanwhile waits for the same answer. */
  #available(): Promise<string> {
    const now = this.#clock.now()
    if (!this.#source) return Promise.resolve('')
    if (!this.#asked || now >= this.#asked.at + askedEveryMs) this.#asked = { at: now, answer: this.#ask(this.#source) }
    return this.#asked.answer
  }

  async #ask(source: UpdateOptions): Promise<string> {
    const signal = AbortSignal.timeout(patienceMs)
    const late = new Promise<undefined>((resolve) => signal.addEventListener('abort', () => resolve(undefined)))
    const answer = await this.#clock
      .during(() => Promise.race([source.available(signal), late]))
      // The host's own affair; here it is not known, and asked for again the next time.
      .catch(() => undefined)
    if (typeof answer === 'string' && isVersion(answer)) return answer
    this.#asked = undefined
    return ''
  }
}

async function scheduled(queries: Queries): Promise<string | undefined> {
  const row = await queries.selectFrom('scheduledUpdate').select('version').where('key', '=', 1).executeTakeFirst()
  return row?.version
}
