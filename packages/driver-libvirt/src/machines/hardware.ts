import type { Firmware, MachineInfo, NicSpec } from '@virtkit/spi'
import { type XmlElement, all, find } from '../client/xml.ts'
import { type MachineMark, readMark } from './mark.ts'
import { type Pool, type Site, poolAt } from './site.ts'

/** A machine as libvirt describes it, read once. */
export interface Hardware {
  readonly mark: MachineMark
  readonly uuid: string
  readonly cpus: number
  readonly memoryMiB: number
  readonly firmware: Firmware
  readonly disks: readonly { readonly target: string; readonly file?: string }[]
  readonly drive?: { readonly target: string; readonly file?: string }
  readonly seed?: string
  readonly consoleLog?: string
  readonly nics: readonly { readonly network: string; readonly mac: string }[]
  readonly bootsFrom: 'disk' | 'medium'
}

const kibPerUnit: Readonly<Record<string, number>> = {
  b: 1 / 1024,
  bytes: 1 / 1024,
  KiB: 1,
  k: 1,
  MiB: 1024,
  M: 1024,
  GiB: 1024 ** 2,
  G: 1024 ** 2,
}

export function readHardware(domain: XmlElement): Hardware {
  const devices = find(domain, 'devices')
  const memory = find(domain, 'memory')
  const kib = Number(memory?.text.trim() ?? 0) * (kibPerUnit[memory?.attributes['unit'] ?? 'KiB'] ?? 1)
  const drives = all(devices, 'disk').map(readDrive)
  const optical = drives.filter((drive) => drive.device === 'cdrom')
  const drive = optical.find((each) => !isSeed(each.file))
  const consoleLog = find(devices, 'serial', 'log')?.attributes['file']
  const seed = optical.find((each) => isSeed(each.file))?.file
  return {
    mark: readMark(domain),
    uuid: find(domain, 'uuid')?.text.trim() ?? '',
    cpus: Number(find(domain, 'vcpu')?.text.trim() ?? 1),
    memoryMiB: Math.round(kib / 1024),
    firmware: isUefi(domain) ? 'uefi' : 'bios',
    disks: drives.filter((each) => each.device === 'disk'),
    ...(drive && { drive }),
    ...(seed !== undefined && { seed }),
    ...(consoleLog !== undefined && { consoleLog }),
    nics: all(devices, 'interface').map(readNic),
    bootsFrom: bootsFrom(domain, drives),
  }
}

/** What the contract tells of a machine. `sizesMiB` are the disks', as far as they are known. */
export function machineInfo(
  hardware: Hardware,
  state: number,
  site: Pick<Site, 'pools' | 'host'>,
  sizesMiB: readonly (number | undefined)[],
  userNetwork: string | undefined,
): MachineInfo {
  const { mark, drive } = hardware
  const medium = drive?.file === undefined ? undefined : mediumRef(site.pools, drive.file)
  return {
    ref: hardware.uuid,
    name: mark.name,
    ...(mark.key !== undefined && { key: mark.key }),
    power: powerOf(state),
    cpus: hardware.cpus,
    memoryMiB: hardware.memoryMiB,
    firmware: hardware.firmware,
    disks: hardware.disks.map(({ file }, i) => ({
      sizeMiB: sizesMiB[i] ?? mark.disks[i]?.sizeMiB ?? 0,
      provisioning: mark.disks[i]?.provisioning ?? 'thin',
      datastore: (file !== undefined && poolAt(site.pools, file)?.name) || '',
    })),
    nics: hardware.nics.map(({ network, mac }) => ({ network: network || (userNetwork ?? 'user'), mac })),
    ...(medium !== undefined && { medium }),
    bootsFrom: hardware.bootsFrom,
    host: site.host,
    isTemplate: mark.isTemplate,
    ...(mark.guestOs !== undefined && { guestOs: mark.guestOs }),
  }
}

export function powerOf(state: number): MachineInfo['power'] {
  if (state === 3 || state === 7) return 'suspended'
  return state === 1 || state === 2 || state === 4 ? 'on' : 'off'
}

export function isSeed(file: string | undefined): boolean {
  return file !== undefined && /\/virtkit-[0-9a-f-]{36}-seed\.iso$/.test(file)
}

/** A medium is named by pool and file. */
export function mediumRef(pools: readonly Pool[], file: string): string {
  const pool = poolAt(pools, file)
  return pool ? `${pool.name}/${file.slice(file.lastIndexOf('/') + 1)}` : file
}

export function sameNics(one: readonly NicSpec[], other: readonly NicSpec[]): boolean {
  const text = (nics: readonly NicSpec[]): string => nics.map((nic) => `${nic.network} ${nic.mac}`).join('\n')
  return text(one) === text(other)
}

interface Drive {
  readonly device: string
  readonly target: string
  readonly file?: string
  readonly order: number
}

function readDrive(disk: XmlElement): Drive {
  const source = find(disk, 'source')?.attributes
  const file = source?.['file'] ?? source?.['dev']
  return {
    device: disk.attributes['device'] ?? 'disk',
    target: find(disk, 'target')?.attributes['dev'] ?? '',
    order: Number(find(disk, 'boot')?.attributes['order'] ?? Infinity),
    ...(file !== undefined && { file }),
  }
}

function readNic(nic: XmlElement): { network: string; mac: string } {
  const source = find(nic, 'source')?.attributes
  return {
    network: source?.['network'] ?? source?.['bridge'] ?? source?.['dev'] ?? '',
    mac: (find(nic, 'mac')?.attributes['address'] ?? '').toLowerCase(),
  }
}

function isUefi(domain: XmlElement): boolean {
  const os = find(domain, 'os')
  return os?.attributes['firmware'] === 'efi' || find(os, 'loader')?.attributes['type'] === 'pflash'
}

function bootsFrom(domain: XmlElement, drives: readonly Drive[]): 'disk' | 'medium' {
  const first = drives.filter((drive) => drive.order < Infinity).toSorted((a, b) => a.order - b.order)[0]
  if (first) return first.device === 'cdrom' ? 'medium' : 'disk'
  return find(domain, 'os', 'boot')?.attributes['dev'] === 'cdrom' ? 'medium' : 'disk'
}
