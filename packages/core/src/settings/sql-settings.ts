import { sql } from 'kysely'
import type { Access } from '../access/access.ts'
import type { By } from '../access/actor.ts'
import type { Database, Queries } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import { type SettingRow, parseSettingsChange, rowsOf, settingsFrom } from './setting-rules.ts'
import type { SettingValues, Settings, SettingsChange } from './settings.ts'

/** Settings in the database, one row for each that is not at its default. */
export class SqlSettings implements Settings {
  readonly #database: Database
  readonly #access: Access
  readonly #events: Events

  constructor(database: Database, access: Access, events: Events) {
    this.#database = database
    this.#access = access
    this.#events = events
  }

  async get(by?: By): Promise<SettingValues> {
    this.#access.require(by, 'settings:read')
    return load(this.#database.queries)
  }

  within(queries: Queries): Promise<SettingValues> {
    return load(queries)
  }

  async update(input: SettingsChange, by?: By): Promise<SettingValues> {
    this.#access.require(by, 'settings:write')
    const change = parseSettingsChange(input)
    return this.#database.transaction(async (queries) => {
      await this.#lock(queries)
      await write(queries, rowsOf(change))
      if (rowsOf(change).length > 0) await this.#tell(queries, change)
      return load(queries)
    })
  }

  async replace(input: SettingsChange, by?: By): Promise<SettingValues> {
    this.#access.require(by, 'settings:write')
    const values = parseSettingsChange(input)
    return this.#database.transaction(async (queries) => {
      await this.#lock(queries)
      await queries.deleteFrom('settings').execute()
      await write(queries, rowsOf(values))
      const result = await load(queries)
      await this.#tell(queries, result)
      return result
    })
  }

  async reset(by?: By): Promise<SettingValues> {
    this.#access.require(by, 'settings:write')
    return this.#database.transaction(async (queries) => {
      await this.#lock(queries)
      await queries.deleteFrom('settings').execute()
      await this.#events.append(queries, { type: 'settings.reset', subject: 'settings' })
      return load(queries)
    })
  }

  /** Those who change settings do so one after the other: a replacement must also see what was inserted just now. */
  async #lock(queries: Queries): Promise<void> {
    if (this.#database.engine === 'postgres') await sql`lock table settings in share row exclusive mode`.execute(queries)
  }

  #tell(queries: Queries, data: SettingsChange): Promise<void> {
    const told = Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined))
    return this.#events.append(queries, { type: 'settings.updated', subject: 'settings', data: told })
  }
}

async function write(queries: Queries, rows: readonly SettingRow[]): Promise<void> {
  for (const { name, value } of rows) {
    await queries
      .insertInto('settings')
      .values({ name, value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
      .execute()
  }
}

async function load(queries: Queries): Promise<SettingValues> {
  return settingsFrom(await queries.selectFrom('settings').selectAll().execute())
}
