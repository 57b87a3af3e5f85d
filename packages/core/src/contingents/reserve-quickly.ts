import { CompiledQuery } from 'kysely'
import type { Database, Queries } from '../database/database.ts'
import type { Reservation } from './contingents.ts'

/** How long several groups wait together for one that somebody else has locked. */
const patienceMs = 100

/**
 * Reserves in the shortest way that the engine has (see the migration). Answers in their order what was granted; what was not,
 * for whatever reason, changed nothing and needs the long way, which knows why. Throws `DATABASE_UNAVAILABLE` (`locked`) when
 * one of several groups is locked for long: no group waits for another one's transactions.
 */
export async function reserveQuickly(
  database: Database,
  queries: Queries,
  reservations: readonly Reservation[],
): Promise<readonly boolean[]> {
  const first = reservations[0]
  if (!first) return []
  const ask = async <Row>(text: string, values: readonly unknown[]): Promise<Row | undefined> =>
    (await queries.executeQuery<Row>(CompiledQuery.raw(text, [...values]))).rows[0]

  if (database.engine === 'sqlite') {
    const granted: boolean[] = []
    for (const each of reservations) {
      await ask(sqliteText, valuesOf(each))
      granted.push((await ask(sqliteGranted, valuesOf(each))) !== undefined)
    }
    return granted
  }
  if (reservations.length === 1) {
    const row = await ask<{ granted: boolean }>(oneText, valuesOf(first))
    return [row?.granted === true]
  }
  const owners = reservations.map(({ owner }) => owner)
  // Of an owner who is there twice, the second has a reservation already.
  const asked = reservations.filter(({ owner }, index) => owners.indexOf(owner) === index)
  const columns = valuesOf(first).map((_, column) => asked.map((each) => valuesOf(each)[column]))
  const patience = asked.some(({ groupKey }) => groupKey !== first.groupKey) ? patienceMs : null
  const row = await ask<{ granted: string }>(eachText, [...columns, patience])
  const granted = JSON.parse(row?.granted ?? '[]') as boolean[]
  return reservations.map((each) => granted[asked.indexOf(each)] === true)
}

function valuesOf({ groupKey, owner, amount, expiresAt }: Reservation): readonly (string | number)[] {
  return [groupKey, owner, amount.vm, amount.cpu, amount.memory, amount.disk, expiresAt]
}

const oneText = 'select virtkit_reserve($1, $2, $3, $4, $5, $6, $7) as granted'
const eachText = 'select array_to_json(virtkit_reserve_each($1, $2, $3, $4, $5, $6, $7, $8))::text as granted'
const sqliteText = `insert into contingent_requests (group_key, owner, vm, cpu, memory, disk, expires_at)
  values (?, ?, ?, ?, ?, ?, ?)`
// Somebody else's of the same owner and the same size is as good.
const sqliteGranted = `select 1 from contingent_reservations where group_key = ? and owner = ? and vm = ? and cpu = ?
  and memory = ? and disk = ? and expires_at = ?`
