import type { Secret } from '@virtkit/spi'
import type { Selectable } from 'kysely'
import type { Access } from '../access/access.ts'
import type { By } from '../access/actor.ts'
import type { Keyring } from '../access/keyring.ts'
import type { Database, Queries } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import { passwordContext } from './mail-password.ts'
import { mailDefaults, parseMailSettings } from './mail-rules.ts'
import type { MailAccount, MailSettingInput, MailSettingValues, MailSettings } from './mail-settings.ts'
import type { NotificationTables } from './notification-tables.ts'

/** The mail settings in their one row, the password sealed. */
export class SqlMailSettings implements MailSettings {
  readonly #database: Database
  readonly #access: Access
  readonly #events: Events
  readonly #keyring: Keyring

  constructor(database: Database, access: Access, events: Events, keyring: Keyring) {
    this.#database = database
    this.#access = access
    this.#events = events
    this.#keyring = keyring
  }

  async get(by?: By): Promise<MailSettingValues> {
    this.#access.require(by, 'settings:read')
    return toValues(await load(this.#database.queries))
  }

  async replace(input: MailSettingInput, by?: By): Promise<MailSettingValues> {
    this.#access.require(by, 'settings:write')
    return this.#database.transaction(async (queries) => {
      const before = await load(queries)
      const { values, keepsPassword } = parseMailSettings(input, toValues(before))
      const { password: given, ...columns } = values
      const password = given ? this.#keyring.seal(given, passwordContext) : keepsPassword ? (before?.password ?? '') : ''
      const row = { ...columns, password }
      await queries
        .insertInto('mailSettings')
        .values({ key: 1, ...row })
        .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
        .execute()
      const { server, port, username, sender, security } = values
      const data = { server, port, username, sender, security, passwordChanged: given !== undefined }
      await this.#events.append(queries, { type: 'mail-settings.updated', subject: 'mail-settings', data })
      return toValues(await load(queries))
    })
  }

  async reset(by?: By): Promise<MailSettingValues> {
    this.#access.require(by, 'settings:write')
    await this.#database.transaction(async (queries) => {
      await queries.deleteFrom('mailSettings').execute()
      await this.#events.append(queries, { type: 'mail-settings.reset', subject: 'mail-settings' })
    })
    return mailDefaults
  }

  async forSending(): Promise<MailAccount | undefined> {
    const row = await load(this.#database.queries)
    if (!row || row.server === '') return undefined
    const password: Secret | undefined = row.password ? this.#keyring.open(row.password, passwordContext) : undefined
    return { ...toValues(row), ...(password ? { password } : {}) }
  }
}

type MailSettingsRow = Selectable<NotificationTables['mailSettings']>

function load(queries: Queries): Promise<MailSettingsRow | undefined> {
  return queries.selectFrom('mailSettings').selectAll().where('key', '=', 1).executeTakeFirst()
}

function toValues(row: MailSettingsRow | undefined): MailSettingValues {
  if (!row) return mailDefaults
  const { server, port, username, sender, security, password } = row
  return { server, port, username, sender, security, hasPassword: password !== '' }
}
