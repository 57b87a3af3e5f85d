import { type Clock, type VirtkitError, systemClock } from '@virtkit/spi'
import { randomUUID } from 'node:crypto'
import { RoleAccess } from '../src/access/role-access.ts'
import { type DatabaseOptions, type OpenDatabase, openDatabase } from '../src/database/open-database.ts'
import { SqlEvents } from '../src/events/sql-events.ts'
import type { OperationOf } from '../src/operations/operation-definition.ts'
import type { Operation, OperationRequest } from '../src/operations/operations.ts'
import { SqlOperations } from '../src/operations/sql-operations.ts'
import type { OperationOptions } from '../src/options/options.ts'
import { parseOptions } from '../src/options/parse-options.ts'

const driver = { spec: 1 as const, name: 'none', options: {} as never, connect: () => Promise.reject(new Error('none')) }
const opened: AsyncDisposable[] = []

export interface TestWorker {
  readonly operations: SqlOperations
  readonly open: OpenDatabase
  readonly events: SqlEvents
  /** What went wrong in the background. */
  readonly errors: readonly VirtkitError[]
}

/** One process, so to speak: a database of its own, events and operations; it works as soon as it is started. */
export async function openWorker(
  location: DatabaseOptions,
  definitions: readonly OperationOf<never>[],
  operations: OperationOptions = {},
  clock: Clock = systemClock,
): Promise<TestWorker> {
  const errors: VirtkitError[] = []
  const options = parseOptions({
    database: location,
    drivers: [driver],
    operations: { pollMs: 20, ...operations },
    onError: (error) => errors.push(error),
  })
  const open = await openDatabase(location, clock)
  opened.push(open)
  const events = new SqlEvents(open.database, new RoleAccess(), clock, randomUUID, options)
  const sql = new SqlOperations(open.database, new RoleAccess(), events, clock, randomUUID, options)
  opened.push(sql)
  for (const definition of definitions) sql.register(definition)
  return { operations: sql, open, events, errors }
}

/** For `afterEach`. */
export async function closeWorkers(): Promise<void> {
  for (let each = opened.pop(); each; each = opened.pop()) await each[Symbol.asyncDispose]()
}

export function submit<Input>(
  from: TestWorker,
  definition: OperationOf<Input>,
  input: Input,
  more: Partial<OperationRequest<Input>> = {},
): Promise<Operation> {
  const request = { input, subject: `machine/${randomUUID()}`, ...more }
  return from.open.database.transaction((queries) => from.operations.submit(queries, definition, request))
}

export function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
