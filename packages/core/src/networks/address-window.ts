import type { Database, Queries } from '../database/database.ts'
import { type AddressPool, addressesFrom, fromAddressKey, toAddressKey } from './address-rules.ts'

/** How many addresses are put into the window at a time. */
const chunk = 256
/** With fewer than so many free ones, the window is filled again before it is empty. */
const low = 128

/** Makes the window's row where there is none: what locks it finds it. */
export async function openWindow(queries: Queries, networkKey: number): Promise<void> {
  await queries
    .insertInto('addressWindows')
    .values({ networkKey, next: '' })
    .onConflict((known) => known.column('networkKey').doNothing())
    .execute()
}

/** Holds the window until the end of the caller's transaction: nobody else fills or closes it. Answers where it goes on. */
export async function lockWindow(database: Database, queries: Queries, networkKey: number): Promise<string | null> {
  for (;;) {
    const window = queries
      .selectFrom('addressWindows')
      .select('next')
      .where('networkKey', '=', networkKey)
      .$if(database.engine === 'postgres', (query) => query.forUpdate())
    const row = await window.executeTakeFirst()
    if (row) return row.next
    await openWindow(queries, networkKey)
  }
}

/** Puts the next free addresses of the pool into the window, whose lock the caller has. Promises: some, unless there is none. */
export async function fillWindow(
  queries: Queries,
  networkKey: number,
  pool: AddressPool,
  from: string | null,
): Promise<void> {
  let next = from
  for (let found = 0; next !== null && found === 0;) {
    const step = addressesFrom(pool, startOf(pool, next) ?? pool.first, chunk)
    const toKey = (value: bigint): string => toAddressKey({ version: pool.network.version, value })
    next = step.next === undefined ? null : toKey(step.next)
    found = step.addresses.length === 0 ? 0 : await addFree(queries, networkKey, step.addresses.map(toKey))
  }
  await queries.updateTable('addressWindows').set({ next }).where('networkKey', '=', networkKey).execute()
}

/** Those of the addresses that nobody has are free from now on; the others will be when they are given back. Answers how many. */
async function addFree(queries: Queries, networkKey: number, addresses: readonly string[]): Promise<number> {
  const taken = await queries
    .updateTable('addresses')
    .set({ pooled: 1 })
    .where('networkKey', '=', networkKey)
    .where('address', 'in', addresses)
    .returning('address')
    .execute()
  const isTaken = new Set(taken.map(({ address }) => address))
  const free = addresses.filter((address) => !isTaken.has(address)).map((address) => ({ networkKey, address }))
  if (free.length > 0) await queries.insertInto('freeAddresses').values(free).execute()
  return free.length
}

/** True when the window has more to come and little left. */
async function isWindowLow(queries: Queries, networkKey: number): Promise<boolean> {
  const window = await queries
    .selectFrom('addressWindows')
    .select('next')
    .where('networkKey', '=', networkKey)
    .executeTakeFirst()
  if (!window?.next) return false // not begun, or through
  const free = await queries
    .selectFrom('freeAddresses')
    .select('address')
    .where('networkKey', '=', networkKey)
    .limit(low)
    .execute()
  return free.length < low
}

/** Takes the window away; it begins again at the start of the range. Waits for those who are taking out of it. */
export async function closeWindow(database: Database, queries: Queries, networkKey: number): Promise<void> {
  await lockWindow(database, queries, networkKey)
  await queries.deleteFrom('freeAddresses').where('networkKey', '=', networkKey).execute()
  await queries
    .updateTable('addresses')
    .set({ pooled: 0 })
    .where('networkKey', '=', networkKey)
    .where('pooled', '=', 1)
    .execute()
  await queries.updateTable('addressWindows').set({ next: '', low: '' }).where('networkKey', '=', networkKey).execute()
}

/** Frees what has ended on the network by `now`. */
export async function clearUp(database: Database, queries: Queries, networkKey: number, now: number): Promise<void> {
  const ended = queries.selectFrom('addresses').select('address').where('networkKey', '=', networkKey)
  const hasEnded = (await ended.where('expiresAt', '<', now).limit(1).executeTakeFirst()) !== undefined
  if (!hasEnded && !(await isBehind(database, queries, networkKey, now))) return
  await lockWindow(database, queries, networkKey)
  // What somebody is just giving back waits for the window that we hold: it is theirs to free, and not waited for.
  const found = ended
    .where('expiresAt', '<', now)
    .$if(database.engine === 'postgres', (row) => row.forUpdate().skipLocked())
  await queries.deleteFrom('addresses').where('networkKey', '=', networkKey).where('address', 'in', found).execute()
  await queries
    .updateTable('addressWindows')
    .set(({ selectFrom }) => ({
      expires: selectFrom('addresses')
        .select(({ fn }) => fn.min('expiresAt').as('first'))
        .where('networkKey', '=', networkKey)
        .where('expiresAt', 'is not', null),
    }))
    .where('networkKey', '=', networkKey)
    .execute()
}

/** True when the window still waits for the end of a hold that has become use since: everybody would go the long way for it. */
async function isBehind(database: Database, queries: Queries, networkKey: number, now: number): Promise<boolean> {
  if (database.engine === 'sqlite') return false
  const window = queries.selectFrom('addressWindows').select('networkKey').where('networkKey', '=', networkKey)
  return (await window.where('expires', '<', now).executeTakeFirst()) !== undefined
}

/** Fills the window when it is low, and remembers where it begins, so that nobody has to look for that. */
export async function tendWindow(
  database: Database,
  networkKey: number,
  poolOf: (queries: Queries) => Promise<AddressPool>,
): Promise<void> {
  await database.transaction(async (queries) => {
    const from = await lockWindow(database, queries, networkKey)
    if (await isWindowLow(queries, networkKey)) await fillWindow(queries, networkKey, await poolOf(queries), from)
    await queries
      .updateTable('addressWindows')
      .set(({ selectFrom, fn, ref }) => ({
        low: fn.coalesce(
          selectFrom('freeAddresses')
            .select((free) => free.fn.min('address').as('lowest'))
            .where('networkKey', '=', networkKey)
            .whereRef('address', '>=', 'addressWindows.low'),
          ref('low'),
        ),
      }))
      .where('networkKey', '=', networkKey)
      .execute()
  })
}

/** The lowest free address as the book stands: of the window and of what has ended; failing that, of what comes after the window. */
export async function findLowest(
  queries: Queries,
  networkKey: number,
  pool: AddressPool,
  now: number,
): Promise<string | undefined> {
  const free = queries.selectFrom('freeAddresses').select('address').where('networkKey', '=', networkKey)
  const addresses = queries.selectFrom('addresses').select('address').where('networkKey', '=', networkKey)
  const ended = addresses.where('expiresAt', '<', now).where('pooled', '=', 1)
  const known = [
    await free.orderBy('address').limit(1).executeTakeFirst(),
    await ended.orderBy('address').limit(1).executeTakeFirst(),
  ]
  const lowest = known.flatMap((row) => row?.address ?? []).toSorted()[0]
  if (lowest !== undefined) return lowest

  const window = await queries
    .selectFrom('addressWindows')
    .select('next')
    .where('networkKey', '=', networkKey)
    .executeTakeFirst()
  const from = window?.next ?? (window ? null : '')
  for (let at = startOf(pool, from); at !== undefined;) {
    const step = addressesFrom(pool, at, chunk)
    const candidates = step.addresses.map((value) => toAddressKey({ version: pool.network.version, value }))
    if (candidates.length === 0) return undefined
    const rows = await addresses
      .where('address', 'in', candidates)
      .where((row) => row.or([row('expiresAt', 'is', null), row('expiresAt', '>=', now)]))
      .execute()
    const taken = new Set(rows.map(({ address }) => address))
    const found = candidates.find((address) => !taken.has(address))
    if (found !== undefined) return found
    at = step.next
  }
  return undefined
}

/** Where a window goes on. */
function startOf(pool: AddressPool, next: string | null): bigint | undefined {
  if (next === null) return undefined
  return next === '' ? pool.first : fromAddressKey(next).value
}
