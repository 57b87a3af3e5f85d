import type { KeyObject } from 'node:crypto'
import { type Clock, VirtkitError, invalidInput } from '@virtkit/spi'
import type { Access } from '../access/access.ts'
import type { By } from '../access/actor.ts'
import type { Database, Queries } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import type { ParsedOptions } from '../options/parse-options.ts'
import { licenseProblem, parsePublicKey, readLicense, statusOf } from './license-rules.ts'
import type { LicenseStatus, Licensing } from './licensing.ts'

/**
 * The licence in the database. Machines are counted, never a counter kept, so that nothing can drift; the licence's row is
 * locked meanwhile, so that two who take the last one come one after the other.
 *
 * What that costs: with licensing on, machines come to paper one at a time over all groups (on PostgreSQL, each waiting for the
 * commit before it), and each counts an index of all machines. With licensing off, nothing is asked and nobody waits.
 */
export class SqlLicensing implements Licensing {
  readonly #database: Database
  readonly #access: Access
  readonly #events: Events
  readonly #clock: Clock
  readonly #publicKey: KeyObject | undefined

  constructor(database: Database, access: Access, events: Events, clock: Clock, options: ParsedOptions) {
    this.#database = database
    this.#access = access
    this.#events = events
    this.#clock = clock
    this.#publicKey = options.licensing && parsePublicKey(options.licensing.publicKey)
  }

  async install(document: string, by?: By): Promise<LicenseStatus> {
    this.#access.require(by, 'license:write')
    if (!this.#publicKey) throw off()
    const license = typeof document === 'string' ? readLicense(this.#publicKey, document) : undefined
    if (!license) throw refused('is not a licence that was signed for this host', 'Copy all of it, as it was sent.')
    if (license.expiresAt <= this.#clock.now()) throw refused('has expired', 'Ask for a new one.')
    const row = { document: license.document, installedAt: this.#clock.now() }
    return this.#database.transaction(async (queries) => {
      await queries
        .insertInto('license')
        .values({ key: 1, ...row })
        .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
        .execute()
      const { customerId, virtualMachines, expiresAt } = license
      const data = { customerId, virtualMachines, expiresAt }
      await this.#events.append(queries, { type: 'license.installed', subject: 'license', data })
      return this.#status(queries)
    })
  }

  async get(by?: By): Promise<LicenseStatus> {
    this.#access.require(by, 'license:read')
    return this.#status(this.#database.queries)
  }

  async remove(by?: By): Promise<void> {
    this.#access.require(by, 'license:write')
    await this.#database.transaction(async (queries) => {
      const { numDeletedRows } = await queries.deleteFrom('license').executeTakeFirstOrThrow()
      if (numDeletedRows > 0n) await this.#events.append(queries, { type: 'license.removed', subject: 'license' })
    })
  }

  async claim(queries: Queries): Promise<void> {
    if (!this.#publicKey) return
    const problem = licenseProblem(await this.#status(queries, 'lock'))
    if (problem) throw problem
  }

  async #status(queries: Queries, lock?: 'lock'): Promise<LicenseStatus> {
    // Two statements: what is counted must be seen after the lock was had.
    const row = await queries
      .selectFrom('license')
      .select('document')
      .where('key', '=', 1)
      .$if(lock !== undefined && this.#database.engine === 'postgres', (query) => query.forUpdate())
      .executeTakeFirst()
    const { used } = await queries
      .selectFrom('machines')
      .select(({ fn }) => fn.countAll<number>().as('used'))
      .executeTakeFirstOrThrow()
    if (!this.#publicKey) return { state: 'off', used }
    return statusOf(row && readLicense(this.#publicKey, row.document), used, this.#clock.now())
  }
}

function off(): VirtkitError {
  return new VirtkitError('UNSUPPORTED', 'Licensing is off here: nothing is limited.', {
    details: { feature: 'licensing' },
    hint: 'Hand `licensing: { publicKey }` to createVirtkit.',
  })
}

function refused(problem: string, hint: string): VirtkitError {
  return invalidInput([{ field: 'document', problem, hint }])
}
