import { isVirtkitError } from '@virtkit/spi'
import { sql } from 'kysely'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Queries } from './database.ts'

/** Less than PostgreSQL waits before it looks for a circle: who works must not be the one that is thrown out of it. */
const attempt = '300ms'
/** One time in ten it is more than that: an autovacuum gives way to who has waited so long, and no sooner. */
const longAttempt = '1500ms'
const pauseMs = 50

/**
 * Has the tables for the transaction alone, once those who are in the middle of something have ended it. Tables are locked one after
 * the other, and whoever waits for one may hold another: so what is had is given back now and then, and tried again. Throws
 * `DATABASE_UNAVAILABLE` when somebody does not end in that time.
 */
export async function lockTables(queries: Queries, tables: readonly string[], patienceMs = 30_000): Promise<void> {
  const all = sql.join(tables.map((table) => sql.table(table)))
  const endAt = performance.now() + patienceMs
  await sql`savepoint before_tables`.execute(queries)
  for (let tries = 1; ; tries += 1) {
    try {
      await sql`select set_config('lock_timeout', ${tries % 10 === 0 ? longAttempt : attempt}, true)`.execute(queries)
      await sql`lock table ${all} in access exclusive mode`.execute(queries)
      return
    } catch (error) {
      if (!isInTheWay(error) || performance.now() > endAt) throw error
    }
    await sql`rollback to savepoint before_tables`.execute(queries)
    await sleep(pauseMs)
  }
}

/** Somebody has a table, or waits for one of ours with it in hand. */
function isInTheWay(error: unknown): boolean {
  if ((error as { code?: unknown }).code === '40P01') return true
  return isVirtkitError(error, 'DATABASE_UNAVAILABLE') && error.details.reason === 'locked'
}
