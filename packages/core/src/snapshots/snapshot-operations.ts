import { type Call, type OwnedMachine, type SnapshotOperations, type SnapshotRequest, notFound } from '@virtkit/spi'
import type { Connections } from '../clusters/clusters.ts'
import { onHypervisor } from '../clusters/on-hypervisor.ts'
import type { Database } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import { type MachineRow, machineRow } from '../machines/machine-rows.ts'
import { type OperationOf, defineOperation } from '../operations/operation-definition.ts'
import { numberSnapshots } from './snapshot-keys.ts'
import { type SnapshotChange, branchOf, takenSince, unsupported } from './snapshot-rules.ts'

export interface SnapshotOperationParts {
  readonly database: Database
  readonly events: Events
  readonly connections: Connections
}

/** A snapshot by its number and the hypervisor's id. */
export interface OfSnapshot {
  readonly machine: number
  readonly key: number
  readonly id: string
}

export interface CreateSnapshotInput extends SnapshotRequest {
  readonly machine: number
}

/** What came of asking the guest to settle; `unknown` when the hypervisor's answer was lost. */
export type Quiesced = 'not-asked' | 'quiesced' | 'fell-back' | 'unknown'

export interface Taken {
  readonly id: string
  readonly quiesce: Quiesced
}

/** Takes a snapshot, once: one whose answer was lost is found again by its name. */
export function createSnapshot(parts: SnapshotOperationParts): OperationOf<CreateSnapshotInput> {
  return defineOperation<CreateSnapshotInput>('create-snapshot')
    .step('look', {
      percent: 10,
      run: async ({ input, call }) => {
        const row = await machineRow(parts.database.queries, input.machine)
        const tree = await withSnapshots(parts, row, call, (snapshots, { ref }) => snapshots.list(ref, call))
        return { output: { before: tree.snapshots.map(({ id }) => id) } }
      },
    })
    .step('take', {
      percent: 100,
      run: async ({ input, outputs, call }) => {
        const { machine, ...request } = input
        const row = await machineRow(parts.database.queries, machine)
        const output = await withSnapshots(parts, row, call, async (snapshots, owned): Promise<Taken> => {
          const ours = takenSince(await snapshots.list(owned.ref, call), outputs.look.before, request).at(-1)
          if (!ours) return snapshots.create(owned, request, call)
          return { id: ours.id, quiesce: request.quiesce ? 'unknown' : 'not-asked' }
        })
        return {
          output: { ...output },
          commit: async (queries) => {
            const key = (await numberSnapshots(queries, machine, [output.id])).get(output.id)
            const { name, memory } = request
            const data = { key, id: output.id, name, memory, quiesce: output.quiesce }
            await parts.events.append(queries, { type: 'snapshot.created', subject: `machine/${machine}`, data })
          },
        }
      },
      undo: async ({ input, outputs, call }) => {
        const before = outputs.look?.before
        if (!before) return
        const row = await machineRow(parts.database.queries, input.machine)
        await withSnapshots(parts, row, call, async (snapshots, owned) => {
          const [ours, another] = takenSince(await snapshots.list(owned.ref, call), before, input)
          // Of two, one is somebody else's, and it cannot be told which: neither is touched.
          if (ours && !another) await snapshots.remove(owned, ours.id, { children: false }, call)
        })
      },
    })
}

export interface RenameSnapshotInput extends OfSnapshot {
  readonly change: SnapshotChange
}

export function renameSnapshot(parts: SnapshotOperationParts): OperationOf<RenameSnapshotInput> {
  return defineOperation<RenameSnapshotInput>('rename-snapshot').step('rename', {
    percent: 100,
    cancellable: false,
    run: async ({ input, call }) => {
      const { machine, key, id, change } = input
      const row = await machineRow(parts.database.queries, machine)
      await withSnapshots(parts, row, call, async (snapshots, owned) => {
        await requireSnapshots(snapshots, owned, [input], call)
        await snapshots.rename(owned, id, change, call)
      })
      const data = { key, id, ...change }
      return {
        output: {},
        commit: (queries) =>
          parts.events.append(queries, { type: 'snapshot.renamed', subject: `machine/${machine}`, data }),
      }
    },
  })
}

export interface RemoveSnapshotInput extends OfSnapshot {
  readonly children: boolean
}

export function removeSnapshot(parts: SnapshotOperationParts): OperationOf<RemoveSnapshotInput> {
  return (
    defineOperation<RemoveSnapshotInput>('remove-snapshot')
      // A step of its own: once it is done, a snapshot that is gone is one that we have removed.
      .step('look', {
        percent: 10,
        run: async ({ input, call }) => {
          const row = await machineRow(parts.database.queries, input.machine)
          const tree = await withSnapshots(parts, row, call, (snapshots, owned) =>
            requireSnapshots(snapshots, owned, [input], call),
          )
          return { output: { branch: input.children ? branchOf(tree, input.id) : [input.id] } }
        },
      })
      .step('remove', {
        percent: 100,
        cancellable: false,
        run: async ({ input, outputs, call }) => {
          const { machine, key, id, children } = input
          const row = await machineRow(parts.database.queries, machine)
          await withSnapshots(parts, row, call, (snapshots, owned) => snapshots.remove(owned, id, { children }, call))
          return {
            output: {},
            commit: async (queries) => {
              const { branch } = outputs.look
              const numbers = await numberSnapshots(queries, machine, branch)
              const data = { key, id, removed: branch.map((each) => numbers.get(each)) }
              await parts.events.append(queries, { type: 'snapshot.removed', subject: `machine/${machine}`, data })
            },
          }
        },
      })
  )
}

export interface UpdateHardwareInput {
  readonly machine: number
  readonly snapshots: readonly { readonly key: number; readonly id: string }[]
}

export function updateSnapshotHardware(parts: SnapshotOperationParts): OperationOf<UpdateHardwareInput> {
  return defineOperation<UpdateHardwareInput>('update-snapshot-hardware').step('update', {
    percent: 100,
    cancellable: false,
    run: async ({ input, call }) => {
      const row = await machineRow(parts.database.queries, input.machine)
      await withSnapshots(parts, row, call, async (snapshots, owned) => {
        await requireSnapshots(snapshots, owned, input.snapshots, call)
        const ids = input.snapshots.map(({ id }) => id)
        await snapshots.updateHardware(owned, ids, call)
      })
      const data = { keys: input.snapshots.map(({ key }) => key) }
      return {
        output: {},
        commit: (queries) =>
          parts.events.append(queries, { type: 'snapshot.updated', subject: `machine/${input.machine}`, data }),
      }
    },
  })
}

/** Works with the snapshots of a machine's hypervisor. Throws `UNSUPPORTED` when it has none. */
export function withSnapshots<T>(
  parts: { readonly connections: Connections },
  row: MachineRow,
  call: Call,
  work: (snapshots: SnapshotOperations, owned: OwnedMachine) => Promise<T>,
): Promise<T> {
  return onHypervisor(parts.connections, row.clusterKey, call, ({ snapshots }) => {
    if (!snapshots) throw unsupported('snapshots', 'take snapshots')
    return work(snapshots, { ref: row.ref ?? '', key: row.mark })
  })
}

/** The tree, in which all of these are. Throws `NOT_FOUND` for one that is gone, by the number that the caller knows. */
export async function requireSnapshots(
  snapshots: SnapshotOperations,
  owned: OwnedMachine,
  wanted: readonly { readonly key: number; readonly id: string }[],
  call: Call,
): ReturnType<SnapshotOperations['list']> {
  const tree = await snapshots.list(owned.ref, call)
  const gone = wanted.find(({ id }) => !tree.snapshots.some((info) => info.id === id))
  if (gone) throw notFound('snapshot', gone.key)
  return tree
}
