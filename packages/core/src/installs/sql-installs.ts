import { type Clock, type InstallPlan, Secret, VirtkitError, notFound } from '@virtkit/spi'
import type { Access } from '../access/access.ts'
import type { By, ByKey } from '../access/actor.ts'
import { requireRelease } from '../catalog/catalog.ts'
import type { Database, Queries } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import { refuseTooSmall } from '../machines/machine-rules.ts'
import { changeMachine } from '../machines/machine-rows.ts'
import type { Machine, Machines } from '../machines/machines.ts'
import type { Network, Networks } from '../networks/networks.ts'
import type { Operation, OperationRequest, Operations } from '../operations/operations.ts'
import type { ParsedOptions } from '../options/parse-options.ts'
import { type InstallMachineInput, type InstallMachineParts, installMachine } from './install-machine.ts'
import { enterPhase, installRow, phaseRows, toInstall } from './install-rows.ts'
import { parseInstallInput, planOf, tokenHashOf } from './install-rules.ts'
import type { Install, InstallInput, InstallParameters, Installs, StartedInstall } from './installs.ts'
import { tokenOf } from './run-token.ts'
import { randomPassword, randomSalt, sha512Crypt } from './sha512-crypt.ts'
import { sealPlan } from './sql-install-desk.ts'

export interface InstallParts extends InstallMachineParts {
  readonly database: Database
  readonly access: Access
  readonly events: Events
  readonly clock: Clock
  readonly ids: () => string
  readonly operations: Operations
  readonly networks: Networks
  readonly machines: Machines
  readonly options: ParsedOptions
}

export class SqlInstalls implements Installs {
  readonly #parts: InstallParts
  readonly #definition: ReturnType<typeof installMachine>

  constructor(parts: InstallParts) {
    this.#parts = parts
    this.#definition = installMachine(parts)
    // Without install media there is nothing to install from: it is left to a kit that has some.
    if (parts.options.installMedia) parts.operations.register(this.#definition)
  }

  async start(machineKey: number, input: InstallInput = {}, by?: ByKey): Promise<StartedInstall> {
    const { access, clock, keyring, machines, media, database, options, settings } = this.#parts
    access.require(by, 'machines:install')
    const parameters = parseInstallInput(input)
    const known = by?.key === undefined ? undefined : await this.#byKey(by.key, machineKey)
    if (known) return known
    const machine = await machines.get(machineKey, by)
    if (!options.installMedia) throw noMedia()
    refuseTooSmall(requireRelease(options.installMedia.catalog, machine.os, 'os'), machine)
    if (machine.state === 'deployed' || machine.state === 'template') throw alreadyDeployed(machine)

    const password = parameters.passwordHash === undefined ? new Secret(randomPassword()) : undefined
    const passwordHash = parameters.passwordHash ?? sha512Crypt(password!.reveal(), randomSalt())
    const networks = await this.#networksOf(machine)
    const runId = this.#parts.ids()
    const plan = planOf(runId, machine, networks, { ...parameters, passwordHash })
    // Rendered once for its refusals: what the installer cannot hold is told now, not by an operation that fails.
    await media().medium(plan, tokenOf(keyring, runId).reveal(), { signal: AbortSignal.timeout(10_000) })
    const { installTimeoutMs } = await settings.get()
    const wish = {
      provisioning: parameters.provisioning ?? machine.provisioning,
      deadlineAt: clock.now() + installTimeoutMs,
      ...(parameters.boot === 'network' && { boot: parameters.boot }),
    }
    const started = await database.transaction((queries) => this.#accept(queries, machine, plan, wish, by))
    return password ? { ...started, password } : started
  }

  async get(runId: string, by?: By): Promise<Install> {
    const row = await installRow(this.#parts.database.queries, runId)
    await this.#parts.machines.get(row.machineKey, by).catch(() => {
      throw notFound('install', runId)
    })
    return toInstall(row, await phaseRows(this.#parts.database.queries, [runId]))
  }

  async ofMachine(machineKey: number, by?: By): Promise<readonly Install[]> {
    await this.#parts.machines.get(machineKey, by)
    const rows = await this.#parts.database.queries
      .selectFrom('installs')
      .selectAll()
      .where('machineKey', '=', machineKey)
      .orderBy('createdAt', 'desc')
      .execute()
    const runIds = rows.map(({ runId }) => runId)
    const entered = await phaseRows(this.#parts.database.queries, runIds)
    return rows.map((row) => toInstall(row, entered))
  }

  async whenReady(runId: string, options: { signal?: AbortSignal } = {}, by?: By): Promise<Install> {
    const install = await this.get(runId, by)
    const ended = await this.#parts.operations.wait(install.operation, options)
    if (ended.error) throw ended.error
    return this.get(runId, by)
  }

  async parameters(key: number, by?: By): Promise<InstallParameters> {
    const { access, database, keyring } = this.#parts
    const groups = access.groupsOf(access.require(by, 'machines:read'))
    const row = await database.queries.selectFrom('installParameters').selectAll().where('key', '=', key).executeTakeFirst()
    const owner = await database.queries
      .selectFrom('machines')
      .select('ownerKey')
      .where('installParametersKey', '=', key)
      .executeTakeFirst()
    if (!row || (groups !== 'all' && !groups.includes(owner?.ownerKey ?? -1))) throw notFound('install parameters', key)
    return {
      key: row.key,
      locale: row.locale,
      keyboard: row.keyboard,
      timezone: row.timezone,
      passwordHash: keyring.open(row.passwordHash, parametersContext),
      sshKeys: JSON.parse(row.sshKeys) as string[],
      packages: JSON.parse(row.packages) as string[],
    }
  }

  async #accept(
    queries: Queries,
    machine: Machine,
    plan: InstallPlan,
    wish: Pick<InstallMachineInput, 'provisioning' | 'deadlineAt' | 'boot'>,
    by: ByKey | undefined,
  ): Promise<StartedInstall> {
    const { clock, events, keyring, operations } = this.#parts
    const request: OperationRequest<InstallMachineInput> = {
      input: { machine: machine.key, runId: plan.runId, ...wish },
      subject: `machine/${machine.key}`,
      group: machine.owner,
      cluster: machine.cluster,
      ...(by?.key === undefined ? {} : { key: by.key }),
    }
    const accepted = await operations.submit(queries, this.#definition, request)
    const stored = await queries
      .insertInto('installParameters')
      .values({
        locale: plan.locale,
        keyboard: plan.keyboard,
        timezone: plan.timezone,
        passwordHash: keyring.seal(plan.rootPasswordHash, parametersContext),
        sshKeys: JSON.stringify(plan.sshKeys),
        packages: JSON.stringify(plan.packages),
      })
      .returning('key')
      .executeTakeFirstOrThrow()
    const row = await queries
      .insertInto('installs')
      .values({
        runId: plan.runId,
        machineKey: machine.key,
        operationId: accepted.id,
        tokenHash: tokenHashOf(tokenOf(keyring, plan.runId).reveal()),
        phase: 'planned',
        percent: 0,
        plan: sealPlan(keyring, { ...plan, trace: accepted.trace }),
        createdAt: clock.now(),
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    const entered = { runId: row.runId, phase: row.phase, startedAt: row.createdAt }
    await enterPhase(queries, entered)
    await changeMachine(queries, machine.key, { state: 'installing', installParametersKey: stored.key })
    await events.append(queries, {
      type: 'install.started',
      subject: `machine/${machine.key}`,
      data: {
        run: plan.runId,
        operation: accepted.id,
        trace: accepted.trace,
        cluster: machine.cluster,
        name: machine.name,
      },
    })
    return { ...toInstall(row, [entered]), accepted }
  }

  async #byKey(key: string, machineKey: number): Promise<StartedInstall | undefined> {
    const row = await this.#parts.database.queries
      .selectFrom('installs')
      .innerJoin('operations', 'operations.id', 'installs.operationId')
      .selectAll('installs')
      .where('operations.key', '=', key)
      .where('installs.machineKey', '=', machineKey)
      .executeTakeFirst()
    if (!row) return undefined
    const accepted: Operation = await this.#parts.operations.get(row.operationId)
    return { ...toInstall(row, await phaseRows(this.#parts.database.queries, [row.runId])), accepted }
  }

  async #networksOf(machine: Machine): Promise<ReadonlyMap<number, Network>> {
    const keys = [...new Set(machine.networks.map((card) => card.network))]
    const networks = await Promise.all(keys.map((key) => this.#parts.networks.get(key)))
    return new Map(networks.map((network) => [network.key, network]))
  }
}

/** Hashes of all parameters are sealed alike: they are moved nowhere else. */
export const parametersContext = 'install-parameters/password-hash'

function noMedia(): VirtkitError {
  return new VirtkitError('UNSUPPORTED', 'This kit has no install media.', {
    details: { feature: 'installMedia' },
    hint: 'Hand `installMedia: netboot({ … })` to createVirtkit.',
  })
}

function alreadyDeployed(machine: Machine): VirtkitError {
  return new VirtkitError('CONFLICT', `${machine.name} is installed already, and its disk would be lost.`, {
    details: { field: 'state', with: machine.state },
    hint: 'Remove the machine and make it anew, or take another.',
  })
}
