import { randomUUID } from 'node:crypto'
import { failed } from '../api-error.ts'
import { drivesOf, putAside, volumesOf } from './drives.ts'
import { type Machine, type Snapshot, digestOf, diskKey, isCdrom, unusedKey } from './machine.ts'
import type { Storages } from './storages.ts'

export function findSnapshot({ snapshots }: Machine, name: string): Snapshot {
  const snapshot = snapshots.get(name)
  if (!snapshot) throw failed(`snapshot '${name}' does not exist`)
  return snapshot
}

/** Whether every disk is on something that can hold snapshots. */
export function canSnapshot(storages: Storages, machine: Machine): boolean {
  return drivesOf(machine.config).every(({ volid }) => {
    const volume = storages.find(volid, machine.node)
    if (!volume) return false
    const { type } = storages.get(volume.storage)
    return volume.format === 'qcow2' || ['lvmthin', 'zfspool', 'rbd', 'btrfs'].includes(type)
  })
}

/** Puts the present state into the tree, under where the machine stands; the machine then stands on it. */
export function takeSnapshot(machine: Machine, name: string, description: string, now: number, vmstate?: string): Snapshot {
  const config = new Map([...machine.config].filter(([key]) => key !== 'description' && !unusedKey.test(key)))
  const snapshot: Snapshot = {
    name,
    description,
    snaptime: now,
    config,
    ...(machine.parent !== undefined && { parent: machine.parent }),
    ...(vmstate !== undefined && { vmstate }),
  }
  machine.snapshots.set(name, snapshot)
  machine.parent = name
  return snapshot
}

/** Makes the machine what it was. Disks that it did not have then stay with it, unused. */
export function applySnapshot(machine: Machine, snapshot: Snapshot): void {
  const before = machine.config
  const config = new Map(snapshot.config)
  for (const [key, value] of before) if (key === 'description' || unusedKey.test(key)) config.set(key, value)
  const kept = new Set(drivesOf(config).map(({ volid }) => volid))
  for (const { volid } of drivesOf(before)) if (!kept.has(volid)) putAside(config, volid)
  for (const [key, value] of config) if (unusedKey.test(key) && kept.has(value)) config.delete(key)
  config.set('vmgenid', randomUUID())
  machine.config = config
  machine.pending.clear()
  machine.parent = snapshot.name
}

/** Takes it out of the tree: what stood on it stands on its parent. */
export function removeSnapshot(storages: Storages, machine: Machine, snapshot: Snapshot): void {
  const reparent = (child: { parent?: string }): void => {
    if (child.parent !== snapshot.name) return
    if (snapshot.parent === undefined) delete child.parent
    else child.parent = snapshot.parent
  }
  const before = volumesOf(machine)
  machine.snapshots.delete(snapshot.name)
  for (const other of machine.snapshots.values()) reparent(other)
  reparent(machine)
  const after = volumesOf(machine)
  for (const volid of before) {
    if (after.has(volid)) continue
    if (volid === snapshot.vmstate) storages.remove(volid, machine.node)
    else putAside(machine.config, volid)
  }
}

/** The list of the wire: a tree by `parent`, and `current`, which says where the machine stands. */
export function snapshotList(machine: Machine): Record<string, unknown>[] {
  const list: Record<string, unknown>[] = [...machine.snapshots.values()].map((snapshot) => ({
    name: snapshot.name,
    description: snapshot.description,
    snaptime: snapshot.snaptime,
    vmstate: snapshot.vmstate === undefined ? 0 : 1,
    ...(snapshot.parent !== undefined && { parent: snapshot.parent }),
  }))
  list.push({
    name: 'current',
    description: 'You are here!',
    digest: digestOf(machine),
    running: machine.running ? 1 : 0,
    ...(machine.parent !== undefined && { parent: machine.parent }),
  })
  return list
}

/** The disks that a snapshot would take, in the words of its task's log. */
export function snapshotLog(machine: Machine): string[] {
  return [...machine.config]
    .filter(([key, value]) => diskKey.test(key) && !isCdrom(value))
    .map(([key, value]) => `snapshotting 'drive-${key}' (${value.split(',')[0]})`)
}
