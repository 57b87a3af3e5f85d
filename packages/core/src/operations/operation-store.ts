import { type VirtkitError } from '@virtkit/spi'
import { type Selectable, sql } from 'kysely'
import type { Database, Queries } from '../database/database.ts'
import type { OperationTables } from './operation-tables.ts'

export type OperationRow = Selectable<OperationTables['operations']>

/** `wakeAt` of an operation that somebody works on: whoever wakes it lowers it. */
const inWork = 2 ** 52

/** A worker's claim has been taken over by another; nothing that it still does counts. */
export class ClaimLost extends Error {}

/** What the workers read and write. Every write of a claimed operation checks the claim's fencing token. */
export class OperationStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Takes due operations, and those whose worker has died. */
  async claim(worker: string, now: number, leaseMs: number, limit: number): Promise<OperationRow[]> {
    const due = this.#database.queries
      .selectFrom('operations')
      .select('id')
      .where('endedAt', 'is', null)
      .where((where) =>
        where.or([where.and([where('leaseUntil', 'is', null), where('wakeAt', '<=', now)]), where('leaseUntil', '<', now)]),
      )
      .orderBy('wakeAt')
      .limit(limit)
    const locked = this.#database.engine === 'postgres' ? due.forUpdate().skipLocked() : due
    // Looking first spares SQLite the write lock while there is nothing to do.
    if (this.#database.engine === 'sqlite' && !(await due.limit(1).executeTakeFirst())) return []
    return this.#database.transaction((queries) =>
      queries
        .updateTable('operations')
        .set((set) => ({
          state: sql`case when state = 'pending' then 'running' else state end`,
          leaseOwner: worker,
          leaseUntil: now + leaseMs,
          wakeAt: inWork,
          fence: set('fence', '+', 1),
          stepStartedAt: sql`coalesce(step_started_at, ${now})`,
        }))
        .where('id', 'in', locked)
        .returningAll()
        .execute(),
    )
  }

  /** Renews every lease of a worker; answers those that are asked to cancel. */
  async renew(
    worker: string,
    now: number,
    leaseMs: number,
  ): Promise<{ id: string; fence: number; cancelRequested: number }[]> {
    return this.#database.queries
      .updateTable('operations')
      .set({ leaseUntil: now + leaseMs })
      .where('leaseOwner', '=', worker)
      .where('endedAt', 'is', null)
      .returning(['id', 'fence', 'cancelRequested'])
      .execute()
  }

  /** Gives back what a closing worker has claimed, to be taken up at once. */
  async abandon(worker: string, now: number): Promise<void> {
    await this.#database.queries
      .updateTable('operations')
      .set({ leaseOwner: null, leaseUntil: null, wakeAt: now })
      .where('leaseOwner', '=', worker)
      .where('endedAt', 'is', null)
      .execute()
  }

  /** Changes a claimed operation together with whatever `more` writes. Throws `ClaimLost`. */
  async write(
    claim: OperationRow,
    change: Partial<OperationRow>,
    more?: (queries: Queries) => Promise<void>,
  ): Promise<OperationRow> {
    await this.#database.transaction(async (queries) => {
      const result = await queries
        .updateTable('operations')
        .set(change)
        .where('id', '=', claim.id)
        .where('fence', '=', claim.fence)
        .where('leaseOwner', '=', claim.leaseOwner)
        .executeTakeFirst()
      if (result.numUpdatedRows !== 1n) throw new ClaimLost()
      await more?.(queries)
    })
    return { ...claim, ...change }
  }

  /** Lets go of an operation until `wakeAt`, or earlier if somebody woke it since it was claimed. */
  async park(claim: OperationRow, wakeAt: number, change: Partial<OperationRow> = {}): Promise<void> {
    await this.#database.transaction(async (queries) => {
      const result = await queries
        .updateTable('operations')
        .set({
          ...change,
          leaseOwner: null,
          leaseUntil: null,
          wakeAt: sql<number>`case when wake_at < ${inWork} then wake_at else ${wakeAt} end`,
        })
        .where('id', '=', claim.id)
        .where('fence', '=', claim.fence)
        .where('leaseOwner', '=', claim.leaseOwner)
        .executeTakeFirst()
      if (result.numUpdatedRows !== 1n) throw new ClaimLost()
    })
  }

  async recordStep(
    queries: Queries,
    claim: OperationRow,
    step: { step: number; name: string; result: 'done' | 'undone' | 'undo-failed'; endedAt: number },
  ): Promise<void> {
    await queries
      .insertInto('operationSteps')
      .values({
        operationId: claim.id,
        attempts: claim.attempts + 1,
        startedAt: claim.stepStartedAt ?? step.endedAt,
        ...step,
      })
      .execute()
  }

  /** When the next operation is due, of those that nobody works on. */
  async nextDueAt(): Promise<number | undefined> {
    const row = await this.#database.queries
      .selectFrom('operations')
      .select((select) => select.fn.min('wakeAt').as('at'))
      .where('endedAt', 'is', null)
      .where('leaseUntil', 'is', null)
      .executeTakeFirst()
    return row?.at ?? undefined
  }
}

export function storedError(error: VirtkitError): string {
  return JSON.stringify(error.toJSON())
}
