import type { Access } from '../access/access.ts'
import type { By } from '../access/actor.ts'
import type { Database, Queries } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import { parseSettingsChange, settingsFrom } from './setting-rules.ts'
import type { SettingValues, Settings } from './settings.ts'

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

  async update(input: Partial<SettingValues>, by?: By): Promise<SettingValues> {
    this.#access.require(by, 'settings:write')
    const change = Object.entries(parseSettingsChange(input)).filter(([, value]) => value !== undefined)
    return this.#database.transaction(async (queries) => {
      for (const [name, each] of change) {
        const value = JSON.stringify(each)
        await queries
          .insertInto('settings')
          .values({ name, value })
          .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
          .execute()
      }
      const event = { type: 'settings.updated', subject: 'settings', data: Object.fromEntries(change) }
      if (change.length > 0) await this.#events.append(queries, event)
      return load(queries)
    })
  }

  async reset(by?: By): Promise<SettingValues> {
    this.#access.require(by, 'settings:write')
    return this.#database.transaction(async (queries) => {
      await queries.deleteFrom('settings').execute()
      await this.#events.append(queries, { type: 'settings.reset', subject: 'settings' })
      return load(queries)
    })
  }
}

async function load(queries: Queries): Promise<SettingValues> {
  return settingsFrom(await queries.selectFrom('settings').selectAll().execute())
}
