import {
  type Call,
  type CloneSpec,
  type Hypervisor,
  type Placement,
  type TemplateOperations,
  VirtkitError,
  notFound,
} from '@virtkit/spi'
import type { Connections } from '../clusters/clusters.ts'
import { onHypervisor } from '../clusters/on-hypervisor.ts'
import type { Database } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import { placeMachine } from '../installs/place-machine.ts'
import { type ForgetParts, forgetMachine } from '../machines/forget-machine.ts'
import { firstDiskMiB } from '../machines/import-rules.ts'
import { type MachineRow, changeMachine, machineRow } from '../machines/machine-rows.ts'
import { type OperationOf, defineOperation } from '../operations/operation-definition.ts'
import type { Settings } from '../settings/settings.ts'
import { cardOfGuest } from './template-rules.ts'

export interface CloneParts extends ForgetParts {
  readonly database: Database
  readonly events: Events
  readonly connections: Connections
  readonly settings: Settings
}

export interface CloneOfTemplate {
  readonly machine: number
  /** The hypervisor's reference of the template. */
  readonly template: string
  readonly sshKeys: readonly string[]
}

/** The facet, or `UNSUPPORTED`. */
export function templatesOf({ templates }: Hypervisor): TemplateOperations {
  if (templates) return templates
  throw new VirtkitError('UNSUPPORTED', 'This hypervisor has no templates.', { details: { feature: 'templates' } })
}

/** Clones a machine that is on paper, charged and with its addresses; or else takes it off paper again. */
export function cloneMachine(parts: CloneParts): OperationOf<CloneOfTemplate> {
  const { database, connections } = parts
  return defineOperation<CloneOfTemplate>('clone-machine')
    .step('place', {
      percent: 10,
      run: async ({ input, call }) => {
        const row = await machineRow(database.queries, input.machine)
        const placement = await onHypervisor(connections, row.clusterKey, call, (hypervisor) =>
          placeMachine(parts, hypervisor, row, call),
        )
        return {
          output: { placement },
          commit: (queries) => changeMachine(queries, row.key, { placedDatastore: placement.datastore ?? null }),
        }
      },
    })
    .step('clone', {
      percent: 100,
      run: async ({ input, outputs, call }) => {
        const row = await machineRow(database.queries, input.machine)
        const info = await onHypervisor(connections, row.clusterKey, call, async (hypervisor) => {
          const spec = await specOf(database, hypervisor, row, input, outputs.place.placement, call)
          return templatesOf(hypervisor).clone(input.template, spec, { ...call, key: row.mark })
        })
        return {
          output: {},
          commit: async (queries) => {
            await changeMachine(queries, row.key, { state: 'deployed', ref: info.ref })
            const data = { name: row.name, cluster: row.clusterKey, owner: row.ownerKey }
            await parts.events.append(queries, { type: 'machine.cloned', subject: `machine/${row.key}`, data })
          },
        }
      },
      // The mark finds also what a lost answer left behind.
      undo: async ({ input, call }) => {
        const row = await machineRow(database.queries, input.machine)
        await onHypervisor(connections, row.clusterKey, call, async ({ machines }) => {
          const found = await machines.findByKey(row.mark, call)
          if (found) await machines.destroy({ ref: found.ref, key: row.mark }, call)
        })
      },
    })
    .ending(async (queries, { input, state }) => {
      if (state === 'succeeded') return
      const { key, name, clusterKey, ownerKey } = await forgetMachine(parts, queries, input.machine)
      const whose = { subject: `machine/${key}`, group: ownerKey }
      await parts.events.append(queries, { type: 'machine.forgotten', ...whose, data: { name, cluster: clusterKey } })
    })
}

async function specOf(
  { queries }: Database,
  { machines }: Hypervisor,
  row: MachineRow,
  input: CloneOfTemplate,
  placement: Placement,
  call: Call,
): Promise<CloneSpec> {
  const template = await machines.find(input.template, call)
  if (!template) throw notFound('template', input.template)
  const cards = await queries
    .selectFrom('machineNetworks')
    .innerJoin('networks', 'networks.key', 'machineNetworks.networkKey')
    .select(['networks.name', 'networks.cidr', 'networks.gateway', 'networks.dns', 'ip', 'mac'])
    .where('machineKey', '=', row.key)
    .orderBy('position')
    .execute()
  return {
    name: row.name,
    placement,
    cpus: row.cpus,
    memoryMiB: row.memoryMiB,
    ...(template.disks.length > 0 && { diskSizeMiB: firstDiskMiB(template, row.diskMiB) }),
    nics: cards.map(({ name, mac }) => ({ network: name, mac })),
    customisation: {
      hostname: row.name,
      networks: cards.map((card) => cardOfGuest(card.ip ?? undefined, card)),
      sshKeys: input.sshKeys,
    },
  }
}
