import { VirtkitError } from '@virtkit/spi'
import { sql } from 'kysely'
import type { Queries } from '../database/database.ts'
import { lastBackup } from './backup-rules.ts'
import type { MachineState } from '../machines/machine-tables.ts'

/**
 * Ends what was under way when the backup was made: hypervisors have gone on since, and going on from there could install a machine
 * anew that is in use, or delete one that was kept in the end (docs/decisions/0024).
 *
 * Counters of contingents are taken from the machines; windows of free addresses begin anew; deliveries and sinks do not repeat what
 * was told before. Answers how many operations it ended.
 */
export async function settleRestored(
  queries: Queries,
  backup: { readonly createdAt: number },
  now: number,
): Promise<number> {
  const ended = await endOperations(queries, backup.createdAt, now)
  await queries
    .updateTable('installs')
    .set({ phase: 'failed', endedAt: now, detail: 'A backup was restored that was made during this installation.' })
    .where('endedAt', 'is', null)
    .execute()
  await queries.deleteFrom('contingentReservations').where('owner', 'like', 'operation/%').execute()
  await recount(queries)
  await queries
    .updateTable('callbackDeliveries')
    .set({ state: 'dead', endedAt: now, problem: 'A backup was restored that was made while this waited.' })
    .where('state', '=', 'due')
    .execute()
  const told = await queries
    .selectFrom('events')
    .select((select) => select.fn.max('position').as('position'))
    .executeTakeFirst()
  await queries
    .updateTable('eventCursors')
    .set({ position: told?.position ?? 0 })
    .execute()
  await sql`update addresses set pooled = 0 where pooled = 1`.execute(queries)
  // When the first of them ends is kept there: without it nobody would look for what has ended.
  await sql`insert into address_windows (network_key, next, low, expires)
    select network_key, '', '', min(expires_at) from addresses where expires_at is not null group by network_key`.execute(
    queries,
  )
  // Who made the last one, and when, is this database's business, not the backup's.
  await queries.deleteFrom('virtkitMeta').where('name', '=', lastBackup).execute()
  return ended
}

async function endOperations(queries: Queries, createdAt: number, now: number): Promise<number> {
  const running = await queries
    .selectFrom('operations')
    .select(['id', 'input', 'subject', 'kind'])
    .where('endedAt', 'is', null)
    .execute()
  await settleMachines(queries, running)
  const made = new Date(createdAt).toISOString()
  const error = new VirtkitError('CANCELLED', `A backup of ${made} was restored that was made while this was under way.`, {
    details: {},
    hint: 'Compare the machine with its hypervisor, then do it again.',
    outcome: 'unknown',
  })
  await queries
    .updateTable('operations')
    .set((set) => ({
      state: 'cancelled',
      endedAt: now,
      leaseOwner: null,
      text: null,
      error: JSON.stringify(error),
      // Whoever worked on it before the restore has lost it.
      fence: set('fence', '+', lostFences),
    }))
    .where('endedAt', 'is', null)
    .execute()
  return running.length
}

const lostFences = 1_000_000

async function settleMachines(
  queries: Queries,
  running: readonly { readonly kind: string; readonly input: string }[],
): Promise<void> {
  for (const { kind, input } of running) {
    if (kind !== 'delete-machine') continue
    const { machine, before } = JSON.parse(input) as { machine: number; before: MachineState }
    await queries
      .updateTable('machines')
      .set({ state: sql`case when ${before} = 'deployed' and ref is null then 'failed' else ${before} end` })
      .set({ scheduledDeletionAt: null })
      .where('key', '=', machine)
      .where('state', '=', 'deleting')
      .execute()
  }
  // What was half made is failed: on paper and charged, so that its owner sees it and deletes it, or installs it again.
  await queries
    .updateTable('machines')
    .set({ state: 'failed', scheduledDeletionAt: null })
    .where('state', 'in', ['installing', 'cloning', 'importing', 'deleting'])
    .execute()
}

/** Used is what machines have on paper, reserved is what reservations hold: whatever the counters said. */
async function recount(queries: Queries): Promise<void> {
  const columns = { vm: 'count(*)', cpu: 'sum(cpus)', memory: 'sum(memory_mi_b)', disk: 'sum(disk_mi_b)' }
  for (const [dimension, amount] of Object.entries(columns)) {
    await sql`update contingents set
      ${sql.ref(`${dimension}_used`)} = coalesce((
        select ${sql.raw(amount)} from machines where machines.owner_key = contingents.group_key), 0),
      ${sql.ref(`${dimension}_reserved`)} = coalesce((
        select sum(${sql.ref(dimension)}) from contingent_reservations r where r.group_key = contingents.group_key), 0)`.execute(
      queries,
    )
  }
}
