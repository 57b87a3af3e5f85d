import { type Clock, type IpAddress, VirtkitError, formatIp, invalidInput, notFound, parseIp } from '@virtkit/spi'
import { Combiner } from '../database/combiner.ts'
import { CameSecond, type Database, type Queries } from '../database/database.ts'
import { isUniqueViolation } from '../database/database-errors.ts'
import { type AddressPool, formatAddressKey, isAllowed, poolOf, reservedAs, toAddressKey } from './address-rules.ts'
import { clearUp, closeWindow, fillWindow, findLowest, lockWindow, openWindow, tendWindow } from './address-window.ts'
import type { AddressEntry, AddressRequest, Addresses } from './addresses.ts'
import { takeLowest, waitForLowest } from './take-lowest.ts'

/** How many calls share one commit at most. */
const mostTogether = 64
/** After how many addresses of a network a process looks after its window. */
const tendEvery = 64

/**
 * The address book in our own tables: rows of what is not free, and a window of the lowest that are. Who needs an address and
 * finds nothing to clear up takes the lowest of the window, in one statement; everything else is the long way round. Two who
 * come at once pass each other by, so that nobody waits for somebody else's commit.
 */
export class SqlAddresses implements Addresses {
  readonly #database: Database
  readonly #clock: Clock
  readonly #together: Combiner<AddressRequest, string | undefined>
  readonly #taken = new Map<number, number>()

  constructor(database: Database, clock: Clock) {
    this.#database = database
    this.#clock = clock
    this.#together = new Combiner((_network, requests) => this.#takeTogether(requests), mostTogether)
  }

  async allocate(queries: Queries, request: AddressRequest): Promise<string> {
    const quick = request.address === undefined ? await this.#takeQuickly(queries, request) : undefined
    if (quick === undefined) return this.#database.within(queries, (inner) => this.#allocate(inner, request))
    this.#tendWindow(request.networkKey)
    return formatAddressKey(quick)
  }

  async release(queries: Queries, networkKey: number, owner: string): Promise<void> {
    await this.#database.within(queries, async (inner) => {
      const mine = { networkKey, owner, state: ['used', 'held'] as const }
      const network = await inner
        .selectFrom('networks')
        .select('quarantineMs')
        .where('key', '=', networkKey)
        .executeTakeFirst()
      if (network?.quarantineMs) {
        await inner
          .updateTable('addresses')
          .set({ state: 'quarantined', expiresAt: this.#clock.now() + network.quarantineMs })
          .where('networkKey', '=', mine.networkKey)
          .where('owner', '=', mine.owner)
          .where('state', 'in', mine.state)
          .execute()
        return
      }
      // What came out of the window goes back into it, by a trigger.
      await inner
        .deleteFrom('addresses')
        .where('networkKey', '=', mine.networkKey)
        .where('owner', '=', mine.owner)
        .where('state', 'in', mine.state)
        .execute()
    })
  }

  async predict(queries: Queries, networkKey: number): Promise<string> {
    const network = await this.#network(queries, networkKey)
    const lowest = await findLowest(queries, network.key, network.pool, this.#clock.now())
    if (lowest === undefined) throw exhausted(network)
    return formatAddressKey(lowest)
  }

  async list(queries: Queries, networkKey: number): Promise<readonly AddressEntry[]> {
    const rows = await queries
      .selectFrom('addresses')
      .select(['address', 'owner', 'state', 'expiresAt'])
      .where('networkKey', '=', networkKey)
      .where((row) => row.or([row('expiresAt', 'is', null), row('expiresAt', '>=', this.#clock.now())]))
      .orderBy('address')
      .execute()
    return rows.map(({ address, owner, state, expiresAt }) => ({
      address: formatAddressKey(address),
      owner: owner ?? '',
      state,
      ...(expiresAt !== null && { expiresAt }),
    }))
  }

  async replan(queries: Queries, networkKey: number): Promise<void> {
    await closeWindow(this.#database, queries, networkKey)
  }

  /** Without a transaction of the caller's, those who come at once share one. */
  async #takeQuickly(queries: Queries, request: AddressRequest): Promise<string | undefined> {
    if (!queries.isTransaction) return this.#together.call(request.networkKey, request)
    return (await takeLowest(this.#database, queries, [request], this.#clock.now()))[0]
  }

  async #takeTogether(requests: readonly AddressRequest[]): Promise<readonly (string | undefined)[]> {
    const { queries } = this.#database
    const now = this.#clock.now()
    const isOneStatement = this.#database.engine === 'postgres' || requests.length === 1
    if (isOneStatement) return takeLowest(this.#database, queries, requests, now)
    return this.#database.transaction((inner) => takeLowest(this.#database, inner, requests, now))
  }

  /** The long way: own addresses, addresses by name, holds that have ended, and an empty window. */
  async #allocate(queries: Queries, request: AddressRequest): Promise<string> {
    const network = await this.#network(queries, request.networkKey)
    const asked = request.address === undefined ? undefined : allowed(network, request.address)
    const own = await this.#own(queries, request)
    if (own && (!asked || toAddressKey(asked) === own.address)) return this.#keep(queries, request, own.address)
    if (own?.isLive) throw hasAnother(request, own.address)
    await this.#clearUp(queries, request)
    return asked ? this.#takeThis(queries, request, network, asked) : this.#takeLowest(queries, request, network)
  }

  async #network(queries: Queries, key: number): Promise<StaticNetwork> {
    const row = await queries
      .selectFrom('networks')
      .select(['name', 'dhcp', 'cidr', 'reservation', 'gateway', 'excluded'])
      .where('key', '=', key)
      .executeTakeFirst()
    if (!row) throw notFound('network', key)
    const { name, dhcp, cidr } = row
    if (dhcp || cidr === null) {
      throw new VirtkitError('UNSUPPORTED', `Addresses of ${name} come from a DHCP server; none are handed out here.`, {
        details: { feature: 'addresses of a DHCP network' },
        hint: 'Leave the address out, or use a network without DHCP.',
      })
    }
    const excluded = JSON.parse(row.excluded) as string[]
    const plan = { cidr, reservation: row.reservation ?? undefined, gateway: row.gateway ?? undefined, excluded }
    return { key, name, range: plan.reservation ?? cidr, pool: poolOf(plan) }
  }

  /** What the owner has, held fast: what has ended would otherwise become somebody else's between here and `#keep`. */
  async #own(queries: Queries, request: AddressRequest): Promise<{ address: string; isLive: boolean } | undefined> {
    const row = await queries
      .selectFrom('addresses')
      .select(['address', 'state', 'expiresAt'])
      .where('networkKey', '=', request.networkKey)
      .where('owner', '=', request.owner)
      .$if(this.#database.engine === 'postgres', (query) => query.forUpdate())
      .executeTakeFirst()
    if (!row) return undefined
    const hasEnded = row.expiresAt !== null && row.expiresAt < this.#clock.now()
    return { address: row.address, isLive: row.state !== 'quarantined' && !hasEnded }
  }

  /** The owner comes again: a hold is prolonged or becomes use; use stays use; what rested is had again. */
  async #keep(queries: Queries, { networkKey, owner, holdUntil }: AddressRequest, address: string): Promise<string> {
    await queries
      .updateTable('addresses')
      .set({ state: holdUntil === undefined ? 'used' : 'held', expiresAt: holdUntil ?? null })
      .where('networkKey', '=', networkKey)
      .where('owner', '=', owner)
      .where('state', '!=', 'used')
      .execute()
    return formatAddressKey(address)
  }

  /** Frees what has ended on the network; what the owner had there and still rests is nobody's from now on. */
  async #clearUp(queries: Queries, { networkKey, owner }: AddressRequest): Promise<void> {
    await clearUp(this.#database, queries, networkKey, this.#clock.now())
    await queries
      .updateTable('addresses')
      .set({ owner: null })
      .where('networkKey', '=', networkKey)
      .where('owner', '=', owner)
      .where('state', '=', 'quarantined')
      .execute()
  }

  /** Writes the address down, over what has ended or rests; the primary key decides. */
  async #takeThis(queries: Queries, request: AddressRequest, network: StaticNetwork, asked: IpAddress): Promise<string> {
    const { networkKey, owner, holdUntil } = request
    const values = {
      state: holdUntil === undefined ? ('used' as const) : ('held' as const),
      owner,
      expiresAt: holdUntil ?? null,
    }
    await openWindow(queries, networkKey)
    const taken = await queries
      .insertInto('addresses')
      .values({ networkKey, address: toAddressKey(asked), ...values, pooled: 0 })
      .onConflict((conflict) =>
        conflict
          .columns(['networkKey', 'address'])
          .doUpdateSet(values)
          .where((row) =>
            row.or([
              row('addresses.state', '=', 'quarantined'),
              row('addresses.expiresAt', '<', this.#clock.now()),
              row('addresses.owner', '=', owner),
            ]),
          ),
      )
      .returning('address')
      .executeTakeFirst()
      .catch((error: unknown) => {
        throw isUniqueViolation(error) ? new CameSecond(`${owner} was given an address`, error) : error
      })
    if (taken) return formatIp(asked)
    throw new VirtkitError('ADDRESS_TAKEN', `${formatIp(asked)} is in use on ${network.name}.`, {
      details: { network: network.name, address: formatIp(asked) },
      hint: 'Ask for another one, or leave it out to get the lowest that is free.',
    })
  }

  async #takeLowest(queries: Queries, request: AddressRequest, network: StaticNetwork): Promise<string> {
    const take = async (): Promise<string | undefined> => (await takeLowest(this.#database, queries, [request], null))[0]
    let lowest = await take()
    if (lowest === undefined) {
      const from = await lockWindow(this.#database, queries, network.key)
      lowest = await take()
      if (lowest === undefined) await fillWindow(queries, network.key, network.pool, from)
      lowest ??= await take()
    }
    while (lowest === undefined) {
      const own = await this.#own(queries, request)
      if (own) return this.#keep(queries, request, own.address) // came by while we waited
      // All that are left are about to be somebody's: if one is not after all, it is ours.
      if (!(await waitForLowest(this.#database, queries, network.key))) break
      lowest = await take()
    }
    if (lowest === undefined) throw exhausted(network)
    return formatAddressKey(lowest)
  }

  /** Fills the window in the background before it is empty, so that nobody has to on their way. Who finds it empty does all the same. */
  #tendWindow(networkKey: number): void {
    if (this.#database.isLent) return
    const taken = (this.#taken.get(networkKey) ?? 0) + 1
    this.#taken.set(networkKey, taken)
    if (taken % tendEvery !== 0) return
    const pool = async (queries: Queries): Promise<AddressPool> => (await this.#network(queries, networkKey)).pool
    void tendWindow(this.#database, networkKey, pool).catch(() => {})
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
