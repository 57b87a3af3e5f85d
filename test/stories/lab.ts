import { type Virtkit, type VirtkitOptions, createVirtkit } from '@virtkit/core'
import {
  type SimulatedHypervisor,
  type SimulatedHypervisorOptions,
  createSimulatedHypervisor,
  fastPace,
  standInInitrd,
  standInKernel,
} from '@virtkit/driver-simulated'
import { memoryBootFiles, netboot } from '@virtkit/netboot'
import type { InstallMedia } from '@virtkit/spi'
import type { DatabaseLocation } from '@virtkit/test-databases'
import { randomBytes } from 'node:crypto'

/** A key ring for a database that has no file to keep a key beside. */
export const encryption = { keys: [{ id: 'test', key: randomBytes(32).toString('base64') }] }

/** A boot server on a free port of this machine, with images that nothing could run. */
export function bootServer(): InstallMedia {
  return netboot({
    listen: { host: '127.0.0.1', port: 0 },
    bootFiles: memoryBootFiles({ kernel: standInKernel('story', 8192), initrd: standInInitrd('story', 8192) }),
  })
}

export interface Lab extends AsyncDisposable {
  readonly kit: Virtkit
  readonly simulator: SimulatedHypervisor
  /** Keys of what the lab set up. */
  readonly cluster: number
  readonly network: number
  readonly group: number
  machine(name: string, more?: object): Promise<number>
}

/** A kit with a simulated cluster, a network and a group with room for three small machines. */
export async function openLab(
  database: DatabaseLocation,
  options: Partial<VirtkitOptions> & { readonly simulator?: SimulatedHypervisorOptions } = {},
): Promise<Lab> {
  const { simulator: world, ...more } = options
  const simulator = createSimulatedHypervisor({ pace: fastPace, ...world })
  const kit = await createVirtkit({
    database,
    encryption,
    drivers: [simulator.driver],
    installMedia: bootServer(),
    operations: { pollMs: 100 },
    receivers: { allow: ['127.0.0.0/8'] },
    ...more,
  })
  const cluster = await kit.clusters.add({ name: 'lab', type: 'simulated', credentials: { url: simulator.url } })
  const network = await kit.networks.add({
    name: 'lan',
    cluster: cluster.key,
    cidr: '10.20.0.0/24',
    reservation: '10.20.0.10-10.20.0.50',
    gateway: '10.20.0.1',
    dns: ['10.20.0.1'],
  })
  const group = await kit.groups.add({ name: 'team-a', networks: [network.key], clusters: [cluster.key] })
  await kit.contingents.set(group.key, { vm: 3, cpu: 6, memory: 6144, disk: 61_440 })
  return {
    kit,
    simulator,
    cluster: cluster.key,
    network: network.key,
    group: group.key,
    machine: async (name, over = {}) => {
      const size = { cpus: 2, memoryMiB: 2048, diskMiB: 20_480, os: 'debian-12' }
      const place = { owner: group.key, cluster: cluster.key, networks: [{ network: network.key }] }
      return (await kit.machines.create({ name, ...place, ...size, ...over })).key
    },
    [Symbol.asyncDispose]: async () => {
      await kit.close()
      await simulator.close()
    },
  }
}
