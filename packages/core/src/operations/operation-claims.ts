import { type RawBuilder, sql } from 'kysely'
import type { Database, Queries } from '../database/database.ts'
import type { Lease } from './lease-watch.ts'
import { type Limits, type Queue, takeTurns } from './operation-rules.ts'
import { type OperationRow, inWork } from './operation-store.ts'

/** Named `virt` in ASCII: who holds it counts and takes; all others wait for a moment. */
const claimLock = 0x76697274
/** A process that stands still in the middle of a claim loses it, so that nobody waits for it. */
const claimTimeoutMs = 3_000

/** Each turn has a number of its own, so no more queues than these are remembered beside those that have something to do. */
const rememberedTurns = 1000

export interface ClaimWish {
  readonly worker: string
  readonly now: number
  /** How many at most. */
  readonly room: number
  /** The kinds of operation that this process knows. */
  readonly kinds: readonly string[]
  /** Leases that have died. */
  readonly dead: readonly Lease[]
  /** Operations that others are to take. */
  readonly except?: readonly string[]
}

export interface Claimed {
  readonly rows: readonly OperationRow[]
  /** When the next one is due, of the queues of which none is due now. */
  readonly nextAt: number | undefined
}

interface WaitingQueue extends Queue {
  readonly nextAt: number | null
}

/**
 * Who works on what. Claims of all processes come one after the other (on PostgreSQL by a lock that lasts as long as the
 * transaction), so what is counted stays true until it is used: no cluster and no group gets above its limit.
 */
export class OperationClaims {
  readonly #database: Database
  readonly #limits: Limits

  constructor(database: Database, limits: Limits) {
    this.#database = database
    this.#limits = limits
  }

  /** Takes the dead first: each takes the place that it held already. Then the due, in turns. */
  async claim(wish: ClaimWish): Promise<Claimed> {
    const idle = await this.#waiting(this.#database.queries, wish, 1)
    if (wish.dead.length === 0 && idle.every((queue) => queue.due === 0)) return { rows: [], nextAt: nextAt(idle) }
    return this.#database.transaction(async (queries) => {
      if (this.#database.engine === 'postgres') await lock(queries)
      const found = await this.#take(queries, wish, await this.#stillDead(queries, wish))
      const room = wish.room - found.length
      const waiting = await this.#waiting(queries, wish, room)
      const running = await runningOf(queries)
      const turns = takeTurns({ queues: waiting, running, room, limits: this.#limits })
      const rows = [...found, ...(await this.#take(queries, wish, await this.#firstOf(queries, wish, turns)))]
      await recordTurns(queries, turns)
      return { rows, nextAt: nextAt(waiting) }
    })
  }

  /** Walks from queue to queue by the index, however many operations wait in each; counts the due no further than needed. */
  async #waiting(
    queries: Queries,
    { now, kinds, except = [] }: ClaimWish,
    enough: number,
  ): Promise<readonly WaitingQueue[]> {
    const waits = sql`o.ended_at is null and o.lease_owner is null`
    const others = except.length === 0 ? sql`` : sql` and o.id not in (${sql.join(except)})`
    const ours = sql`${waits} and o.queue = walk.queue and o.kind in (${sql.join(kinds)})${others}`
    const result = await sql<WaitingQueue>`
      with recursive walk(queue) as (
        select (select o.queue from operations o where ${waits} order by o.queue limit 1)
        union all
        select (select o.queue from operations o where ${waits} and o.queue > walk.queue order by o.queue limit 1)
        from walk where walk.queue is not null
      )
      select walk.queue as name,
        coalesce((select t.turn from operation_turns t where t.queue = walk.queue), 0) as turn,
        (select count(*) from (select 1 from operations o where ${ours} and o.wake_at <= ${now} limit ${enough}) as few) as due,
        (select o.wake_at from operations o where ${ours} and o.wake_at > ${now} order by o.wake_at limit 1) as next_at
      from walk where walk.queue is not null`.execute(queries)
    return result.rows
  }

  async #stillDead(queries: Queries, { dead, room, kinds }: ClaimWish): Promise<string[]> {
    if (dead.length === 0) return []
    const rows = await queries
      .selectFrom('operations')
      .select(['id', 'fence', 'beat'])
      .where('endedAt', 'is', null)
      .where('leaseOwner', 'is not', null)
      .where('kind', 'in', kinds)
      .where(
        'id',
        'in',
        dead.map((lease) => lease.id),
      )
      .limit(room)
      .$if(this.#database.engine === 'postgres', (query) => query.forUpdate().skipLocked())
      .execute()
    const isDead = (row: Lease): boolean =>
      dead.some((lease) => lease.id === row.id && lease.fence === row.fence && lease.beat === row.beat)
    return rows.filter(isDead).map((row) => row.id)
  }

  /** Of each queue as many as it has turns, those first that are due the longest. */
  async #firstOf(queries: Queries, { now, kinds, except = [] }: ClaimWish, turns: readonly string[]): Promise<string[]> {
    if (turns.length === 0) return []
    const isPostgres = this.#database.engine === 'postgres'
    const parts = [...countOf(turns)].map(([queue, count]): RawBuilder<unknown> => {
      const first = queries
        .selectFrom('operations')
        .select('id')
        .where('endedAt', 'is', null)
        .where('leaseOwner', 'is', null)
        .where('queue', '=', queue)
        .where('wakeAt', '<=', now)
        .where('kind', 'in', kinds)
        .$if(except.length > 0, (query) => query.where('id', 'not in', except))
        .orderBy('wakeAt')
        .limit(count)
        // What somebody is just waking is taken when he has done so.
        .$if(isPostgres, (query) => query.forUpdate().skipLocked())
      return sql`select id from (${first}) as first_of`
    })
    const result = await sql<{ id: string }>`${sql.join(parts, sql` union all `)}`.execute(queries)
    return result.rows.map((row) => row.id)
  }

  async #take(queries: Queries, { worker, now }: ClaimWish, ids: readonly string[]): Promise<OperationRow[]> {
    if (ids.length === 0) return []
    return queries
      .updateTable('operations')
      .set((set) => ({
        state: sql`case when state = 'pending' then 'running' else state end`,
        leaseOwner: worker,
        beat: set('beat', '+', 1),
        wakeAt: inWork,
        fence: set('fence', '+', 1),
        stepStartedAt: sql`coalesce(step_started_at, ${now})`,
      }))
      .where('id', 'in', ids)
      .returningAll()
      .execute()
  }
}

async function lock(queries: Queries): Promise<void> {
  const timeout = String(claimTimeoutMs)
  await sql`select set_config('idle_in_transaction_session_timeout', ${timeout}, true), set_config('lock_timeout', ${timeout}, true),
    pg_advisory_xact_lock(${claimLock}, 0)`.execute(queries)
}

/** A dead worker's operation counts until somebody has taken it over: it may still be at work on the hypervisor. */
async function runningOf(queries: Queries): Promise<ReadonlyMap<string, number>> {
  const rows = await queries
    .selectFrom('operations')
    .select((select) => ['queue', select.fn.countAll<number>().as('count')])
    .where('endedAt', 'is', null)
    .where('leaseOwner', 'is not', null)
    .groupBy('queue')
    .execute()
  return new Map(rows.map((row) => [row.queue, row.count]))
}

async function recordTurns(queries: Queries, turns: readonly string[]): Promise<void> {
  if (turns.length === 0) return
  const { last } = await queries
    .selectFrom('operationTurns')
    .select((select) => select.fn.max('turn').as('last'))
    .executeTakeFirstOrThrow()
  const lastTurnOf = new Map(turns.map((queue, index) => [queue, (last ?? 0) + index + 1]))
  await queries
    .insertInto('operationTurns')
    .values([...lastTurnOf].map(([queue, turn]) => ({ queue, turn })))
    .onConflict((known) => known.column('queue').doUpdateSet((set) => ({ turn: set.ref('excluded.turn') })))
    .execute()
  await forgetTurns(queries, (last ?? 0) - rememberedTurns)
}

/**
 * Whose turn was so long ago, and who has nothing to do: it comes as if for the first time when it has again. One that waits is not
 * forgotten, or it would go before those that have waited for as long.
 */
async function forgetTurns(queries: Queries, upTo: number): Promise<void> {
  if (upTo <= 0) return
  const open = sql`select 1 from operations o where o.queue = operation_turns.queue and o.ended_at is null`
  await sql`delete from operation_turns where turn <= ${upTo}
    and not exists (${open} and o.lease_owner is null) and not exists (${open} and o.lease_owner is not null)`.execute(
    queries,
  )
}

function countOf(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

function nextAt(queues: readonly WaitingQueue[]): number | undefined {
  const times = queues.flatMap((queue) => (queue.due === 0 && queue.nextAt !== null ? [queue.nextAt] : []))
  return times.length === 0 ? undefined : Math.min(...times)
}
