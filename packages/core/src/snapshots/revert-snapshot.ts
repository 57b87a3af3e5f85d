import { type Call, type Hypervisor, type MachineInfo, VirtkitError, isVirtkitError, notFound } from '@virtkit/spi'
import { onHypervisor } from '../clusters/on-hypervisor.ts'
import type { Contingents } from '../contingents/contingents.ts'
import type { Queries } from '../database/database.ts'
import { reservationOwner } from '../machines/change-machine.ts'
import { diskMiBOf, firstDiskMiB } from '../machines/import-rules.ts'
import { type MachineRow, changeMachine, lockedMachineRow, machineRow } from '../machines/machine-rows.ts'
import { amountOf, difference } from '../machines/machine-rules.ts'
import { type OperationOf, defineOperation } from '../operations/operation-definition.ts'
import { type OfSnapshot, type SnapshotOperationParts, requireSnapshots, withSnapshots } from './snapshot-operations.ts'
import { type Size, isSameSize } from './snapshot-rules.ts'

export interface RevertParts extends SnapshotOperationParts {
  readonly contingents: Contingents
}

/** What the machine has by now must come to paper; it is worth some patience. */
const adoptRetries = 20

/**
 * Goes back to a snapshot and charges what the machine has then. What the contingent refuses is put back: the machine keeps the
 * disks of the snapshot, gets the hardware on paper, and the operation fails with the refusal. However it ends, paper and
 * hypervisor agree.
 */
export function revertSnapshot(parts: RevertParts): OperationOf<OfSnapshot> {
  return defineOperation<OfSnapshot>('revert-snapshot')
    .step('revert', {
      percent: 60,
      cancellable: false,
      run: async ({ input, call }) => {
        const { machine, key, id } = input
        const row = await machineRow(parts.database.queries, machine)
        await withSnapshots(parts, row, call, async (snapshots, owned) => {
          await requireSnapshots(snapshots, owned, [input], call)
          await snapshots.revert(owned, id, call)
        })
        const event = { type: 'snapshot.reverted', subject: `machine/${machine}`, data: { key, id } }
        return { output: {}, commit: (queries) => parts.events.append(queries, event) }
      },
      // It cannot be undone. If it happened although it failed, or its hardware could not be put back, paper follows.
      undo: async ({ operationId, input, call }) => {
        const row = await machineRow(parts.database.queries, input.machine)
        const { current } = await withSnapshots(parts, row, call, (snapshots, { ref }) => snapshots.list(ref, call))
        if (current !== input.id) return
        const size = sizeOf(await find(parts, row, call))
        return { commit: (queries) => follow(parts, queries, { machine: row.key, size, promisedTo: operationId }) }
      },
    })
    .step('adopt', {
      percent: 100,
      cancellable: false,
      retries: adoptRetries,
      run: async ({ input, call }) => {
        const row = await machineRow(parts.database.queries, input.machine)
        const size = sizeOf(await find(parts, row, call))
        return { output: { ...size }, commit: (queries) => follow(parts, queries, { machine: row.key, size }) }
      },
      undo: async ({ input, call }) => {
        const row = await machineRow(parts.database.queries, input.machine)
        const info = await find(parts, row, call)
        const size = sizeOf(info)
        // Disks only grow; one that is larger than on paper stays so.
        const wanted = { ...row, diskMiB: Math.max(row.diskMiB, size.diskMiB) }
        if (isSameSize(size, wanted)) return
        await onHypervisor(parts.connections, row.clusterKey, call, (hypervisor) =>
          putBack(hypervisor, row, { ...wanted, diskMiB: firstDiskMiB(info, wanted.diskMiB) }, call),
        )
        if (info.power === 'off') return
        const event = { type: 'machine.switched', subject: `machine/${row.key}`, data: { to: 'off' } }
        return { commit: (queries) => parts.events.append(queries, event) }
      },
    })
}

async function find(parts: SnapshotOperationParts, row: MachineRow, call: Call): Promise<MachineInfo> {
  const info = await onHypervisor(parts.connections, row.clusterKey, call, ({ machines }) =>
    machines.find(row.ref ?? '', call),
  )
  if (!info) throw notFound('machine', row.key)
  return info
}

function sizeOf(info: MachineInfo): Size {
  return { cpus: info.cpus, memoryMiB: info.memoryMiB, diskMiB: diskMiBOf(info) }
}

/** Gives a machine its hardware on paper. With the memory of the snapshot it runs, and nothing can be taken from it then. */
async function putBack({ machines, power }: Hypervisor, row: MachineRow, size: Size, call: Call): Promise<void> {
  const owned = { ref: row.ref ?? '', key: row.mark }
  const { cpus, memoryMiB, diskMiB } = size
  await power.off(owned, call)
  await machines.reconfigure(owned, { cpus, memoryMiB, diskSizesMiB: [diskMiB] }, call)
}

/** Brings what a machine has to paper and charges the difference; without asking when it was promised. */
async function follow(
  parts: RevertParts,
  queries: Queries,
  { machine, size, promisedTo }: { machine: number; size: Size; promisedTo?: string },
): Promise<void> {
  const row = await lockedMachineRow(queries, machine)
  if (isSameSize(row, size)) return
  const amount = difference(amountOf(size), amountOf(row))
  if (promisedTo !== undefined) {
    await parts.contingents.settle(queries, reservationOwner(promisedTo), row.ownerKey, amount)
  } else {
    await parts.contingents.charge(queries, row.ownerKey, amount).catch((error: unknown) => {
      throw isVirtkitError(error, 'CONTINGENT_EXCEEDED') ? refused(row, error) : error
    })
  }
  await changeMachine(queries, machine, { ...size })
  await parts.events.append(queries, { type: 'machine.updated', subject: `machine/${machine}`, data: { ...size } })
}

function refused(row: MachineRow, cause: VirtkitError<'CONTINGENT_EXCEEDED'>): VirtkitError<'CONTINGENT_EXCEEDED'> {
  return new VirtkitError(
    'CONTINGENT_EXCEEDED',
    `The disks of ${row.name} went back to the snapshot, its hardware did not: ${cause.message}`,
    {
      details: cause.details,
      hint: 'It keeps the hardware that it had, and is off if that had to be put back. Raise the contingent and revert again.',
      cause,
      outcome: 'unknown',
    },
  )
}
