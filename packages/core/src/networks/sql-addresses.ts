import { type Clock, type IpAddress, VirtkitError, formatIp, invalidInput, notFound, parseIp } from '@virtkit/spi'
import { sql } from 'kysely'
import type { Database, Queries } from '../database/database.ts'
import {
  type AddressPool,
  formatAddressKey,
  fromAddressKey,
  gapStarts,
  isAllowed,
  poolOf,
  reservedAs,
  toAddressKey,
} from './address-rules.ts'
import type { AddressEntry, AddressRequest, Addresses } from './addresses.ts'

/**
 * The address book in our own tables.
 *
 * On PostgreSQL one transaction at a time allocates on a network, by a lock on the network's row that lasts until its commit; a
 * caller who allocates on several networks does so in order of their keys, or two of them may wait for each other.
 */
export class SqlAddresses implements Addresses {
  readonly #database: Database
  readonly #clock: Clock

  constructor(database: Database, clock: Clock) {
    this.#database = database
    this.#clock = clock
  }

  async allocate(queries: Queries, request: AddressRequest): Promise<string> {
    const network = await this.#network(queries, request.networkKey, 'lock')
    const asked = request.address === undefined ? undefined : allowed(network, request.address)
    const own = await this.#own(queries, request)
    if (own && (!asked || toAddressKey(asked) === own.address)) return this.#keep(queries, request, own.address)
    if (own?.isLive) throw hasAnother(request, own.address)
    if (own) await this.release(queries, request.networkKey, request.owner)
    return asked ? this.#takeThis(queries, request, network, asked) : this.#takeLowest(queries, request, network)
  }

  async release(queries: Queries, networkKey: number, owner: string): Promise<void> {
    await queries.deleteFrom('addresses').where('networkKey', '=', networkKey).where('owner', '=', owner).execute()
  }

  async predict(queries: Queries, networkKey: number): Promise<string> {
    const network = await this.#network(queries, networkKey, 'read')
    const lowest = await this.#lowestFree(queries, network)
    if (lowest === undefined) throw exhausted(network)
    return formatAddressKey(lowest)
  }

  async list(queries: Queries, networkKey: number): Promise<readonly AddressEntry[]> {
    const rows = await queries
      .selectFrom('addresses')
      .selectAll()
      .where('networkKey', '=', networkKey)
      .where((row) => row.or([row('state', '=', 'used'), row('expiresAt', '>=', this.#clock.now())]))
      .orderBy('address')
      .execute()
    return rows.map(({ address, owner, state, expiresAt }) => ({
      address: formatAddressKey(address),
      owner,
      state,
      ...(expiresAt !== null && { expiresAt }),
    }))
  }

  async #network(queries: Queries, key: number, how: 'lock' | 'read'): Promise<StaticNetwork> {
    const lock = how === 'lock' && this.#database.engine === 'postgres'
    const row = await queries
      .selectFrom('networks')
      .select(['name', 'dhcp', 'cidr', 'reservation', 'gateway'])
      .where('key', '=', key)
      // Lets through those who only refer to the network, and holds off who changes it.
      .$if(lock, (query) => query.forNoKeyUpdate())
      .executeTakeFirst()
    if (!row) throw notFound('network', key)
    const { name, dhcp, cidr } = row
    if (dhcp || cidr === null) {
      throw new VirtkitError('UNSUPPORTED', `Addresses of ${name} come from a DHCP server; none are handed out here.`, {
        details: { feature: 'addresses of a DHCP network' },
        hint: 'Leave the address out, or use a network without DHCP.',
      })
    }
    const plan = { cidr, reservation: row.reservation ?? undefined, gateway: row.gateway ?? undefined }
    return { key, name, range: plan.reservation ?? cidr, pool: poolOf(plan) }
  }

  async #own(queries: Queries, request: AddressRequest): Promise<{ address: string; isLive: boolean } | undefined> {
    const row = await queries
      .selectFrom('addresses')
      .select(['address', 'expiresAt'])
      .where('networkKey', '=', request.networkKey)
      .where('owner', '=', request.owner)
      .executeTakeFirst()
    return row && { address: row.address, isLive: row.expiresAt === null || row.expiresAt >= this.#clock.now() }
  }

  /** The owner comes again: a hold is prolonged or becomes use; use stays use. */
  async #keep(queries: Queries, { networkKey, owner, holdUntil }: AddressRequest, address: string): Promise<string> {
    await queries
      .updateTable('addresses')
      .set(holdUntil === undefined ? { state: 'used', expiresAt: null } : { expiresAt: holdUntil })
      .where('networkKey', '=', networkKey)
      .where('owner', '=', owner)
      .where('state', '=', 'held')
      .execute()
    return formatAddressKey(address)
  }

  async #takeThis(queries: Queries, request: AddressRequest, network: StaticNetwork, asked: IpAddress): Promise<string> {
    if (await this.#take(queries, request, asked)) return formatIp(asked)
    throw new VirtkitError('ADDRESS_TAKEN', `${formatIp(asked)} is in use on ${network.name}.`, {
      details: { network: network.name, address: formatIp(asked) },
      hint: 'Ask for another one, or leave it out to get the lowest that is free.',
    })
  }

  async #takeLowest(queries: Queries, request: AddressRequest, network: StaticNetwork): Promise<string> {
    const lowest = await this.#lowestFree(queries, network)
    if (lowest === undefined) throw exhausted(network)
    if (await this.#take(queries, request, fromAddressKey(lowest))) return formatAddressKey(lowest)
    // Cannot be while the network is locked, unless the caller's transaction does not see what others have committed.
    throw new VirtkitError('CONFLICT', `${formatAddressKey(lowest)} was taken by someone else just now.`, {
      details: { with: formatAddressKey(lowest) },
      hint: 'Do it again in a transaction of isolation level READ COMMITTED.',
    })
  }

  /** Writes the address down, over a hold that has ended; false when it is someone else's. */
  async #take(queries: Queries, { networkKey, owner, holdUntil }: AddressRequest, ip: IpAddress): Promise<boolean> {
    const values = {
      state: holdUntil === undefined ? ('used' as const) : ('held' as const),
      owner,
      expiresAt: holdUntil ?? null,
    }
    const next = toAddressKey({ version: ip.version, value: ip.value + 1n })
    const taken = await queries
      .insertInto('addresses')
      .values({ networkKey, address: toAddressKey(ip), next, ...values })
      .onConflict((conflict) =>
        conflict
          .columns(['networkKey', 'address'])
          .doUpdateSet(values)
          .where('addresses.state', '=', 'held')
          .where('addresses.expiresAt', '<', this.#clock.now()),
      )
      .returning('address')
      .executeTakeFirst()
    return taken !== undefined
  }

  /**
   * A run of free addresses begins at the start of the range, after the gateway, or after an address in use; the lowest of these that
   * is free itself is the answer. Reads along the primary key up to the first gap, whatever the size of the network.
   */
  async #lowestFree(queries: Queries, { key, pool }: StaticNetwork): Promise<string | undefined> {
    const toKey = (value: bigint): string => toAddressKey({ version: pool.network.version, value })
    const starts = gapStarts(pool).map((value) => sql`select cast(${toKey(value)} as text) as address`)
    if (starts.length === 0) return undefined
    const now = this.#clock.now()
    const gateway = pool.gateway === undefined ? '' : toKey(pool.gateway)
    const free = (address: string) => sql`not exists (
      select 1 from addresses as other where other.network_key = ${key} and other.address = ${sql.ref(address)}
        and (other.state = 'used' or other.expires_at >= ${now}))`
    const { rows } = await sql<{ lowest: string | null }>`
      select min(free.address) as lowest from (
        select start.address from (${sql.join(starts, sql` union all `)}) as start where ${free('start.address')}
        union all
        select gap.address from (
          select used.next as address from addresses as used
          where used.network_key = ${key} and used.address >= ${toKey(pool.first)} and used.address < ${toKey(pool.last)}
            and used.next <> ${gateway} and (used.state = 'used' or used.expires_at >= ${now}) and ${free('used.next')}
          order by used.address limit 1
        ) as gap
      ) as free`.execute(queries)
    return rows[0]?.lowest ?? undefined
  }
}

/** A network that hands out addresses. */
interface StaticNetwork {
  readonly key: number
  readonly name: string
  /** As text, for people. */
  readonly range: string
  readonly pool: AddressPool
}

function allowed({ name, pool }: StaticNetwork, text: string): IpAddress {
  const ip = parseIp(text, 'ip')
  if (isAllowed(pool, ip)) return ip
  const { version, first } = pool.network
  const cidr = `${formatIp({ version, value: first })}/${pool.network.prefix}`
  const reserved = ip.version === version ? reservedAs(pool, ip.value) : undefined
  const shown = formatIp(ip)
  const problem = reserved ? `${shown} is the ${reserved} address of ${name}` : `${shown} is not in ${name} (${cidr})`
  throw invalidInput([{ field: 'ip', problem }])
}

function hasAnother({ owner }: AddressRequest, address: string): VirtkitError {
  const shown = formatAddressKey(address)
  return new VirtkitError('CONFLICT', `${owner} has ${shown} on this network already.`, {
    details: { field: 'ip', with: shown },
    hint: 'Give that address back first.',
  })
}

function exhausted({ name, range }: StaticNetwork): VirtkitError {
  return new VirtkitError('ADDRESS_POOL_EXHAUSTED', `Every address of ${name} from ${range} is in use.`, {
    details: { network: name, range },
    hint: 'Give the network a larger reservation, or remove machines that are no longer needed.',
  })
}
