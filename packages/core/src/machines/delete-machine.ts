import { type Clock, isVirtkitError, toVirtkitError } from '@virtkit/spi'
import type { Connections } from '../clusters/clusters.ts'
import { onHypervisor } from '../clusters/on-hypervisor.ts'
import type { Database } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import { type OperationOf, defineOperation } from '../operations/operation-definition.ts'
import { retryDelayMs } from '../operations/operation-rules.ts'
import { type ForgetParts, forgetMachine } from './forget-machine.ts'
import { changeMachine, lockedMachineRow, machineRow } from './machine-rows.ts'

export interface DeleteParts extends ForgetParts {
  readonly database: Database
  readonly events: Events
  readonly connections: Connections
  readonly clock: Clock
}

export interface DeleteInput {
  readonly machine: number
  /** The state to go back to when the deletion is cancelled or refused. */
  readonly before: 'planned' | 'deployed' | 'failed' | 'template'
  /** From then on it is forced: forgotten here, whatever the hypervisor says. */
  readonly forceAt: number
}

/** Errors that say nothing of what the hypervisor would do. */
const notTheHypervisors = ['NOT_OURS', 'CANCELLED', 'DATABASE_UNAVAILABLE'] as const

/** Destroys a machine on its hypervisor, patiently, and then forgets it here. */
export function deleteMachine(parts: DeleteParts): OperationOf<DeleteInput> {
  return defineOperation<DeleteInput>('delete-machine')
    .step('destroy', {
      percent: 60,
      run: async ({ input, call, attempt, startedAt }) => {
        const row = await machineRow(parts.database.queries, input.machine)
        if (input.before === 'planned') return { output: { orphaned: false } }
        try {
          await onHypervisor(parts.connections, row.clusterKey, call, async ({ machines }) => {
            const found = row.ref === null ? await machines.findByKey(row.mark, call) : { ref: row.ref }
            if (found) await machines.destroy({ ref: found.ref, key: row.mark }, call)
          })
          return { output: { orphaned: false } }
        } catch (cause) {
          const error = toVirtkitError(cause)
          if (notTheHypervisors.some((code) => isVirtkitError(error, code))) throw error
          const now = parts.clock.now()
          if (now >= input.forceAt) return { output: { orphaned: true, reason: error.message } }
          if (row.scheduledDeletionAt === null) {
            await postpone(parts, input, error.message)
          }
          // Whole milliseconds: PostgreSQL takes no others.
          const patience = Math.max(retryDelayMs(error, attempt), Math.round((now - startedAt) / 10))
          return {
            waitMs: Math.min(patience, input.forceAt - now),
            waitFor: `the hypervisor to destroy it (${error.message})`,
          }
        }
      },
      // It cannot be undone. If it happened although it was cancelled, the machine is on paper only.
      undo: async ({ input, call }) => {
        const row = await machineRow(parts.database.queries, input.machine)
        const { ref } = row
        if (ref === null) return
        const info = await onHypervisor(parts.connections, row.clusterKey, call, ({ machines }) => machines.find(ref, call))
        if (info) return
        return { commit: (queries) => changeMachine(queries, row.key, { ref: null }) }
      },
    })
    .step('forget', {
      percent: 100,
      cancellable: false,
      run: async ({ input, outputs }) => ({
        output: {},
        commit: async (queries) => {
          const row = await forgetMachine(parts, queries, input.machine)
          const data = { cluster: row.clusterKey, name: row.name }
          const whose = { subject: `machine/${row.key}`, group: row.ownerKey }
          if (outputs.destroy.orphaned) {
            await parts.events.append(queries, {
              type: 'machine.orphaned',
              ...whose,
              data: { ...data, ref: row.ref, mark: row.mark },
            })
          }
          await parts.events.append(queries, { type: 'machine.deleted', ...whose, data })
        },
      }),
    })
    .ending(async (queries, { input, state }) => {
      if (state === 'succeeded') return
      const { ref } = await machineRow(queries, input.machine)
      const before = input.before === 'deployed' && ref === null ? 'failed' : input.before
      await changeMachine(queries, input.machine, { state: before, scheduledDeletionAt: null })
    })
}

/** Once for each deletion, however often the hypervisor refuses it. */
async function postpone(
  { database, events }: DeleteParts,
  { machine, forceAt }: DeleteInput,
  reason: string,
): Promise<void> {
  await database.transaction(async (queries) => {
    const row = await lockedMachineRow(queries, machine)
    if (row.scheduledDeletionAt !== null) return
    await changeMachine(queries, machine, { scheduledDeletionAt: forceAt })
    await events.append(queries, {
      type: 'machine.deletion-postponed',
      subject: `machine/${machine}`,
      group: row.ownerKey,
      data: { cluster: row.clusterKey, name: row.name, until: new Date(forceAt).toISOString(), reason },
    })
  })
}
