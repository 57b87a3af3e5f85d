import { isVirtkitError } from '@virtkit/spi'
import { sql } from 'kysely'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Queries } from '../database/database.ts'

/** Less than PostgreSQL waits before it looks for a circle: who works must never be the one that is thrown out of it. */
const attempt = '300ms'
const pauseMs = 50
/** Of the restore, in all. */
const patienceMs = 30_000

/**
 * Has the tables for the transaction alone, once those who are in the middle of something have ended it. Tables are locked one after
 * the other, and whoever waits for one may hold another: so what is had is given back now and then, and tried again. Throws
 * `DATABASE_UNAVAILABLE` when somebody does not end.
 */
export async function lockTables(queries: Queries, tables: readonly string[]): Promise<void> {
  const all = sql.join(tables.map((table) => sql.table(table)))
  await sql`select set_config('lock_timeout', ${attempt}, true)`.execute(queries)
  const endAt = performance.now() + patienceMs
  for (;;) {
    await sql`savepoint before_tables`.execute(queries)
    try {
      await sql`lock table ${all} in access exclusive mode`.execute(queries)
      return
    } catch (error) {
      const isLocked = isVirtkitError(error, 'DATABASE_UNAVAILABLE') && error.details.reason === 'locked'
      if (!isLocked || performance.now() > endAt) throw error
    }
    await sql`rollback to savepoint before_tables`.execute(queries)
    await sleep(pauseMs)
  }
}
