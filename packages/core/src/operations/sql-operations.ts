import { type Clock, VirtkitError, notFound } from '@virtkit/spi'
import type { Access } from '../access/access.ts'
import { acting } from '../access/acting.ts'
import type { By } from '../access/actor.ts'
import type { Database, Queries } from '../database/database.ts'
import type { EventFeed, EventPage } from '../events/events.ts'
import { type Log, noLog } from '../logs/logs.ts'
import { type Telemetry, noTelemetry } from '../telemetry/telemetry.ts'
import type { ParsedOptions } from '../options/parse-options.ts'
import { OperationClaims } from './operation-claims.ts'
import type { OperationDefinition, OperationOf } from './operation-definition.ts'
import { followOperation } from './operation-events.ts'
import { newTrace, parseStoredError, queueOf } from './operation-rules.ts'
import { type OperationRow, OperationStore, dueSinceItsBeginning } from './operation-store.ts'
import { OperationWaiters } from './operation-waiters.ts'
import { OperationWorkers } from './operation-workers.ts'
import type { Operation, OperationFilter, OperationRequest, OperationStep, Operations, Submitted } from './operations.ts'

export class SqlOperations implements Operations, AsyncDisposable {
  readonly #database: Database
  readonly #access: Access
  readonly #events: EventFeed
  readonly #clock: Clock
  readonly #ids: () => string
  readonly #definitions = new Map<string, OperationDefinition>()
  readonly #workers: OperationWorkers
  readonly #works: boolean
  readonly #waiters: OperationWaiters
  readonly #touched = new WeakSet<Queries>()
  readonly #telemetry: Telemetry

  constructor(
    database: Database,
    access: Access,
    events: EventFeed,
    clock: Clock,
    ids: () => string,
    options: ParsedOptions,
    log: Log = noLog,
    telemetry: Telemetry = noTelemetry,
  ) {
    this.#database = database
    this.#access = access
    this.#events = events
    this.#clock = clock
    this.#ids = ids
    this.#telemetry = telemetry
    const { perCluster, perGroup, work } = options.operations
    const claims = new OperationClaims(database, { ofCluster: limitOf(perCluster), ofGroup: limitOf(perGroup) })
    const parts = { store: new OperationStore(database, clock), claims, events, clock, log, telemetry }
    this.#works = work
    this.#waiters = new OperationWaiters(database, events, clock)
    this.#workers = new OperationWorkers(parts, this.#definitions, {
      ...options.operations,
      worker: ids(),
      onError: options.onError,
    })
    database.onCommit((queries) => {
      if (this.#touched.has(queries)) this.#workers.nudge()
    })
  }

  /** Begins to work, unless the options leave that to others. Until then, operations are accepted and wait. */
  start(): void {
    if (this.#works) this.#workers.start()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#workers[Symbol.asyncDispose]()
  }

  register(definition: OperationDefinition): void {
    this.#definitions.set(definition.kind, definition)
  }

  async get(id: string, by?: By): Promise<Operation> {
    return this.#toOperation(await this.#row(id, by))
  }

  async list(filter: OperationFilter = {}, by?: By): Promise<readonly Operation[]> {
    const groups = this.#access.groupsOf(this.#access.require(by, 'operations:read'))
    let query = this.#database.queries.selectFrom('operations').selectAll().orderBy('createdAt', 'desc').orderBy('id')
    if (filter.subject !== undefined) query = query.where('subject', '=', filter.subject)
    if (filter.ended !== undefined) query = query.where('endedAt', filter.ended ? 'is not' : 'is', null)
    if (groups !== 'all') query = query.where('groupKey', 'in', groups.length > 0 ? groups : [-1])
    const rows = await query.limit(Math.min(filter.limit ?? 100, 1000)).execute()
    return rows.map((row) => this.#toOperation(row))
  }

  async steps(id: string, by?: By): Promise<readonly OperationStep[]> {
    await this.#row(id, by)
    return this.#database.queries
      .selectFrom('operationSteps')
      .select(['name', 'result', 'attempts', 'startedAt', 'endedAt'])
      .where('operationId', '=', id)
      .orderBy('endedAt')
      .orderBy('step')
      .execute()
  }

  async cancel(id: string, by?: By): Promise<Operation> {
    await this.#row(id, by, 'operations:cancel')
    await this.#database.transaction(async (queries) => {
      await queries
        .updateTable('operations')
        // Before everything else of its queue.
        .set({ cancelRequested: 1, wakeAt: 0, parkedAt: 0 })
        .where('id', '=', id)
        .where('endedAt', 'is', null)
        .execute()
      this.#touched.add(queries)
    })
    this.#workers.cancel(id)
    return this.get(id, by)
  }

  async wait(id: string, options: { signal?: AbortSignal } = {}, by?: By): Promise<Operation> {
    const first = await this.get(id, by)
    if (first.endedAt !== undefined) return first
    if (this.#database.isLent) throw startsLater(first)
    await this.#waiters.untilEnded(id, options.signal)
    return this.get(id, by)
  }

  async follow(
    id: string,
    { after = 0, signal }: { after?: number; signal?: AbortSignal } = {},
    by?: By,
  ): Promise<AsyncGenerator<EventPage, void>> {
    const { subject, endedAt } = await this.#row(id, by)
    return followOperation(this.#events, { id, subject, hasEnded: endedAt !== null }, after, signal)
  }

  async submit<Input>(
    queries: Queries,
    definition: OperationOf<Input>,
    request: OperationRequest<Input>,
  ): Promise<Submitted> {
    const input = JSON.stringify(request.input)
    const isSame = (known: string): boolean => request.isSame?.(JSON.parse(known) as Input) ?? known === input
    const known = await this.#byKey(queries, request, definition.kind, isSame)
    if (known) return { ...this.#toOperation(known), isNew: false }
    await this.requireIdle(queries, request.subject)
    const now = this.#clock.now()
    const row = await queries
      .insertInto('operations')
      .values({
        id: this.#ids(),
        kind: definition.kind,
        subject: request.subject,
        key: request.key ?? null,
        input,
        outputs: '{}',
        state: 'pending',
        wakeAt: now,
        parkedAt: now,
        queue: queueOf(request),
        beat: 0,
        trace: this.#accepted(definition.kind, request.subject),
        actor: JSON.stringify(acting()),
        groupKey: request.group ?? null,
        clusterKey: request.cluster ?? null,
        createdAt: now,
        step: 0,
        attempts: 0,
        percent: 0,
        cancelRequested: 0,
        fence: 0,
      })
      // Somebody else was quicker, with the same key or the same subject: the indexes know, and what is said of it stands above.
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst()
    if (!row) return this.submit(queries, definition, request)
    await this.#events.append(queries, {
      type: 'operation.accepted',
      subject: row.subject,
      ...(row.groupKey === null ? {} : { group: row.groupKey }),
      data: { operation: row.id, kind: row.kind },
    })
    this.#touched.add(queries)
    return { ...this.#toOperation(row), isNew: true }
  }

  /** The span that all work on it is under; made up where nobody traces, so that there is one to search for. */
  #accepted(kind: string, subject: string): string {
    const parent = acting().trace
    const labels = { 'virtkit.operation.kind': kind, 'virtkit.subject': subject }
    return this.#telemetry.note(`accept ${kind}`, { kind: 'producer', parent, labels }) ?? newTrace(this.#ids, parent)
  }

  async wake(queries: Queries, id: string): Promise<void> {
    await queries
      .updateTable('operations')
      .set(dueSinceItsBeginning(this.#clock.now()))
      .where('id', '=', id)
      .where('endedAt', 'is', null)
      .execute()
    this.#touched.add(queries)
  }

  async #byKey(
    queries: Queries,
    request: { readonly key?: string; readonly subject: string },
    kind: string,
    isSame: (input: string) => boolean,
  ): Promise<OperationRow | undefined> {
    if (request.key === undefined) return undefined
    const row = await queries.selectFrom('operations').selectAll().where('key', '=', request.key).executeTakeFirst()
    if (!row || (row.kind === kind && row.subject === request.subject && isSame(row.input))) return row
    throw new VirtkitError('CONFLICT', `The idempotency key stands for another request (${row.kind} of ${row.subject}).`, {
      details: { field: 'key', with: row.id },
      hint: 'Take a new key for each new request.',
    })
  }

  /** The unique index would refuse it as well, but not in words. */
  async requireIdle(queries: Queries, subject: string): Promise<void> {
    const other = await queries
      .selectFrom('operations')
      .select(['id', 'kind'])
      .where('subject', '=', subject)
      .where('endedAt', 'is', null)
      .executeTakeFirst()
    if (!other) return
    throw new VirtkitError('CONFLICT', `Another operation of ${subject} is under way: ${other.kind}.`, {
      details: { field: 'subject', with: other.id },
      hint: `Wait for operation ${other.id}, or cancel it.`,
    })
  }

  async #row(id: string, by: By | undefined, permission = 'operations:read'): Promise<OperationRow> {
    const groups = this.#access.groupsOf(this.#access.require(by, permission))
    const row = await this.#database.queries.selectFrom('operations').selectAll().where('id', '=', id).executeTakeFirst()
    if (!row || (groups !== 'all' && !groups.includes(row.groupKey ?? -1))) throw notFound('operation', id)
    return row
  }

  #toOperation(row: OperationRow): Operation {
    const step = this.#definitions.get(row.kind)?.steps[row.step]?.name
    return {
      id: row.id,
      kind: row.kind,
      subject: row.subject,
      state: row.state,
      percent: row.percent,
      trace: row.trace,
      createdAt: row.createdAt,
      ...(step === undefined || row.endedAt !== null ? {} : { step }),
      ...(row.text === null ? {} : { text: row.text }),
      ...(row.error === null ? {} : { error: parseStoredError(row.error) }),
      ...(row.groupKey === null ? {} : { group: row.groupKey }),
      ...(row.clusterKey === null ? {} : { cluster: row.clusterKey }),
      ...(row.endedAt === null ? {} : { endedAt: row.endedAt }),
    }
  }
}

function startsLater(operation: Operation): VirtkitError {
  const text = `Inside of a transaction ${operation.kind} cannot be waited for: it starts after the commit.`
  return new VirtkitError('UNSUPPORTED', text, {
    details: { feature: 'waiting inside of a transaction' },
    hint: 'Roll back, and call it on the kit itself.',
  })
}

function limitOf(limit: number | ((key: number) => number)): (key: number) => number {
  return typeof limit === 'number' ? (): number => limit : limit
}
