import { drivesOf } from './drives.ts'
import { type Machine, agentEnabled, cpusOf, isTemplate, memoryMiB } from './machine.ts'
import type { Node, World } from './world.ts'

/** What the status daemon last saw of a machine. */
export interface Seen {
  readonly name: string
  readonly status: string
  readonly uptime: number
  readonly maxmem: number
  readonly maxdisk: number
  readonly maxcpu: number
  readonly template: 0 | 1
}

/**
 * `/cluster/resources` tells what the status daemon saw last, not what is: a new machine has no name, one that was started is
 * stopped, until it looks again. Tags and locks come from the configuration and are of now.
 */
export interface Statistics {
  refresh(): void
  seen(vmid: number): Seen | undefined
}

export function createStatistics(world: World): Statistics {
  let seen = new Map<number, Seen>()
  const statistics: Statistics = {
    refresh: () => {
      seen = new Map([...world.machines.values()].map((machine) => [machine.vmid, look(machine)]))
    },
    seen: (vmid) => seen.get(vmid),
  }
  statistics.refresh()
  return statistics
}

function look(machine: Machine): Seen {
  return {
    name: nameOf(machine),
    status: machine.running ? 'running' : 'stopped',
    uptime: uptimeOf(machine),
    maxmem: memoryMiB(machine.config) * 2 ** 20,
    maxdisk: bootDiskBytes(machine),
    maxcpu: cpusOf(machine.config),
    template: isTemplate(machine) ? 1 : 0,
  }
}

export const nameOf = ({ config, vmid }: Machine): string => config.get('name') ?? `VM ${vmid}`

export const uptimeOf = ({ running }: Machine): number =>
  running ? Math.max(1, Math.floor((Date.now() - running.since) / 1000)) : 0

function bootDiskBytes({ config }: Machine): number {
  const drives = drivesOf(config)
  const order = /order=([\w;]+)/.exec(config.get('boot') ?? '')?.[1]?.split(';') ?? []
  return (drives.find(({ key }) => order.includes(key)) ?? drives[0])?.bytes ?? 0
}

/** `status/current`: the only place that tells what is now. */
export function currentStatus(world: World, machine: Machine): Record<string, unknown> {
  const { config, running, vmid, lock } = machine
  const tap = (key: string): string => `tap${vmid}i${key.slice(3)}`
  const cards = [...config.keys()].filter((key) => key.startsWith('net') && /^net\d+$/.test(key))
  return {
    vmid,
    name: nameOf(machine),
    status: running ? 'running' : 'stopped',
    qmpstatus: running ? (running.paused ? 'paused' : 'running') : 'stopped',
    ha: { managed: 0 },
    cpus: cpusOf(config),
    cpu: 0,
    maxmem: memoryMiB(config) * 2 ** 20,
    mem: running ? 4_424_468 : 0,
    maxdisk: bootDiskBytes(machine),
    disk: 0,
    netin: 0,
    netout: 0,
    uptime: uptimeOf(machine),
    ...(agentEnabled(config) && { agent: 1 }),
    ...(config.has('tags') && { tags: config.get('tags') }),
    ...(isTemplate(machine) && { template: 1 }),
    ...(lock !== undefined && { lock }),
    ...(running && { pid: running.pid }),
    ...(running &&
      cards.length > 0 && { nics: Object.fromEntries(cards.map((key) => [tap(key), { netin: 0, netout: 0 }])) }),
    ...(world.release === '9.2' && { memhost: running ? 51_380_224 : 0 }),
    ...(world.release === '9.2' && running && pressures),
  }
}

const pressures = Object.fromEntries(
  ['cpu', 'io', 'memory'].flatMap((what) => ['some', 'full'].map((how) => [`pressure${what}${how}`, 0])),
)

/** One line of `/nodes/{node}/qemu`: what is now, in fewer words. */
export function machineLine(machine: Machine): Record<string, unknown> {
  const { config, running, vmid, lock } = machine
  return {
    vmid,
    name: nameOf(machine),
    status: running ? 'running' : 'stopped',
    cpus: cpusOf(config),
    cpu: 0,
    maxmem: memoryMiB(config) * 2 ** 20,
    mem: running ? 4_424_468 : 0,
    maxdisk: bootDiskBytes(machine),
    disk: 0,
    diskread: 0,
    diskwrite: 0,
    netin: 0,
    netout: 0,
    uptime: uptimeOf(machine),
    ...(running && { pid: running.pid }),
    ...(isTemplate(machine) && { template: 1 }),
    ...(config.has('tags') && { tags: config.get('tags') }),
    ...(lock !== undefined && { lock }),
  }
}

/** One line of `/cluster/resources`. */
export function machineResource(world: World, statistics: Statistics, machine: Machine): Record<string, unknown> {
  const { vmid, node, config, lock } = machine
  const seen = world.nodes.get(node)?.online === false ? undefined : statistics.seen(vmid)
  const pool = world.poolOf(vmid)
  return {
    id: `qemu/${vmid}`,
    type: 'qemu',
    vmid,
    node,
    status: 'unknown',
    ...(config.has('tags') && { tags: config.get('tags') }),
    ...(lock !== undefined && { lock }),
    ...(pool !== undefined && { pool }),
    ...(seen && { ...seen, cpu: 0, mem: seen.status === 'running' ? 4_424_468 : 0 }),
    ...(seen && { disk: 0, diskread: 0, diskwrite: 0, netin: 0, netout: 0 }),
    ...(seen && world.release === '9.2' && { memhost: 0 }),
  }
}

/** A node as lists tell it. Who may not audit it sees that it is there, and no load. */
export function nodeLine(
  world: World,
  { node, cpus, memoryBytes, online, startedAt }: Node,
  mayAudit: boolean,
): Record<string, unknown> {
  const line = { node, id: `node/${node}`, type: 'node', status: online ? 'online' : 'offline' }
  if (!online || !mayAudit) return line
  const root = [...world.storages.all.values()].find(({ type }) => type === 'dir')
  return {
    ...line,
    level: '',
    cpu: 0.02,
    maxcpu: cpus,
    mem: Math.floor(memoryBytes / 10),
    maxmem: memoryBytes,
    disk: root ? world.storages.usedBytes(root.storage, node) : 0,
    maxdisk: root?.totalBytes ?? 0,
    uptime: world.now() - startedAt,
  }
}
