import { type Clock, systemClock } from '@virtkit/spi'
import { randomUUID } from 'node:crypto'
import { Logins } from '../src/access/logins.ts'
import { ScryptPasswords } from '../src/access/passwords.ts'
import { RoleAccess } from '../src/access/role-access.ts'
import { SqlTokens } from '../src/access/sql-tokens.ts'
import { SqlUsers } from '../src/access/sql-users.ts'
import { type DatabaseOptions, type OpenDatabase, openDatabase } from '../src/database/open-database.ts'
import { SqlEvents } from '../src/events/sql-events.ts'
import { parseOptions } from '../src/options/parse-options.ts'

const driver = { spec: 1 as const, name: 'none', options: {} as never, connect: () => Promise.reject(new Error('none')) }

export interface AccessLab extends AsyncDisposable {
  readonly open: OpenDatabase
  readonly events: SqlEvents
  readonly users: SqlUsers
  readonly tokens: SqlTokens
  /** How often a password was checked. */
  readonly checks: () => number
  /** Checks that begin from now on wait for this. */
  hold(until: Promise<unknown>): void
  /** Types and subjects of what happened so far. */
  told(): Promise<string[]>
}

/** One process that knows people, with passwords that cost nothing. */
export async function openAccessLab(location: DatabaseOptions, clock: Clock = systemClock): Promise<AccessLab> {
  const open = await openDatabase(location, clock)
  const options = parseOptions({ database: location, drivers: [driver] })
  const events = new SqlEvents(open.database, new RoleAccess(), clock, randomUUID, options)
  const cheap = new ScryptPasswords({ N: 16, r: 1, p: 1 })
  let checks = 0
  let held: Promise<unknown> = Promise.resolve()
  const passwords = {
    hash: (password: string) => cheap.hash(password),
    matches: async (password: string, hash: string | undefined) => {
      checks += 1
      await held
      return cheap.matches(password, hash)
    },
  }
  const access = new RoleAccess()
  const logins = new Logins(open.database, events, clock, passwords)
  const users = new SqlUsers(open.database, access, events, clock, passwords, logins)
  const tokens = new SqlTokens(open.database, access, events, clock, users, logins, options)
  return {
    open,
    events,
    users,
    tokens,
    checks: () => checks,
    hold: (until) => void (held = until),
    told: async () => (await events.list({ limit: 1000 })).map(({ type, subject }) => `${type} ${subject}`),
    [Symbol.asyncDispose]: () => open[Symbol.asyncDispose](),
  }
}

/** A clock that stands until it is moved. */
export function standingClock(): Clock & { pass(ms: number): void } {
  let now = 1_800_000_000_000
  return {
    now: () => now,
    steady: () => now,
    sleep: (ms, signal) => systemClock.sleep(ms, signal),
    during: (work) => systemClock.during(work),
    pass: (ms) => void (now += ms),
  }
}
