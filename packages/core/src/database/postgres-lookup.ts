import type { Clock } from '@virtkit/spi'
import type { PostgresPoolClient } from 'kysely'
import type { Lookup, LookupStatement } from './database.ts'
import { toDatabaseError } from './database-errors.ts'
import { type PostgresHandle, types } from './postgres.ts'

/** SQLSTATE: there is no prepared statement of that name, or there is one already. */
const nameMeansNothing = /^(26000|42P05)$/

/**
 * Asks the pool with nothing between. The statement has a name, so that a session parses and plans it once. Behind a pooler that hands each
 * statement to another session a name means nothing: it is asked again without then, and by this pool from now on.
 */
export function postgresLookup(pool: PostgresHandle, clock: Clock): Lookup {
  let named = true
  const ask: Lookup = async ({ name, text }, value) => {
    const client = (await pool.connect()) as unknown as AskedClient
    try {
      const { rows } = await client.query({ text, values: [value], rowMode: 'array', types, ...(named && { name }) })
      return rows[0]?.[0] ?? null
    } finally {
      client.release()
    }
  }
  const askAgain = (error: unknown, ...asked: [LookupStatement, string]): Promise<string | null> => {
    if (!nameMeansNothing.test(String((error as { code?: unknown }).code))) throw error
    named = false
    return ask(...asked)
  }
  return (...asked) =>
    clock
      .during(() => ask(...asked).catch((error: unknown) => askAgain(error, ...asked)))
      .catch((error: unknown) => Promise.reject(toDatabaseError('postgres', error)))
}

/** What pg has besides the slice that kysely names. */
interface AskedClient extends Pick<PostgresPoolClient, 'release'> {
  query(asked: {
    text: string
    values: readonly string[]
    rowMode: 'array'
    types: object
    name?: string
  }): Promise<{ rows: (string | null)[][] }>
}
