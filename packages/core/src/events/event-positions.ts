import { sql } from 'kysely'
import type { Database } from '../database/database.ts'

/** Any number that nothing else of ours locks. */
const lock = 5_836_150_921

/**
 * Gives every event that is committed its position, in an order that later commits cannot change. On SQLite the insert has done
 * so already.
 *
 * A transaction's number is below `xmin` when it and every older one have ended; a number from `xmax` on is of another server: the
 * database was restored from a dump. Of two events of one transaction the first keeps the lower position.
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
        from (
          select seq from events, pg_current_snapshot() as snapshot
          where position is null and (tx < pg_snapshot_xmin(snapshot) or tx >= pg_snapshot_xmax(snapshot))
          order by tx, seq limit 5000
        ) as settled
      ) as given
      where events.seq = given.seq`.execute(queries)
  })
}
