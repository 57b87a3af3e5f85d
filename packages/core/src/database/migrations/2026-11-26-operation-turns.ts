import { type Kysely, sql } from 'kysely'
import type { Engine } from '../database.ts'

/**
 * Operations are worked on in turns of their queues (one for each cluster and group), and a lease is alive as long as its beat
 * grows: no clock says when it is over. See `operations/operation-tables.ts`.
 */
export async function operationTurns(db: Kysely<unknown>, engine: Engine): Promise<void> {
  // Compared byte by byte on both engines: the queues are walked in this order.
  const bytes = sql.raw(engine === 'sqlite' ? 'text' : 'text collate "C"')
  await sql`alter table operations add column queue ${bytes} not null default '/'`.execute(db)
  await sql`alter table operations add column beat integer not null default 0`.execute(db)
  await sql`alter table operations add column parked_at bigint not null default 0`.execute(db)
  await sql`update operations set parked_at = created_at, queue = coalesce(cast(cluster_key as text), '') || '/' ||
    coalesce(cast(group_key as text), '')`.execute(db)
  await sql`drop index operations_due`.execute(db)
  await sql`alter table operations drop column lease_until`.execute(db)
  await sql`create index operations_waiting on operations (queue, wake_at)
    where ended_at is null and lease_owner is null`.execute(db)
  await sql`create index operations_leased on operations (queue)
    where ended_at is null and lease_owner is not null`.execute(db)
  await sql`create table operation_turns (queue ${bytes} primary key, turn bigint not null)`.execute(db)
}
