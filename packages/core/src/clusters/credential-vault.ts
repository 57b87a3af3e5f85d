import type { Secret } from '@virtkit/spi'
import type { Selectable } from 'kysely'
import type { Keyring } from '../access/keyring.ts'
import { type Reseal, resealColumn } from '../access/reseal.ts'
import type { Queries } from '../database/database.ts'
import type { NewCredentials } from './cluster-rules.ts'
import type { ClusterTables } from './cluster-tables.ts'

export type CredentialsRow = Selectable<ClusterTables['credentials']>

/** What a driver is given of them. */
export interface OpenCredentials {
  readonly url: string
  readonly username: string
  readonly password: Secret
  readonly insecure: boolean
  readonly http: boolean
}

/** Writes and reads the rows of credentials, their passwords sealed to the place where they stand. */
export class CredentialVault {
  readonly #keyring: Keyring

  constructor(keyring: Keyring) {
    this.#keyring = keyring
  }

  /** Answers the key. In the caller's transaction: the password is sealed to a key that is known after the first write. */
  async insert(queries: Queries, credentials: NewCredentials): Promise<number> {
    const { name, url, username, insecure, http } = credentials
    const { key } = await queries
      .insertInto('credentials')
      .values({ name, url, username, password: '', insecure: Number(insecure), http: Number(http) })
      .returning('key')
      .executeTakeFirstOrThrow()
    await queries
      .updateTable('credentials')
      .set({ password: this.#keyring.seal(credentials.password, contextOf(key)) })
      .where('key', '=', key)
      .execute()
    return key
  }

  async update(queries: Queries, key: number, change: Partial<NewCredentials>): Promise<void> {
    const { name, url, username, password, insecure, http } = change
    const columns = {
      ...(name === undefined ? {} : { name }),
      ...(url === undefined ? {} : { url }),
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password: this.#keyring.seal(password, contextOf(key)) }),
      ...(insecure === undefined ? {} : { insecure: Number(insecure) }),
      ...(http === undefined ? {} : { http: Number(http) }),
    }
    if (Object.keys(columns).length === 0) return
    await queries.updateTable('credentials').set(columns).where('key', '=', key).execute()
  }

  open(row: CredentialsRow): OpenCredentials {
    const { url, username, insecure, http } = row
    const password = this.#keyring.open(row.password, contextOf(row.key))
    return { url, username, password, insecure: insecure === 1, http: http === 1 }
  }
}

/** Seals anew what an older key sealed. Answers how many. */
export const resealCredentials: Reseal = (queries, keyring) =>
  resealColumn(queries, keyring, { table: 'credentials', column: 'password', id: 'key', context: contextOf })

function contextOf(key: number): string {
  return `credentials/${key}/password`
}
