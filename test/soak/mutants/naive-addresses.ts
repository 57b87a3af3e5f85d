import type { AddressEntry, AddressRequest, Addresses, Database, Queries } from '@virtkit/core'
import { VirtkitError, formatIp, parseIp } from '@virtkit/spi'
import { sql } from 'kysely'

/**
 * An address book as one writes it the first time: it reads once what is taken, and from then on trusts its memory. Right as long
 * as there is one process; with several, only the database's own constraint stands between it and an address given twice.
 */
export class NaiveAddresses implements Addresses {
  readonly #database: Database
  readonly #taken = new Map<number, Set<string>>()
  #columns: readonly string[] | undefined

  constructor(database: Database) {
    this.#database = database
  }

  async allocate(queries: Queries, request: AddressRequest): Promise<string> {
    const { networkKey, owner, holdUntil } = request
    const own = await this.#prolong(queries, request)
    if (own !== undefined) return own
    const taken = this.#taken.get(networkKey) ?? (await this.#read(queries, networkKey))
    const address = request.address ?? (await this.#lowest(queries, networkKey, taken))
    // From now on it counts as taken, whatever becomes of this.
    taken.add(address)
    await this.#insert(queries, { networkKey, address, owner, expiresAt: holdUntil ?? null })
    return address
  }

  async release(queries: Queries, networkKey: number, owner: string): Promise<void> {
    await queries.deleteFrom('addresses').where('networkKey', '=', networkKey).where('owner', '=', owner).execute()
  }

  async predict(queries: Queries, networkKey: number): Promise<string> {
    return this.#lowest(queries, networkKey, await this.#read(queries, networkKey))
  }

  async replan(): Promise<void> {}

  async list(queries: Queries, networkKey: number): Promise<readonly AddressEntry[]> {
    const rows = await queries
      .selectFrom('addresses')
      .select(['address', 'owner', 'state', 'expiresAt'])
      .where('networkKey', '=', networkKey)
      .where('state', 'in', ['used', 'held'])
      .execute()
    return rows
      .filter(({ expiresAt }) => expiresAt === null || expiresAt >= Date.now())
      .map(({ address, owner, expiresAt }) => ({
        address: textOf(address),
        owner: String(owner),
        state: expiresAt === null ? 'used' : 'held',
      }))
  }

  /** What the owner has, for as long as is asked for now; use stays use. */
  async #prolong(queries: Queries, { networkKey, owner, holdUntil }: AddressRequest): Promise<string | undefined> {
    const until = sql`cast(${holdUntil ?? null} as bigint)`
    const { rows } = await sql<{ address: string }>`
      update addresses set expires_at = case when expires_at is null then null else ${until} end,
        state = case when expires_at is null or ${until} is null then 'used' else 'held' end
      where network_key = ${networkKey} and owner = ${owner} and state in ('used', 'held')
        and (expires_at is null or expires_at >= ${Date.now()})
      returning address`.execute(queries)
    return rows[0] && textOf(rows[0].address)
  }

  async #read(queries: Queries, networkKey: number): Promise<Set<string>> {
    const taken = new Set((await this.list(queries, networkKey)).map(({ address }) => address))
    this.#taken.set(networkKey, taken)
    return taken
  }

  async #lowest(queries: Queries, networkKey: number, taken: ReadonlySet<string>): Promise<string> {
    const { cidr, name } = await queries
      .selectFrom('networks')
      .select(['cidr', 'name'])
      .where('key', '=', networkKey)
      .executeTakeFirstOrThrow()
    const [base = '', prefix = '0'] = cidr!.split('/')
    const { version, value } = parseIp(base, 'cidr')
    const size = 1n << BigInt((version === 4 ? 32 : 128) - Number(prefix))
    for (let step = 2n; step < size - 1n && step < 100_000n; step += 1n) {
      const address = formatIp({ version, value: value + step })
      if (!taken.has(address)) return address
    }
    throw new VirtkitError('ADDRESS_POOL_EXHAUSTED', `${name} is full.`, { details: { network: name, range: cidr! } })
  }

  /** Fills the columns that the table has, whichever they are by now. */
  async #insert(
    queries: Queries,
    row: { networkKey: number; address: string; owner: string; expiresAt: number | null },
  ): Promise<void> {
    const digits = digitsOf(row.address)
    await queries
      .deleteFrom('addresses')
      .where('networkKey', '=', row.networkKey)
      .where('address', '=', digits)
      .where('expiresAt', '<', Date.now())
      .execute()
    const values: Record<string, unknown> = {
      network_key: row.networkKey,
      address: digits,
      next: digitsOf(formatIp({ ...parseIp(row.address, 'ip'), value: parseIp(row.address, 'ip').value + 1n })),
      state: row.expiresAt === null ? 'used' : 'held',
      owner: row.owner,
      expires_at: row.expiresAt,
    }
    this.#columns ??= await this.#columnsOf(queries)
    const columns = this.#columns.filter((column) => column in values)
    const list = sql.join(columns.map((column) => sql.ref(column)))
    await sql`insert into addresses (${list}) values (${sql.join(columns.map((column) => values[column]))})`.execute(
      queries,
    )
  }

  async #columnsOf(queries: Queries): Promise<readonly string[]> {
    const { rows } =
      this.#database.engine === 'sqlite'
        ? await sql<{ name: string }>`select name from pragma_table_info('addresses')`.execute(queries)
        : await sql<{ name: string }>`select column_name as name from information_schema.columns
            where table_name = 'addresses'`.execute(queries)
    return rows.map(({ name }) => name)
  }
}

function digitsOf(address: string): string {
  const { version, value } = parseIp(address, 'ip')
  return value.toString(16).padStart(version === 4 ? 8 : 32, '0')
}

function textOf(digits: string): string {
  return formatIp({ version: digits.length === 8 ? 4 : 6, value: BigInt(`0x${digits}`) })
}
