import type { Connections } from '../clusters/clusters.ts'
import { onHypervisor } from '../clusters/on-hypervisor.ts'
import type { Database } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import { changeMachine, machineRow } from '../machines/machine-rows.ts'
import { type OperationOf, defineOperation } from '../operations/operation-definition.ts'
import { templatesOf } from './clone-machine.ts'

export interface RegisterParts {
  readonly database: Database
  readonly events: Events
  readonly connections: Connections
}

/** Makes a stopped machine a template. It cannot be undone, and need not be: it is one step. */
export function registerTemplate(parts: RegisterParts): OperationOf<{ readonly machine: number }> {
  return defineOperation<{ readonly machine: number }>('register-template').step('register', {
    percent: 100,
    cancellable: false,
    run: async ({ input, call }) => {
      const row = await machineRow(parts.database.queries, input.machine)
      await onHypervisor(parts.connections, row.clusterKey, call, (hypervisor) =>
        templatesOf(hypervisor).register({ ref: row.ref ?? '', key: row.mark }, call),
      )
      return {
        output: {},
        commit: async (queries) => {
          await changeMachine(queries, row.key, { state: 'template' })
          const data = { name: row.name, cluster: row.clusterKey }
          await parts.events.append(queries, { type: 'template.registered', subject: `machine/${row.key}`, data })
        },
      }
    },
  })
}
