import { type Clock, VirtkitError, toVirtkitError } from '@virtkit/spi'
import { type RawBuilder, type Selectable, sql } from 'kysely'
import type { Database, Engine, Queries } from '../database/database.ts'
import { toDatabaseError } from '../database/database-errors.ts'
import type { Lease } from './lease-watch.ts'
import { isOutage } from './operation-rules.ts'
import type { OperationTables } from './operation-tables.ts'

export type OperationRow = Selectable<OperationTables['operations']>

/** `wakeAt` of an operation that somebody works on: whoever wakes it lowers it. */
export const inWork: number = 2 ** 52
/** Clocks of several processes differ by less; what was let go of later than that from now was so by a clock that ran ahead. */
const toleratedSkewMs = 60_000

/** A worker's claim has been taken over by another; nothing that it still does counts. */
export class ClaimLost extends Error {}

/** What the workers read and write. Every write of a claimed operation checks the claim's fencing token. */
export class OperationStore {
  readonly #database: Database
  readonly #clock: Clock

  constructor(database: Database, clock: Clock) {
    this.#database = database
    this.#clock = clock
  }

  /** Says that a worker lives and works on these; answers those that are still its own. */
  async renew(
    worker: string,
    ids: readonly string[],
  ): Promise<readonly { id: string; fence: number; cancelRequested: number }[]> {
    return this.#database.queries
      .updateTable('operations')
      .set((set) => ({ beat: set('beat', '+', 1) }))
      .where('id', 'in', ids)
      .where('leaseOwner', '=', worker)
      .where('endedAt', 'is', null)
      .returning(['id', 'fence', 'cancelRequested'])
      .execute()
  }

  /** Everything that is leased, by whomever. */
  async leases(): Promise<readonly Lease[]> {
    return this.#database.queries
      .selectFrom('operations')
      .select(['id', 'fence', 'beat'])
      .where('endedAt', 'is', null)
      .where('leaseOwner', 'is not', null)
      .execute()
  }

  /**
   * What was let go of in a future that is not to come, because a clock ran ahead and was put right, waits from now on for as long
   * as it was meant to.
   */
  async putRight(now: number): Promise<void> {
    const isAhead = now + toleratedSkewMs
    const ahead = await this.#database.queries
      .selectFrom('operations')
      .select('id')
      .where('endedAt', 'is', null)
      .where('leaseOwner', 'is', null)
      .where('parkedAt', '>', isAhead)
      .execute()
    if (ahead.length === 0) return
    await this.#database.queries
      .updateTable('operations')
      .set((set) => ({ wakeAt: sql`${now} + wake_at - parked_at`, parkedAt: set.val(now) }))
      .where(
        'id',
        'in',
        ahead.map((row) => row.id),
      )
      .where('endedAt', 'is', null)
      .where('leaseOwner', 'is', null)
      .where('parkedAt', '>', isAhead)
      .execute()
  }

  /** Gives back what a closing worker has claimed, to be taken up at once. */
  async abandon(worker: string, now: number): Promise<void> {
    await this.#database.queries
      .updateTable('operations')
      .set({ leaseOwner: null, ...dueSinceItsBeginning(now) })
      .where('leaseOwner', '=', worker)
      .where('endedAt', 'is', null)
      .execute()
  }

  /**
   * Changes a claimed operation together with whatever `more` writes; answers it, with what others asked of it meanwhile. With
   * `letGo` it also lets go of it until `wakeAt`, or earlier if somebody woke it since it was claimed. Throws `ClaimLost`, what
   * `more` throws (then nothing is written), and `DATABASE_UNAVAILABLE` when it is not known what is written.
   */
  async write(
    claim: OperationRow,
    change: Partial<OperationRow>,
    more?: (queries: Queries) => Promise<void>,
    letGo?: { readonly wakeAt: number },
  ): Promise<OperationRow> {
    let isWritten = false
    try {
      const { cancelRequested } = await this.#database.transaction(async (queries) => {
        isWritten = false
        const row = await queries
          .updateTable('operations')
          .set(letGo ? { ...change, ...this.#lettingGo(letGo.wakeAt) } : change)
          .where('id', '=', claim.id)
          .where('fence', '=', claim.fence)
          .where('leaseOwner', '=', claim.leaseOwner)
          .returning('cancelRequested')
          .executeTakeFirst()
        if (!row) throw new ClaimLost()
        await more?.(queries)
        isWritten = true
        return row
      })
      return { ...claim, ...change, cancelRequested }
    } catch (error) {
      throw isWritten ? commitUnknown(this.#database.engine, error) : error
    }
  }

  /** Lets go of an operation until `wakeAt`, or earlier if somebody woke it since it was claimed. */
  async park(claim: OperationRow, wakeAt: number, change: Partial<OperationRow> = {}): Promise<void> {
    await this.#database.transaction(async (queries) => {
      const result = await queries
        .updateTable('operations')
        .set({ ...change, ...this.#lettingGo(wakeAt) })
        .where('id', '=', claim.id)
        .where('fence', '=', claim.fence)
        .where('leaseOwner', '=', claim.leaseOwner)
        .executeTakeFirst()
      if (result.numUpdatedRows !== 1n) throw new ClaimLost()
    })
  }

  /** Whoever woke the operation while it was claimed has lowered `wakeAt`, and is not forgotten. */
  #lettingGo(wakeAt: number): { leaseOwner: null; parkedAt: number; wakeAt: RawBuilder<number> } {
    return {
      leaseOwner: null,
      parkedAt: this.#clock.now(),
      wakeAt: sql<number>`case when wake_at < ${inWork} then wake_at else ${wakeAt} end`,
    }
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
}

/** For `wake`: due, and before all that came later. A beginning that a clock running ahead has put into the future is now. */
export function dueSinceItsBeginning(now: number): { wakeAt: RawBuilder<number>; parkedAt: RawBuilder<number> } {
  const beginning = sql<number>`case when created_at < ${now} then created_at else ${now} end`
  return { wakeAt: beginning, parkedAt: beginning }
}

/** The commit was asked for, and no good answer came. */
function commitUnknown(engine: Engine, cause: unknown): unknown {
  const error = toVirtkitError(toDatabaseError(engine, cause))
  if (isOutage(error)) return error
  return new VirtkitError('DATABASE_UNAVAILABLE', 'The database did not say whether it has written.', {
    details: { engine, reason: 'unreachable' },
    cause,
    outcome: 'unknown',
  })
}

export function storedError(error: VirtkitError): string {
  return JSON.stringify(error.toJSON())
}
