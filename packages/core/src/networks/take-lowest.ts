import { CompiledQuery, sql } from 'kysely'
import type { Database, Queries } from '../database/database.ts'
import type { AddressRequest } from './addresses.ts'

/**
 * Gives each of the owners the lowest address of the network's window, in the shortest way that the engine has: on PostgreSQL one
 * call of a function (see the migration), on SQLite one statement each. Answers in their order, `undefined` for those who got none:
 * who has an address already, when something on the network has ended before `now` and is to be cleared up first (not asked when
 * it is null), and when the window is empty.
 */
export async function takeLowest(
  database: Database,
  queries: Queries,
  requests: readonly AddressRequest[],
  now: number | null,
): Promise<readonly (string | undefined)[]> {
  const first = requests[0]
  if (!first) return []
  const ask = async <Row>(text: string, values: readonly unknown[]): Promise<Row | undefined> =>
    (await queries.executeQuery<Row>(CompiledQuery.raw(text, [...values]))).rows[0]

  if (database.engine === 'sqlite') {
    const taken: (string | undefined)[] = []
    for (const { networkKey, owner, holdUntil } of requests) {
      const ends = holdUntil ?? null
      const state = ends === null ? 'used' : 'held'
      const values = [state, owner, ends, networkKey, networkKey, owner, networkKey, now]
      taken.push((await ask<{ address: string }>(sqliteText, values))?.address)
    }
    return taken
  }
  if (requests.length === 1) {
    const row = await ask<{ taken: string | null }>(oneText, [first.networkKey, first.owner, first.holdUntil ?? null, now])
    return [row?.taken ?? undefined]
  }
  const owners = requests.map(({ owner }) => owner)
  const ends = requests.map(({ holdUntil }) => holdUntil ?? null)
  const row = await ask<{ taken: string }>(eachText, [first.networkKey, owners, ends, now])
  return (JSON.parse(row?.taken ?? '[]') as (string | null)[]).map((address) => address ?? undefined)
}

const oneText = 'select virtkit_take_lowest($1, $2, $3, $4) as taken'
const eachText = 'select array_to_json(virtkit_take_lowest_each($1, $2, $3, $4))::text as taken'

// A trigger takes it out of the window.
const sqliteText = `insert into addresses (network_key, address, state, owner, expires_at, pooled)
  select free.network_key, free.address, ?, ?, ?, 1 from free_addresses as free
  where free.network_key = ?
    and not exists (select 1 from addresses as own where own.network_key = ? and own.owner = ?)
    and not exists (select 1 from addresses as other where other.network_key = ? and other.expires_at < ?)
  order by free.address limit 1 returning address`

/** Waits until the lowest address of the window that somebody is about to take is theirs, or free after all: then true. */
export async function waitForLowest(database: Database, queries: Queries, networkKey: number): Promise<boolean> {
  if (database.engine === 'sqlite') return false
  const { rows } = await sql`select address from free_addresses where network_key = ${networkKey}
    order by address limit 1 for update`.execute(queries)
  return rows.length > 0
}
