import { randomBytes } from 'node:crypto'
import { ApiError, failed } from '../api-error.ts'
import type { Machine, MachineConfig } from './machine.ts'
import { type Bridge, type Vnet, type Zone, loopbackBridge } from './networks.ts'
import { type Storages, createStorages } from './storages.ts'
import type { Guest } from './guests.ts'
import type { WorldOptions } from './world-options.ts'

/** Which API is spoken. They differ in privileges, fields and versions. */
export type Release = '8.4' | '9.2'

export interface Node {
  readonly node: string
  readonly cpus: number
  readonly memoryBytes: number
  readonly fingerprint: string
  readonly startedAt: number
  readonly bridges: Bridge[]
  /** An offline node is in the lists and answers nothing. */
  online: boolean
}

export interface Pool {
  readonly poolid: string
  comment: string
  readonly vms: Set<number>
  readonly storages: Set<string>
}

/** What there is: nodes, machines, storages, networks, pools. Rules that need no waiting live here. */
export interface World {
  readonly release: Release
  readonly nodes: Map<string, Node>
  readonly machines: Map<number, Machine>
  readonly storages: Storages
  readonly pools: Map<string, Pool>
  readonly vnets: Map<string, Vnet>
  readonly zones: Map<string, Zone>
  readonly clusterOptions: Map<string, string>
  /** Seconds since 1970. */
  now(): number
  /** Throws what the original says about a node that it does not know or reach. */
  node(name: string): Node
  /** The machine on that node; one on another node is not found, as with the original. */
  machine(node: string, vmid: number): Machine
  nextProcessId(): number
  /** What boots on a machine. */
  guestOf(machine: Machine): Guest | undefined
  poolOf(vmid: number): string | undefined
}

const creationQemu: Readonly<Record<Release, string>> = { '8.4': '9.2.0', '9.2': '10.0.2' }

export function createWorld(options: WorldOptions): World {
  const now = (): number => Math.floor(Date.now() / 1000)
  const storages = createStorages(now)
  let pid = 1000
  const world: World = {
    release: options.release ?? '8.4',
    nodes: new Map(),
    machines: new Map(),
    storages,
    pools: new Map(),
    vnets: new Map(),
    zones: new Map(),
    clusterOptions: new Map(),
    now,
    node: (name) => {
      const node = world.nodes.get(name)
      if (!node) throw failed(`hostname lookup '${name}' failed - failed to get address info for: ${name}: ${lookupError}`)
      if (!node.online) throw new ApiError(595, 'No route to host')
      return node
    },
    machine: (node, vmid) => {
      const machine = world.machines.get(vmid)
      if (!machine || machine.node !== node) {
        throw failed(`Configuration file 'nodes/${node}/qemu-server/${vmid}.conf' does not exist`)
      }
      return machine
    },
    nextProcessId: () => (pid += 6),
    guestOf: (machine) => machine.guest ?? options.guests?.(machine),
    poolOf: (vmid) => [...world.pools.values()].find(({ vms }) => vms.has(vmid))?.poolid,
  }
  fill(world, options)
  return world
}

const lookupError = 'Name or service not known'

export function creationQemuOf({ release }: World): string {
  return creationQemu[release]
}

/** Takes a machine with its disks as they are, for worlds that begin with some. */
export function placeMachine(world: World, machine: Machine): Machine {
  world.machines.set(machine.vmid, machine)
  return machine
}

function fill(world: World, options: WorldOptions): void {
  for (const { node, cpus = 8, memoryBytes = 64 * 2 ** 30, bridges, online = true } of options.nodes ?? [
    { node: 'pve1' },
  ]) {
    world.nodes.set(node, {
      node,
      cpus,
      memoryBytes,
      online,
      startedAt: world.now() - 3600,
      fingerprint: [...randomBytes(32)].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':'),
      bridges: [...(bridges ?? [loopbackBridge])],
    })
  }
  for (const {
    content = ['images', 'iso', 'vztmpl', 'snippets', 'rootdir', 'import', 'backup'],
    ...rest
  } of options.storages ?? [{ storage: 'local', type: 'dir', path: '/var/lib/vz' }]) {
    const { storage, type, path, shared = false, nodes, totalBytes = 500 * 2 ** 30, otherBytes = 8 * 2 ** 30 } = rest
    const where = { ...(path !== undefined && { path }), ...(nodes && { nodes }) }
    world.storages.all.set(storage, { storage, type, shared, content, enabled: true, totalBytes, otherBytes, ...where })
  }
  for (const volume of options.volumes ?? []) {
    const shared = world.storages.get(volume.storage).shared
    const node = volume.node ?? [...world.nodes.keys()][0] ?? 'pve1'
    const { size, used = size, ctime = world.now(), ...rest } = volume
    world.storages.add({ ...rest, size, used, ctime, ...(!shared && { node }) })
  }
  for (const zone of options.zones ?? []) world.zones.set(zone.zone, zone)
  for (const vnet of options.vnets ?? []) world.vnets.set(vnet.vnet, vnet)
  for (const pool of options.pools ?? []) {
    world.pools.set(pool.poolid, { poolid: pool.poolid, comment: pool.comment ?? '', vms: new Set(), storages: new Set() })
  }
  for (const { vmid, node, config, running = false, guest, pool } of options.machines ?? []) {
    placeMachine(world, {
      vmid,
      node: node ?? [...world.nodes.keys()][0] ?? 'pve1',
      config: new Map(Object.entries(config)) satisfies MachineConfig,
      pending: new Map(),
      snapshots: new Map(),
      ...(running && { running: { pid: world.nextProcessId(), since: Date.now(), paused: false } }),
      ...(guest && { guest }),
    })
    if (pool !== undefined) world.pools.get(pool)?.vms.add(vmid)
  }
}
