import { type Call, type MachineInfo, type MachineOperations, notFound, toVirtkitError } from '@virtkit/spi'
import type { Connections } from '../clusters/clusters.ts'
import { onHypervisor } from '../clusters/on-hypervisor.ts'
import type { Contingents } from '../contingents/contingents.ts'
import type { Database } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import { type OperationOf, defineOperation } from '../operations/operation-definition.ts'
import { mayPass } from '../operations/operation-rules.ts'
import { diskMiBOf, firstDiskMiB } from './import-rules.ts'
import { amountOf, difference } from './machine-rules.ts'
import { type MachineRow, changeMachine, lockedMachineRow, machineRow } from './machine-rows.ts'

export interface ChangeParts {
  readonly database: Database
  readonly events: Events
  readonly connections: Connections
  readonly contingents: Contingents
}

export interface ResizeInput {
  readonly machine: number
  readonly cpus: number
  readonly memoryMiB: number
  readonly diskMiB: number
}

/** Whose a reservation is. */
export function reservationOwner(operationId: string): string {
  return `operation/${operationId}`
}

/** Changes the hardware of a deployed machine; its growth was reserved when this was accepted. */
export function resizeMachine(parts: ChangeParts): OperationOf<ResizeInput> {
  return defineOperation<ResizeInput>('resize-machine')
    .step('reconfigure', {
      percent: 100,
      run: async ({ operationId, input, call }) => {
        const row = await machineRow(parts.database.queries, input.machine)
        await onHypervisor(parts.connections, row.clusterKey, call, async ({ machines }) => {
          const { cpus, memoryMiB, diskMiB } = input
          const owned = { ref: row.ref ?? '', key: row.mark }
          const info = await machines.find(owned.ref, call)
          if (!info) throw notFound('machine', input.machine)
          const disks = diskMiBOf(info) === diskMiB ? {} : { diskSizesMiB: [firstDiskMiB(info, diskMiB)] }
          await machines.reconfigure(owned, { cpus, memoryMiB, ...disks }, call)
        })
        return {
          output: {},
          commit: async (queries) => {
            const { machine, ...size } = input
            const before = await lockedMachineRow(queries, machine)
            const amount = difference(amountOf(size), amountOf(before))
            await parts.contingents.settle(queries, reservationOwner(operationId), before.ownerKey, amount)
            await changeMachine(queries, machine, size)
            await parts.events.append(queries, { type: 'machine.updated', subject: `machine/${machine}`, data: size })
          },
        }
      },
      // It may have happened although it was cancelled or failed: it is put back, and what cannot be put back comes to paper.
      undo: async ({ operationId, input, call }) => {
        const row = await machineRow(parts.database.queries, input.machine)
        const { machine: key, ...asked } = input
        const size = await onHypervisor(parts.connections, row.clusterKey, call, ({ machines }) =>
          putBack(machines, row, asked, call),
        )
        if (isSameSize(size, row)) return
        return {
          commit: async (queries) => {
            const before = await lockedMachineRow(queries, key)
            const amount = difference(amountOf(size), amountOf(before))
            await parts.contingents.settle(queries, reservationOwner(operationId), before.ownerKey, amount)
            await changeMachine(queries, key, { ...size })
            await parts.events.append(queries, { type: 'machine.updated', subject: `machine/${key}`, data: { ...size } })
          },
        }
      },
    })
    .ending((queries, { operationId }) => parts.contingents.release(queries, reservationOwner(operationId)))
}

type Size = Omit<ResizeInput, 'machine'>

function isSameSize(a: Size, b: Size): boolean {
  return a.cpus === b.cpus && a.memoryMiB === b.memoryMiB && a.diskMiB === b.diskMiB
}

/** Gives a machine the hardware on paper again, as far as it lets go of what it got; answers what it has then. */
async function putBack(machines: MachineOperations, row: MachineRow, asked: Size, call: Call): Promise<Size> {
  const owned = { ref: row.ref ?? '', key: row.mark }
  const before = await machines.find(owned.ref, call)
  if (!before) return row
  const has = sizeOf(before)
  // What neither we asked for nor paper says is somebody else's doing, and not ours to undo.
  const isOurs = (['cpus', 'memoryMiB', 'diskMiB'] as const).every((part) => [asked[part], row[part]].includes(has[part]))
  if (!isOurs) return row
  // Disks only grow.
  const disks = row.diskMiB > has.diskMiB ? { diskSizesMiB: [firstDiskMiB(before, row.diskMiB)] } : {}
  const change = { cpus: row.cpus, memoryMiB: row.memoryMiB, ...disks }
  try {
    await machines.reconfigure(owned, change, call)
  } catch (error) {
    if (mayPass(toVirtkitError(error))) throw error
  }
  const after = await machines.find(owned.ref, call)
  return after ? sizeOf(after) : row
}

function sizeOf(info: MachineInfo): Size {
  return { cpus: info.cpus, memoryMiB: info.memoryMiB, diskMiB: diskMiBOf(info) }
}

export interface PowerInput {
  readonly machine: number
  readonly to: 'on' | 'off' | 'shutdown'
}

/** How long a guest may take to shut down before the plug is pulled. */
const shutdownMs = 120_000

export function powerMachine(parts: ChangeParts): OperationOf<PowerInput> {
  return defineOperation<PowerInput>('power-machine').step('switch', {
    percent: 100,
    run: async ({ input, call }) => {
      const row = await machineRow(parts.database.queries, input.machine)
      const machine = { ref: row.ref ?? '', key: row.mark }
      await onHypervisor(parts.connections, row.clusterKey, call, async ({ power }) => {
        if (input.to === 'on') await power.on(machine, call)
        else if (input.to === 'off') await power.off(machine, call)
        else await power.shutdown(machine, { timeoutMs: shutdownMs, fallback: 'off' }, call)
      })
      return {
        output: {},
        commit: (queries) =>
          parts.events.append(queries, { type: 'machine.switched', subject: `machine/${row.key}`, data: { to: input.to } }),
      }
    },
  })
}
