import type { Clock, InstallDesk, InstallPlan, InstallReport, InstallRun } from '@virtkit/spi'
import type { Keyring } from '../access/keyring.ts'
import type { Database, Queries } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import type { Operations } from '../operations/operations.ts'
import { type InstallRow, enterPhase, traceOf } from './install-rows.ts'
import { applyReport, serveOf, tokenHashOf } from './install-rules.ts'
import { tokenOf } from './run-token.ts'

/** What install media ask and tell, answered from the database: any process can serve any run. */
export class SqlInstallDesk implements InstallDesk {
  readonly #database: Database
  readonly #events: Events
  readonly #operations: Operations
  readonly #keyring: Keyring
  readonly #clock: Clock

  constructor(database: Database, events: Events, operations: Operations, keyring: Keyring, clock: Clock) {
    this.#database = database
    this.#events = events
    this.#operations = operations
    this.#keyring = keyring
    this.#clock = clock
  }

  async find(token: string): Promise<InstallRun | undefined> {
    const row = await this.#row(this.#database.queries, token)
    return row && { plan: openPlan(this.#keyring, row), serve: serveOf(row) }
  }

  async findByCard(mac: string): Promise<(InstallRun & { readonly token: string }) | undefined> {
    const rows = await this.#database.queries
      .selectFrom('installs')
      .innerJoin('machineNetworks', 'machineNetworks.machineKey', 'installs.machineKey')
      .selectAll('installs')
      .where('machineNetworks.mac', '=', mac)
      .where('installs.endedAt', 'is', null)
      .orderBy('installs.createdAt', 'desc')
      .execute()
    for (const row of rows) {
      const plan = openPlan(this.#keyring, row)
      if (plan.boot !== 'network' || plan.networks[0]?.mac !== mac) continue
      return { token: tokenOf(this.#keyring, row.runId).reveal(), plan, serve: serveOf(row) }
    }
    return undefined
  }

  async report(token: string, report: InstallReport): Promise<boolean> {
    const known = await this.#row(this.#database.queries, token)
    if (!known || known.endedAt !== null) return false
    if (!applyReport(known, report)) return true
    return this.#database.transaction(async (queries) => {
      const row = await this.#row(queries, token, true)
      const news = row && applyReport(row, report)
      if (!row || !news) return row !== undefined && row.endedAt === null
      await queries.updateTable('installs').set(news).where('runId', '=', row.runId).execute()
      const startedAt = this.#clock.now()
      if (news.phase !== row.phase) await enterPhase(queries, { runId: row.runId, phase: news.phase, startedAt })
      const { phase, percent, detail } = news
      await this.#events.append(queries, {
        type: 'install.progressed',
        subject: `machine/${row.machineKey}`,
        data: {
          run: row.runId,
          operation: row.operationId,
          phase,
          percent,
          at: startedAt,
          trace: traceOf(row),
          ...(detail === null ? {} : { detail }),
        },
      })
      // The operation has nothing to do when the installer begins; it waits for its end.
      if (phase !== row.phase && phase !== 'installing') await this.#operations.wake(queries, row.operationId)
      return true
    })
  }

  async #row(queries: Queries, token: string, lock = false): Promise<InstallRow | undefined> {
    const query = queries.selectFrom('installs').selectAll().where('tokenHash', '=', tokenHashOf(token))
    return (lock && this.#database.engine === 'postgres' ? query.forUpdate() : query).executeTakeFirst()
  }
}

interface SealedPart {
  readonly sealedPasswordHash: string
}

/** Where a run's password hash is sealed. */
export function planContext(runId: string): string {
  return `installs/${runId}/password-hash`
}

export function openPlan(keyring: Keyring, row: InstallRow): InstallPlan {
  const { sealedPasswordHash, ...plan } = JSON.parse(row.plan) as Omit<InstallPlan, 'rootPasswordHash'> & SealedPart
  return { ...plan, rootPasswordHash: keyring.open(sealedPasswordHash, planContext(row.runId)) }
}

export function sealPlan(keyring: Keyring, plan: InstallPlan): string {
  const sealedPasswordHash = keyring.seal(plan.rootPasswordHash, planContext(plan.runId))
  return JSON.stringify({ ...plan, rootPasswordHash: undefined, sealedPasswordHash })
}

/** The plan with its password hash sealed under the newest key; `undefined` when it is already. */
export function resealedPlan(keyring: Keyring, row: Pick<InstallRow, 'plan' | 'runId'>): string | undefined {
  const { sealedPasswordHash, ...plan } = JSON.parse(row.plan) as SealedPart
  if (!keyring.isStale(sealedPasswordHash)) return undefined
  const hash = keyring.open(sealedPasswordHash, planContext(row.runId))
  return JSON.stringify({ ...plan, sealedPasswordHash: keyring.seal(hash, planContext(row.runId)) })
}
