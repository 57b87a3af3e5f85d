import {
  type Call,
  type Clock,
  type Hypervisor,
  type MediaOperations,
  type OpenInstallMedia,
  VirtkitError,
} from '@virtkit/spi'
import type { Keyring } from '../access/keyring.ts'
import type { Connections } from '../clusters/clusters.ts'
import { onHypervisor } from '../clusters/on-hypervisor.ts'
import type { Database, Queries } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import type { MachineNetworks } from '../machines/machine-networks.ts'
import { type MachineRow, changeMachine, machineRow } from '../machines/machine-rows.ts'
import { type Done, type OperationOf, type Wait, defineOperation } from '../operations/operation-definition.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import type { Settings } from '../settings/settings.ts'
import type { BootServers } from './boot-servers.ts'
import { type InstallRow, enterPhase, installRow, phaseRows, traceOf } from './install-rows.ts'
import { consoleTailOf, hasReached, mediumNameOf } from './install-rules.ts'
import { traceInstall } from './traced-install.ts'
import { createOnHypervisor, placeMachine } from './place-machine.ts'
import { tokenOf } from './run-token.ts'
import { openPlan } from './sql-install-desk.ts'

export interface InstallMachineParts {
  readonly database: Database
  readonly events: Events
  readonly clock: Clock
  readonly keyring: Keyring
  readonly settings: Settings
  readonly connections: Connections
  readonly machineNetworks: MachineNetworks
  readonly media: () => OpenInstallMedia
  readonly bootServers: BootServers
  readonly telemetry: Telemetry
}

export interface InstallMachineInput {
  readonly machine: number
  readonly runId: string
  readonly provisioning: 'thin' | 'thick'
  readonly deadlineAt: number
  /** Left out: a medium. */
  readonly boot?: 'network'
}

/** Guests wake the operation when they report, and `BootServers` when nobody serves them any more; this is for what nobody saw. */
const lookAgainMs = 10 * 60_000

const consoleMs = 10_000

const awaited = {
  booted: 'the guest to boot',
  finishing: 'the installer to finish',
  ready: 'the installed system to come up',
} as const
type AwaitedPhase = keyof typeof awaited

function waitFor(phase: AwaitedPhase): Wait {
  return { waitMs: lookAgainMs, waitFor: awaited[phase] }
}

/**
 * Installs a machine: medium up, machine made, switched on, and then it follows what the guest reports until the installed
 * system is up. Whatever fails, all of it is taken back; the machine stays on paper.
 */
export function installMachine(parts: InstallMachineParts): OperationOf<InstallMachineInput> {
  const { database, events, connections } = parts
  const deadlineAt = ({ input }: { input: InstallMachineInput }): number => input.deadlineAt
  const machineOf = ({ machine }: InstallMachineInput): Promise<MachineRow> => machineRow(database.queries, machine)
  const runOf = ({ runId }: InstallMachineInput): Promise<InstallRow> => installRow(database.queries, runId)
  const on = <T>(machine: MachineRow, call: Call, work: (hypervisor: Hypervisor) => Promise<T>): Promise<T> =>
    onHypervisor(connections, machine.clusterKey, call, work)

  /** Renders and uploads the medium; a medium of the same name is replaced. */
  const upload = async (machine: MachineRow, run: InstallRow, call: Call): Promise<{ ref: string; origin: string }> => {
    const media = parts.media()
    const medium = await media.medium(openPlan(parts.keyring, run), tokenOf(parts.keyring, run.runId).reveal(), call)
    const image = { name: mediumNameOf(run.runId), sizeBytes: medium.sizeBytes, content: () => medium.content() }
    const { ref } = await on(machine, call, (hypervisor) => mediaOf(hypervisor).upload(image, call))
    return { ref, origin: media.origin }
  }

  /** Where the guest gets what it boots: of one that boots from the network, the site's DHCP server knows the rest. */
  const publish = async (
    { boot }: InstallMachineInput,
    machine: MachineRow,
    run: InstallRow,
    call: Call,
  ): Promise<{ ref?: string; origin: string }> =>
    boot === 'network' ? { origin: parts.media().origin } : upload(machine, run, call)

  /** Nobody serves where the guest was sent: it asks in vain, and boots again from what is published now. */
  const bootAgain = async (input: InstallMachineInput, run: InstallRow, call: Call): Promise<void> => {
    const machine = await machineOf(input)
    const { ref, origin } = await publish(input, machine, run, call)
    await on(machine, call, async (hypervisor) => {
      const owned = { ref: machine.ref!, key: machine.mark }
      await hypervisor.power.off(owned, call)
      if (ref !== undefined) await mediaOf(hypervisor).insert(owned, ref, call)
      await hypervisor.power.on(owned, call)
    })
    await database.queries.updateTable('installs').set({ origin }).where('runId', '=', run.runId).execute()
  }

  const isStranded = async (run: InstallRow): Promise<boolean> =>
    !hasReached(run, 'finishing') && !(await parts.bootServers.isServed(run.origin))

  /** What a step that is done hands on: what the next one would find to wait for, or nothing when that has to look for itself. */
  const follow = async (run: InstallRow, phase: AwaitedPhase): Promise<{ next?: Wait }> => {
    if (run.phase === 'failed' || hasReached(run, phase) || (await isStranded(run))) return {}
    return { next: waitFor(phase) }
  }

  const reached = async (
    input: InstallMachineInput,
    phase: AwaitedPhase,
    call: Call,
    then?: AwaitedPhase,
  ): Promise<Done<Record<never, never>> | Wait> => {
    const run = await runOf(input)
    if (run.phase === 'failed') throw failed(run)
    if (hasReached(run, phase)) return { output: {}, ...(then ? await follow(run, then) : {}) }
    if (await isStranded(run)) await bootAgain(input, run, call)
    return waitFor(phase)
  }

  return defineOperation<InstallMachineInput>('install-machine')
    .step('place', {
      percent: 2,
      deadlineAt,
      run: async ({ input, call }) => {
        const machine = await machineOf(input)
        const placement = await on(machine, call, async (hypervisor) => {
          if (input.boot !== 'network') mediaOf(hypervisor)
          return placeMachine(parts, hypervisor, machine, call)
        })
        return {
          output: { placement },
          commit: (queries) => changeMachine(queries, machine.key, { placedDatastore: placement.datastore ?? null }),
        }
      },
      undo: async ({ input }) => ({
        commit: (queries) => changeMachine(queries, input.machine, { placedDatastore: null }),
      }),
    })
    .step('publish', {
      percent: 5,
      deadlineAt,
      run: async ({ input, call }) => {
        const [machine, run] = [await machineOf(input), await runOf(input)]
        const { ref, origin } = await publish(input, machine, run, call)
        return {
          output: ref === undefined ? {} : { medium: ref },
          commit: async (queries: Queries) => {
            const { numUpdatedRows } = await queries
              .updateTable('installs')
              .set({ phase: 'published', percent: 2, origin })
              .where('runId', '=', run.runId)
              .where('phase', '=', 'planned')
              .executeTakeFirstOrThrow()
            const entered = { runId: run.runId, phase: 'published', startedAt: parts.clock.now() } as const
            if (numUpdatedRows > 0n) await enterPhase(queries, entered)
          },
        }
      },
      undo: async ({ input, call }) => {
        if (input.boot === 'network') return
        const machine = await machineOf(input)
        await on(machine, call, (hypervisor) => removeMedium(mediaOf(hypervisor), mediumNameOf(input.runId), call))
      },
    })
    .step('create', {
      percent: 10,
      deadlineAt,
      run: async ({ input, outputs, call }) => {
        const machine = await machineOf(input)
        const cards = await parts.machineNetworks.of(database.queries, [machine.key])
        const spec = { placement: outputs.place.placement, ...outputs.publish, provisioning: input.provisioning }
        const ref = await on(machine, call, (hypervisor) =>
          createOnHypervisor(database, hypervisor, machine, cards, spec, call),
        )
        return { output: { ref }, commit: (queries) => changeMachine(queries, machine.key, { ref }) }
      },
      undo: async ({ input, call }) => {
        const machine = await machineOf(input)
        const lines = await on(machine, call, async (hypervisor) => {
          const { machines } = hypervisor
          const found = machine.ref === null ? await machines.findByKey(machine.mark, call) : { ref: machine.ref }
          if (!found) return []
          // The machine is about to go, and what it said last with it.
          const said = await lastWords(hypervisor, found.ref, call)
          await machines.destroy({ ref: found.ref, key: machine.mark }, call)
          return said
        })
        const tail = consoleTailOf(lines, secretsOf(parts.keyring, await runOf(input)))
        return {
          commit: async (queries) => {
            await changeMachine(queries, machine.key, { ref: null })
            await keepConsole(queries, input.runId, tail)
          },
        }
      },
    })
    .step('switch-on', {
      percent: 12,
      deadlineAt,
      run: async ({ input, outputs, call }) => {
        const machine = await machineOf(input)
        await on(machine, call, ({ power }) => power.on({ ref: outputs.create.ref, key: machine.mark }, call))
        return { output: {}, ...(await follow(await runOf(input), 'booted')) }
      },
    })
    .step('boot', {
      percent: 15,
      deadlineAt,
      run: ({ input, call }) => reached(input, 'booted', call, 'finishing'),
    })
    .step('install', {
      percent: 90,
      deadlineAt,
      run: ({ input, call }) => reached(input, 'finishing', call),
    })
    .step('detach', {
      percent: 92,
      deadlineAt,
      run: async ({ input, outputs, call }) => {
        const machine = await machineOf(input)
        const detach = async (hypervisor: Hypervisor): Promise<void> => {
          const media = mediaOf(hypervisor)
          await media.eject({ ref: outputs.create.ref, key: machine.mark }, call)
          await removeMedium(media, mediumNameOf(input.runId), call)
        }
        if (input.boot !== 'network') await on(machine, call, detach)
        return { output: {}, ...(await follow(await runOf(input), 'ready')) }
      },
    })
    .step('first-boot', {
      percent: 100,
      deadlineAt,
      run: ({ input, call }) => reached(input, 'ready', call),
    })
    .ending(async (queries, { input, state, error }) => {
      const machine = await machineRow(queries, input.machine)
      const succeeded = state === 'succeeded'
      const detail = succeeded ? null : (error?.message.slice(0, 500) ?? null)
      await changeMachine(queries, machine.key, { state: succeeded ? 'deployed' : 'failed' })
      const endedAt = parts.clock.now()
      const phase = succeeded ? 'ready' : 'failed'
      await enterPhase(queries, { runId: input.runId, phase, startedAt: endedAt })
      const trace = traceOf(await installRow(queries, input.runId))
      await queries
        .updateTable('installs')
        .set({
          phase,
          endedAt,
          detail,
          ...(succeeded ? { percent: 100 } : {}),
        })
        .where('runId', '=', input.runId)
        .execute()
      await events.append(queries, {
        type: succeeded ? 'install.ready' : 'install.failed',
        subject: `machine/${machine.key}`,
        data: {
          run: input.runId,
          ...(trace === undefined ? {} : { trace }),
          cluster: machine.clusterKey,
          name: machine.name,
          ...(error ? { code: error.code, reason: error.message } : {}),
        },
      })
      const entered = await phaseRows(queries, [input.runId])
      return () => traceInstall(parts.telemetry, { run: input.runId, trace, entered, ...(error && { code: error.code }) })
    })
}

/** What the machine wrote to its console last; that it cannot be told holds nobody up. */
async function lastWords(hypervisor: Hypervisor, ref: string, call: Call): Promise<readonly string[]> {
  const signal = AbortSignal.any([call.signal, AbortSignal.timeout(consoleMs)])
  return (await hypervisor.console?.tail(ref, { ...call, signal }).catch(() => [])) ?? []
}

async function keepConsole(queries: Queries, runId: string, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return
  const consoleTail = JSON.stringify(lines)
  await queries.updateTable('installs').set({ consoleTail }).where('runId', '=', runId).execute()
}

/** What may stand on a guest's console and nowhere else. */
function secretsOf(keyring: Keyring, run: InstallRow): string[] {
  return [tokenOf(keyring, run.runId).reveal(), openPlan(keyring, run).rootPasswordHash.reveal()]
}

function mediaOf(hypervisor: Hypervisor): MediaOperations {
  if (hypervisor.media) return hypervisor.media
  throw new VirtkitError('UNSUPPORTED', `${hypervisor.about.product} has no drive that we could boot an installer from.`, {
    details: { feature: 'media' },
  })
}

async function removeMedium(media: MediaOperations, name: string, call: Call): Promise<void> {
  const medium = await media.find({ name }, call)
  if (medium) await media.remove(medium.ref, call)
}

function failed(run: InstallRow): VirtkitError {
  const reason = run.detail ?? 'the installer gave no reason'
  return new VirtkitError('INSTALL_FAILED', `The installation failed inside the guest: ${reason}.`, {
    details: { phase: run.phase, reason },
  })
}
