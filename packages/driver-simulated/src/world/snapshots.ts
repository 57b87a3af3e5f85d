import { notFound, type SnapshotRequest, type SnapshotTree } from '@virtkit/spi'
import { contentMiB, datastoreFull, freeMiB } from './capacity.ts'
import { nameProblems, throwProblems } from './input.ts'
import { defined, hardwareOf } from './machine-spec.ts'
import { hostToStart } from './placement.ts'
import { type WorldCore, conflict, hasSystem } from './world-core.ts'
import type { MachineState, SnapshotState, WorldState } from './world-state.ts'

const longestName = 255
const longestDescription = 4096

export function getSnapshot(machine: MachineState, id: string): SnapshotState {
  const snapshot = machine.snapshots.find((one) => one.id === id)
  if (!snapshot) throw notFound('snapshot', id)
  return snapshot
}

/** Parents before children: they are kept in the order in which they were taken. */
export function treeOf(machine: MachineState): SnapshotTree {
  const snapshots = machine.snapshots.map(({ id, name, description, parent, createdAt, memory }) => ({
    ...defined({ parent }),
    id,
    name,
    description,
    createdAt,
    memory: memory !== undefined,
  }))
  return { ...defined({ current: machine.currentSnapshot }), snapshots }
}

/** Throws `INVALID_INPUT`, `DATASTORE_FULL`. */
export function takeSnapshot(
  state: WorldState,
  machine: MachineState,
  request: SnapshotRequest,
  make: { readonly id: () => string; readonly now: number },
): SnapshotState {
  const { name, description } = request
  throwProblems([
    ...nameProblems('name', name, longestName),
    ...nameProblems('description', description, longestDescription, 0),
  ])
  const memory =
    request.memory && machine.power === 'on'
      ? { content: { ...machine.memory }, addresses: [...machine.addresses] }
      : undefined
  checkRoomFor(state, machine, memory ? machine.memoryMiB : 0)
  const snapshot: SnapshotState = {
    ...defined({ parent: machine.currentSnapshot, memory }),
    id: make.id(),
    name,
    description,
    createdAt: make.now,
    hardware: hardwareOf(machine),
    files: { ...machine.files },
  }
  machine.snapshots.push(snapshot)
  machine.currentSnapshot = snapshot.id
  return snapshot
}

function checkRoomFor(state: WorldState, machine: MachineState, memoryMiB: number): void {
  const datastore = state.datastores.find((one) => one.name === machine.disks[0]?.datastore)
  if (!datastore) return
  const asked = contentMiB(machine.files) + memoryMiB
  const free = freeMiB(state, datastore)
  if (asked > free) throw datastoreFull(datastore.name, free, asked)
}

export function renameSnapshot(snapshot: SnapshotState, change: { name?: string; description?: string }): void {
  const { name = snapshot.name, description = snapshot.description } = change
  throwProblems([
    ...nameProblems('name', name, longestName),
    ...nameProblems('description', description, longestDescription, 0),
  ])
  Object.assign(snapshot, { name, description })
}

/** Puts hardware, disk and, if kept, memory back. Throws `HOST_RESOURCES` before anything changes. */
export function revertTo(core: WorldCore, machine: MachineState, snapshot: SnapshotState): void {
  const { memory } = snapshot
  const host = memory ? hostToStart(core.state, machine, snapshot.hardware.memoryMiB) : machine.host
  core.powerOff(machine)
  const { medium, ...hardware } = structuredClone(snapshot.hardware)
  delete machine.medium
  Object.assign(machine, hardware, { host, files: { ...snapshot.files }, currentSnapshot: snapshot.id })
  // A medium that was removed meanwhile cannot come back.
  if (medium !== undefined && core.state.media.has(medium)) machine.medium = medium
  else machine.bootsFrom = 'disk'
  if (memory) {
    Object.assign(machine, { power: 'on', memory: { ...memory.content }, addresses: [...memory.addresses] })
    // A system that was up goes on where it was; what was still booting boots again.
    core.guests.start(machine, { alreadyUp: machine.bootsFrom === 'disk' && hasSystem(machine) })
  }
  core.tell('changed', machine.ref)
}

/** Removes one, whose children move up to its parent, or the whole branch. The disk stays as it is. */
export function removeSnapshot(machine: MachineState, id: string, children: boolean): void {
  const removed = machine.snapshots.find((one) => one.id === id)
  if (!removed) return
  const gone = new Set([id])
  // Parents stand before their children, so one pass finds the branch.
  if (children) for (const one of machine.snapshots) if (one.parent !== undefined && gone.has(one.parent)) gone.add(one.id)
  const parent = removed.parent
  machine.snapshots = machine.snapshots
    .filter((one) => !gone.has(one.id))
    .map((one) => {
      if (one.parent !== id) return one
      const { parent: _, ...rest } = one
      return parent === undefined ? rest : { ...rest, parent }
    })
  if (machine.currentSnapshot === undefined || !gone.has(machine.currentSnapshot)) return
  if (parent === undefined) delete machine.currentSnapshot
  else machine.currentSnapshot = parent
}

/** Applies today's cpus, memory and cards, to all of them or to none. Throws `NOT_FOUND`, `CONFLICT`. */
export function updateHardware(machine: MachineState, ids: readonly string[]): void {
  const snapshots = ids.map((id) => getSnapshot(machine, id))
  for (const { memory, name } of snapshots) {
    if (memory) throw conflict(`Snapshot ${name} keeps memory, which fits one hardware only.`, 'ids')
  }
  for (const snapshot of snapshots) {
    const { cpus, memoryMiB, nics } = hardwareOf(machine)
    snapshot.hardware = { ...snapshot.hardware, cpus, memoryMiB, nics }
  }
}
