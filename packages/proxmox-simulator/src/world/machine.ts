import { createHash, randomInt, randomUUID } from 'node:crypto'
import type { Guest, ProcessResult } from './guests.ts'

/** Words as they stand in the configuration file. */
export type MachineConfig = Map<string, string>

export interface Snapshot {
  readonly name: string
  readonly snaptime: number
  /** The configuration as it was, without description and without snapshots. */
  readonly config: MachineConfig
  /** The volume with the memory, when it was kept. */
  readonly vmstate?: string
  parent?: string
  description: string
}

export interface Machine {
  readonly vmid: number
  node: string
  config: MachineConfig
  /** Changes that wait for the next start; undefined is a deletion. */
  readonly pending: Map<string, string | undefined>
  readonly snapshots: Map<string, Snapshot>
  /** The snapshot that the present state comes from. */
  parent?: string
  lock?: string
  running?: { readonly pid: number; readonly since: number; paused: boolean }
  /** What runs inside; absent is a machine on which nothing boots. */
  guest?: Guest
  /** What the agent was told to run, in this order. */
  processes?: ProcessResult[]
}

export const diskKey: RegExp = /^(?:ide[0-3]|sata[0-5]|scsi(?:[12]?\d|30)|virtio(?:\d|1[0-5])|efidisk0|tpmstate0)$/
export const netKey: RegExp = /^net\d+$/
export const unusedKey: RegExp = /^unused\d+$/

export const isTemplate = ({ config }: Machine): boolean => config.get('template') === '1'
export const isCdrom = (value: string): boolean => /(?:^|,)media=cdrom(?:,|$)/.test(value)

/** Changes with whatever would change the file. */
export function digestOf({ config, pending, snapshots, parent, lock }: Machine): string {
  const hash = createHash('sha1')
  const section = (name: string, entries: Iterable<[string, string | undefined]>): void => {
    hash.update(`[${name}]\n`)
    for (const [key, value] of [...entries].toSorted(([a], [b]) => (a < b ? -1 : 1))) hash.update(`${key}: ${value}\n`)
  }
  section('', config)
  section('', [
    ['parent', parent],
    ['lock', lock],
  ])
  section('PENDING', pending)
  for (const snapshot of snapshots.values()) {
    section(snapshot.name, snapshot.config)
    hash.update(`${snapshot.parent} ${snapshot.description} ${snapshot.snaptime}`)
  }
  return hash.digest('hex')
}

export function newMac(): string {
  const bytes = [0xbc, 0x24, 0x11, randomInt(256), randomInt(256), randomInt(256)]
  return bytes.map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':')
}

/** What every machine is given that did not bring it. */
export function identity(creationQemu: string, now: number): [string, string][] {
  return [
    ['meta', `creation-qemu=${creationQemu},ctime=${now}`],
    ['smbios1', `uuid=${randomUUID()}`],
    ['vmgenid', randomUUID()],
  ]
}

/** Disk, medium and network card, each the first of its kind. */
export function defaultBoot(config: MachineConfig): string | undefined {
  const keys = [...config.keys()]
  const disks = keys.filter((key) => diskKey.test(key) && !/^(?:efidisk|tpmstate)/.test(key))
  const first = [
    disks.filter((key) => !isCdrom(config.get(key) ?? '')).toSorted()[0],
    disks.filter((key) => isCdrom(config.get(key) ?? '')).toSorted()[0],
    keys.filter((key) => netKey.test(key)).toSorted()[0],
  ].filter((key) => key !== undefined)
  return first.length === 0 ? undefined : `order=${first.join(';')}`
}

export function memoryMiB(config: MachineConfig): number {
  return Number(/^(?:current=)?(\d+)/.exec(config.get('memory') ?? '512')?.[1] ?? 512)
}

export function cpusOf(config: MachineConfig): number {
  const all = Number(config.get('cores') ?? 1) * Number(config.get('sockets') ?? 1)
  return Number(config.get('vcpus') ?? all)
}

export function agentEnabled(config: MachineConfig): boolean {
  return /^(?:enabled=)?1(?:,|$)/.test(config.get('agent') ?? '')
}
