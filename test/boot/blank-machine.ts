import { randomBytes } from 'node:crypto'
import { type Virtkit, createVirtkit } from '@virtkit/core'
import { libvirt } from '@virtkit/driver-libvirt'
import type { InstallMedia, InstallReport } from '@virtkit/spi'

/** A kit for one libvirtd, as a host would make it. */
export function openKit(installMedia: InstallMedia): Promise<Virtkit> {
  return createVirtkit({
    database: { sqlite: ':memory:' },
    encryption: { keys: [{ id: 'test', key: randomBytes(32).toString('base64') }] },
    drivers: [libvirt],
    installMedia,
    operations: { pollMs: 100 },
  })
}

export interface Place {
  /** Of the libvirtd. */
  readonly url: string
  readonly network: string
  readonly cidr: string
  /** The first machine gets the first address. */
  readonly reservation: string
  readonly gateway: string
}

/** A machine that is on paper only. */
export async function putOnPaper(kit: Virtkit, place: Place, firmware: 'bios' | 'uefi'): Promise<{ key: number }> {
  const { url, network: name, cidr, reservation, gateway } = place
  const cluster = await kit.clusters.add({
    name: 'lab',
    type: 'libvirt',
    credentials: { url },
    options: { accel: 'tcg', userNetwork: 'user' },
  })
  const network = await kit.networks.add({
    name,
    cluster: cluster.key,
    cidr,
    reservation,
    gateway,
  })
  const group = await kit.groups.add({ name: 'team-a', networks: [network.key], clusters: [cluster.key] })
  return kit.machines.create({
    name: 'web-1',
    owner: group.key,
    cluster: cluster.key,
    networks: [{ network: network.key }],
    cpus: 1,
    memoryMiB: 1024,
    diskMiB: 4096,
    firmware,
    os: 'debian-12',
  })
}

/** What the tests' installer tells, in order. */
export const expectedReports: readonly InstallReport[] = [
  { phase: 'booted' },
  { phase: 'installing', percent: 10, detail: 'partitioning' },
  { phase: 'installing', percent: 40, detail: 'copying' },
  { phase: 'installing', percent: 80, detail: 'boot-loader' },
  { phase: 'finishing', percent: 95 },
  { phase: 'ready', detail: 'web-1' },
]

export const allPhases = ['planned', 'published', 'booted', 'installing', 'finishing', 'ready']
