import { type VimArguments, typed } from '../client/xml/write-xml.ts'
import { at, textAt } from '../client/xml/xml-tree.ts'
import type { Place } from '../places/places.ts'
import { keyOf } from './devices.ts'

/** A disk to be made, and the datastore that it goes to. */
export interface NewDisk {
  readonly sizeMiB: number
  readonly provisioning: 'thin' | 'thick'
  readonly datastore: Place
}

const disksOfController = 15
export const maxDisks: number = 4 * disksOfController

/** Paravirtual controllers with their disks, in order. Keys below zero are ours until the server gives its own. */
export function addDisks(disks: readonly NewDisk[]): readonly VimArguments[] {
  const changes: VimArguments[] = []
  for (const [i, disk] of disks.entries()) {
    const bus = Math.floor(i / disksOfController)
    const controllerKey = -100 - bus
    if (i % disksOfController === 0) {
      const controller = { key: controllerKey, busNumber: bus, sharedBus: 'noSharing' }
      changes.push({ operation: 'add', device: typed('ParaVirtualSCSIController', controller) })
    }
    const place = i % disksOfController
    changes.push({
      operation: 'add',
      fileOperation: 'create',
      device: typed('VirtualDisk', {
        key: -200 - i,
        backing: typed('VirtualDiskFlatVer2BackingInfo', {
          fileName: `[${disk.datastore.name}]`,
          datastore: disk.datastore.ref,
          diskMode: 'persistent',
          thinProvisioned: disk.provisioning === 'thin',
        }),
        controllerKey,
        // The seventh place is the controller's own.
        unitNumber: place < 7 ? place : place + 1,
        capacityInKB: disk.sizeMiB * 1024,
      }),
    })
  }
  return changes
}

/** A drive on a SATA controller, with or without an image. */
export function addDrive(iso: string | undefined): readonly VimArguments[] {
  const drive = {
    key: -401,
    backing: driveBacking(iso),
    connectable: connected(iso !== undefined),
    controllerKey: -400,
    unitNumber: 0,
  }
  return [
    { operation: 'add', device: typed('VirtualAHCIController', { key: -400, busNumber: 0 }) },
    { operation: 'add', device: typed('VirtualCdrom', drive) },
  ]
}

/** Puts an image into a drive that is there, or takes it out. */
export function changeDrive(drive: unknown, iso: string | undefined): VimArguments {
  return {
    operation: 'edit',
    device: typed('VirtualCdrom', {
      key: keyOf(drive),
      deviceInfo: typed('Description', { label: textAt(drive, 'deviceInfo.label') ?? '', summary: '' }),
      backing: driveBacking(iso),
      connectable: connected(iso !== undefined),
      controllerKey: at(drive, 'controllerKey'),
      unitNumber: at(drive, 'unitNumber'),
    }),
  }
}

function driveBacking(iso: string | undefined): VimArguments {
  return iso === undefined
    ? typed('VirtualCdromRemotePassthroughBackingInfo', { deviceName: '', exclusive: false })
    : typed('VirtualCdromIsoBackingInfo', { fileName: iso })
}

export function addNic(mac: string, backing: VimArguments, i: number): VimArguments {
  const device = { key: -300 - i, backing, connectable: connected(true), addressType: 'manual', macAddress: mac }
  return { operation: 'add', device: typed('VirtualVmxnet3', device) }
}

export function removeDevice(device: unknown): VimArguments {
  // The server looks at the key only; a kind it must be told all the same.
  return {
    operation: 'remove',
    device: typed(textAt(device, '$type') ?? 'VirtualDevice', { key: keyOf(device), ...placeOf(device) }),
  }
}

export function growDisk(disk: unknown, sizeMiB: number): VimArguments {
  return {
    operation: 'edit',
    device: typed('VirtualDisk', {
      key: keyOf(disk),
      deviceInfo: typed('Description', { label: textAt(disk, 'deviceInfo.label') ?? '', summary: '' }),
      backing: typed('VirtualDiskFlatVer2BackingInfo', {
        fileName: textAt(disk, 'backing.fileName'),
        datastore: at(disk, 'backing.datastore'),
        diskMode: textAt(disk, 'backing.diskMode') ?? 'persistent',
        thinProvisioned: at(disk, 'backing.thinProvisioned'),
      }),
      controllerKey: at(disk, 'controllerKey'),
      unitNumber: at(disk, 'unitNumber'),
      capacityInKB: sizeMiB * 1024,
    }),
  }
}

function placeOf(device: unknown): VimArguments {
  const backing = at(device, 'backing')
  // A card's backing is needed by servers that keep count of ports.
  return backing === undefined
    ? {}
    : { backing, controllerKey: at(device, 'controllerKey'), unitNumber: at(device, 'unitNumber') }
}

function connected(isIt: boolean): VimArguments {
  return { startConnected: isIt, allowGuestControl: true, connected: isIt }
}
