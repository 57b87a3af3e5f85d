import type { Firmware, MachineInfo, PowerState } from '@virtkit/spi'
import type { Found } from '../client/retrieve.ts'
import { at, flagAt, listAt, numberAt, refAt, textAt, typeOf } from '../client/xml/xml-tree.ts'
import { readName } from '../places/entity-name.ts'
import type { Places } from '../places/places.ts'
import { devicesOf, isoOf, parseDatastorePath } from './devices.ts'
import { markOf, shownName } from './machine-mark.ts'
import { mediumRef } from './medium-ref.ts'

/** What has to be read of a machine to tell of it. */
export const machinePaths: readonly string[] = [
  'name',
  'config.template',
  'config.firmware',
  'config.guestId',
  'config.hardware.numCPU',
  'config.hardware.memoryMB',
  'config.hardware.device',
  'config.bootOptions',
  'config.extraConfig',
  'runtime.powerState',
  'runtime.host',
]

/** A machine in our words. Promises: keeps nothing of the answer that it was read from. */
export function machineInfo({ ref, properties }: Found, places: Places): MachineInfo {
  const host = places.get(refAt(properties['runtime.host']))
  const datacenter = places.datacenterOf(host)
  const devices = devicesOf(properties['config.hardware.device'])
  const iso = isoOf(devices.drive)
  const key = markOf(properties['config.extraConfig'])
  const guestOs = textAt(properties['config.guestId'])
  const info: MachineInfo = {
    ref: ref.id,
    name: shownName(readName(textAt(properties['name']) ?? ''), properties['config.extraConfig']),
    ...(key === undefined ? {} : { key }),
    power: powerOf(properties),
    cpus: numberAt(properties['config.hardware.numCPU']) ?? 0,
    memoryMiB: numberAt(properties['config.hardware.memoryMB']) ?? 0,
    firmware: firmwareOf(properties),
    disks: devices.disks.map((disk) => diskOf(disk, places)),
    nics: devices.nics.map((nic) => ({
      network: networkOf(nic, places),
      mac: (textAt(nic, 'macAddress') ?? '').toLowerCase(),
    })),
    ...(iso === undefined ? {} : { medium: mediumRef(datacenter, iso) }),
    bootsFrom: bootsMedium(properties['config.bootOptions']) ? 'medium' : 'disk',
    ...(host === undefined ? {} : { host: host.name }),
    ...(datacenter === undefined ? {} : { datacenter: datacenter.name }),
    isTemplate: flagAt(properties['config.template']),
    ...(guestOs === undefined || guestOs === '' ? {} : { guestOs }),
  }
  // Texts that were cut out of the answer hold the whole of it in memory; copies do not.
  return JSON.parse(JSON.stringify(info)) as MachineInfo
}

export function powerOf(properties: Found['properties']): PowerState {
  const state = textAt(properties['runtime.powerState'])
  return state === 'poweredOn' ? 'on' : state === 'suspended' ? 'suspended' : 'off'
}

export function firmwareOf(properties: Found['properties']): Firmware {
  return textAt(properties['config.firmware']) === 'efi' ? 'uefi' : 'bios'
}

/** Whether the firmware tries the drive before anything else. */
export function bootsMedium(bootOptions: unknown): boolean {
  return typeOf(listAt(bootOptions, 'bootOrder')[0]) === 'VirtualMachineBootOptionsBootableCdromDevice'
}

export function sizeMiBOf(disk: unknown): number {
  return Math.floor((numberAt(disk, 'capacityInKB') ?? 0) / 1024)
}

function diskOf(disk: unknown, places: Places): MachineInfo['disks'][number] {
  const backing = at(disk, 'backing')
  const store =
    places.get(refAt(backing, 'datastore'))?.name ?? parseDatastorePath(textAt(backing, 'fileName'))?.datastore ?? ''
  return { sizeMiB: sizeMiBOf(disk), provisioning: flagAt(backing, 'thinProvisioned') ? 'thin' : 'thick', datastore: store }
}

/** The network's name as the inventory has it: a distributed port group by its key, another by what the card refers to. */
export function networkOf(nic: unknown, places: Places): string {
  const backing = at(nic, 'backing')
  const group = textAt(backing, 'port.portgroupKey')
  if (group !== undefined) {
    const found = places.get(group) ?? places.networks().find((each) => textAt(each.properties['key']) === group)
    return found?.name ?? group
  }
  const opaque = textAt(backing, 'opaqueNetworkId')
  if (opaque !== undefined) {
    const found = places.networks().find((each) => textAt(each.properties['summary'], 'opaqueNetworkId') === opaque)
    return found?.name ?? opaque
  }
  return places.get(refAt(backing, 'network'))?.name ?? readName(textAt(backing, 'deviceName') ?? '')
}
