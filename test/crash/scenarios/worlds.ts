import type { Virtkit } from '@virtkit/core'
import type { World } from '@virtkit/driver-simulated'
import { install, machineOf, type WorldName } from './scenario.ts'

const size = { cpus: 2, memoryMiB: 2048, diskMiB: 20_480, os: 'debian-12' }

export async function createWeb(kit: Virtkit): Promise<void> {
  const [group] = await kit.groups.list()
  const [cluster] = await kit.clusters.list()
  const [network] = await kit.networks.list()
  if (!group || !cluster || !network) throw new Error('the world is not arranged')
  const networks = [{ network: network.key }]
  await kit.machines.create({ name: 'web', owner: group.key, cluster: cluster.key, ...size, networks })
}

async function empty(kit: Virtkit): Promise<void> {
  const cluster = await kit.clusters.add({ name: 'lab', type: 'simulated', credentials: { url: 'http://simulator.test' } })
  const network = await kit.networks.add({
    name: 'lan',
    cluster: cluster.key,
    cidr: '10.20.0.0/24',
    reservation: '10.20.0.10-10.20.0.50',
    gateway: '10.20.0.1',
    dns: ['10.20.0.1'],
  })
  const group = await kit.groups.add({ name: 'team', networks: [network.key], clusters: [cluster.key] })
  await kit.contingents.set(group.key, { vm: 3, cpu: 8, memory: 8192, disk: 81_920 })
}

async function planned(kit: Virtkit): Promise<void> {
  await empty(kit)
  await createWeb(kit)
}

async function deployed(kit: Virtkit): Promise<void> {
  await planned(kit)
  await install(kit)
}

/** Off, with a snapshot of its first hardware, and has grown since. */
async function grown(kit: Virtkit): Promise<void> {
  await deployed(kit)
  const machine = await machineOf(kit)
  await kit.operations.wait((await kit.machines.power(machine, 'off')).id)
  await kit.snapshots.create(machine, { name: 'small' })
  await kit.machines.update(machine, { cpus: 4, memoryMiB: 4096 })
}

/** Off, with a snapshot of its first hardware, which is more than the contingent allows by now. */
async function shrunk(kit: Virtkit): Promise<void> {
  await deployed(kit)
  const machine = await machineOf(kit)
  await kit.operations.wait((await kit.machines.power(machine, 'off')).id)
  await kit.snapshots.create(machine, { name: 'large' })
  await kit.machines.update(machine, { cpus: 1, memoryMiB: 1024 })
  const { owner } = await kit.machines.get(machine)
  await kit.contingents.set(owner, { vm: 1, cpu: 1, memory: 1024, disk: 81_920 })
}

/** A tree: `a`, and below it `b` and `c`. */
async function snapshots(kit: Virtkit): Promise<void> {
  await deployed(kit)
  const machine = await machineOf(kit)
  await kit.operations.wait((await kit.machines.power(machine, 'off')).id)
  await kit.snapshots.create(machine, { name: 'a' })
  await kit.snapshots.create(machine, { name: 'b' })
  await kit.snapshots.create(machine, { name: 'c' })
}

/** Somebody else's machine, on a network that we do not know. */
async function foreign(kit: Virtkit, world: World): Promise<void> {
  await empty(kit)
  world.addMachine({
    name: 'erp',
    cpus: 2,
    memoryMiB: 2048,
    nics: [
      { network: 'lan', mac: '52:54:00:aa:00:01' },
      { network: 'dmz', mac: '52:54:00:aa:00:02' },
    ],
  })
}

export const worlds: Readonly<Record<WorldName, (kit: Virtkit, world: World) => Promise<void>>> = {
  empty,
  planned,
  deployed,
  grown,
  shrunk,
  snapshots,
  foreign,
}
