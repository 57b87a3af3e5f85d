import { MiB, VirtkitError } from '@virtkit/spi'
import type { Content, DatastoreState, DiskState, HostState, MachineState, WorldState } from './world-state.ts'

/** What a disk takes from its datastore: a thick one its size, a thin one what it holds. Only the first disk holds files. */
export function diskTakesMiB(disk: DiskState, position: number, files: Content): number {
  if (disk.provisioning === 'thick') return disk.sizeMiB
  return position === 0 ? Math.min(disk.sizeMiB, contentMiB(files)) : 0
}

/** Text in whole MiB, rounded up: storage comes in blocks. */
export function contentMiB(content: Content): number {
  let bytes = 0
  for (const [path, text] of Object.entries(content)) bytes += path.length + Buffer.byteLength(text)
  return Math.ceil(bytes / MiB)
}

/** What one machine takes from one datastore, its snapshots included: they lie beside its first disk. */
export function machineTakesMiB(machine: MachineState, datastore: string): number {
  let taken = 0
  machine.disks.forEach((disk, position) => {
    if (disk.datastore === datastore) taken += diskTakesMiB(disk, position, machine.files)
  })
  if (machine.disks[0]?.datastore === datastore) {
    for (const snapshot of machine.snapshots) {
      taken += contentMiB(snapshot.files) + (snapshot.memory ? snapshot.hardware.memoryMiB : 0)
    }
  }
  return taken
}

export function freeMiB(state: WorldState, datastore: DatastoreState): number {
  let bytes = 0
  for (const medium of state.media.values()) if (medium.datastore === datastore.name) bytes += medium.sizeBytes
  let taken = Math.ceil(bytes / MiB)
  for (const machine of state.machines.values()) taken += machineTakesMiB(machine, datastore.name)
  return Math.max(0, datastore.capacityMiB - taken)
}

/** Memory that is not promised to a running machine. */
export function freeMemoryMiB(state: WorldState, host: HostState, except?: MachineState): number {
  let free = host.memoryMiB
  for (const machine of state.machines.values()) {
    if (machine !== except && machine.host === host.name && machine.power === 'on') free -= machine.memoryMiB
  }
  return Math.max(0, free)
}

export function datastoreFull(datastore: string, free: number, asked: number): VirtkitError<'DATASTORE_FULL'> {
  return new VirtkitError('DATASTORE_FULL', `Datastore ${datastore} has ${free} MiB left; ${asked} MiB were asked for.`, {
    details: { datastore, freeMiB: free, askedMiB: asked },
    hint: 'Choose another datastore, a smaller disk, or make room.',
  })
}

export function hostLacks(
  host: string,
  resource: 'cpus' | 'memoryMiB',
  free: number,
  asked: number,
): VirtkitError<'HOST_RESOURCES'> {
  return new VirtkitError('HOST_RESOURCES', `Host ${host} has ${free} ${resource} left; ${asked} were asked for.`, {
    details: { host, resource, free, asked },
    hint: 'Choose another host, a smaller machine, or stop another one.',
  })
}

/** Refuses disks for which there is no room: thick ones need their size, thin ones must at least fit an empty datastore. */
export function checkRoom(state: WorldState, disks: readonly DiskState[], files: Content): void {
  for (const datastore of state.datastores) {
    const free = freeMiB(state, datastore)
    let asked = 0
    disks.forEach((disk, position) => {
      if (disk.datastore !== datastore.name) return
      if (disk.sizeMiB > datastore.capacityMiB) throw datastoreFull(datastore.name, free, disk.sizeMiB)
      asked += diskTakesMiB(disk, position, files)
    })
    if (asked > free) throw datastoreFull(datastore.name, free, asked)
  }
}
