import { isVirtkitError } from '@virtkit/spi'
import type { Connections } from '../clusters/clusters.ts'
import { onHypervisor } from '../clusters/on-hypervisor.ts'
import type { Database } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import { type OperationOf, defineOperation } from '../operations/operation-definition.ts'
import { type ForgetParts, forgetMachine } from './forget-machine.ts'
import { changeMachine, machineRow } from './machine-rows.ts'

export interface ImportParts extends ForgetParts {
  readonly database: Database
  readonly events: Events
  readonly connections: Connections
}

export interface ImportOfMachine {
  readonly machine: number
}

/**
 * Puts our mark on a machine that is on paper already, charged and with its addresses.
 *
 * Paper comes first, together with this operation, because then every mark has a row that answers for it: whatever dies on the
 * way, the operation goes on until machine and mark are both there, or both gone. The other way round, a crash after the mark
 * would leave a machine that says it is ours and that nobody here has heard of.
 */
export function importMachine(parts: ImportParts): OperationOf<ImportOfMachine> {
  return defineOperation<ImportOfMachine>('import-machine')
    .step('mark', {
      percent: 100,
      run: async ({ input, call }) => {
        const row = await machineRow(parts.database.queries, input.machine)
        await onHypervisor(parts.connections, row.clusterKey, call, ({ machines }) =>
          machines.mark(row.ref ?? '', { ...call, key: row.mark }),
        )
        return {
          output: {},
          commit: async (queries) => {
            await changeMachine(queries, row.key, { state: 'deployed' })
            const data = { name: row.name, cluster: row.clusterKey, owner: row.ownerKey, os: row.os }
            await parts.events.append(queries, { type: 'machine.imported', subject: `machine/${row.key}`, data })
          },
        }
      },
      undo: async ({ input, call }) => {
        const row = await machineRow(parts.database.queries, input.machine)
        await onHypervisor(parts.connections, row.clusterKey, call, async ({ machines }) => {
          try {
            await machines.unmark({ ref: row.ref ?? '', key: row.mark }, call)
          } catch (error) {
            // It carries another mark by now: there is none of ours to take off.
            if (!isVirtkitError(error, 'NOT_OURS')) throw error
          }
        })
      },
    })
    .ending(async (queries, { input, state }) => {
      if (state === 'succeeded') return
      const row = await forgetMachine(parts, queries, input.machine)
      const whose = { subject: `machine/${row.key}`, group: row.ownerKey }
      const data = { name: row.name, cluster: row.clusterKey }
      await parts.events.append(queries, { type: 'machine.forgotten', ...whose, data })
    })
}
