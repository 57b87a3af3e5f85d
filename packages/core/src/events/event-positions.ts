import { sql } from 'kysely'
import type { Database } from '../database/database.ts'

/** Any number that nothing else of ours locks. */
const lock = 5_836_150_921

/**
 * Gives every event that is committed its position, in an order that later commits cannot change. On SQLite the insert has done
 * so already.
 *
 * Who is told of what another transaction did has committed after it: an event is never visible before the one that it follows
 * from. So what has become visible since the last time comes next, and within that the order of the inserts holds.
 */
export async function givePositions(database: Database): Promise<void> {
  if (database.engine === 'sqlite' || database.isLent) return
  const { rows } = await sql`select 1 from events where position is null limit 1`.execute(database.queries)
  if (rows.length === 0) return
  await database.transaction(async (queries) => {
    await sql`select pg_advisory_xact_lock(${lock})`.execute(queries)
    await sql`
      update events set position = given.position
      from (
        select seq, nextval('events_position') as position
        from (select seq from events where position is null order by seq limit 5000) as visible
      ) as given
      where events.seq = given.seq`.execute(queries)
  })
}
