import { randomBytes } from 'node:crypto'
import { type DatabaseOptions, type Virtkit, createVirtkit } from '@virtkit/core'
import { createSimulatedHypervisor, fastPace, standInInitrd, standInKernel } from '@virtkit/driver-simulated'
import { memoryBootFiles, netboot } from '@virtkit/netboot'
import { type CommandInput, cloudEvents } from '@virtkit/queue'
import type { OpenEngine } from '@virtkit/queue/conformance'

export interface CommandLab extends AsyncDisposable {
  readonly kit: Virtkit
  readonly engine: OpenEngine['engine']
  /** The queue of its events. */
  readonly events: string
  /** A machine that fits. */
  machine(name: string): CommandInput<'virtualMachines.create'>
}

/** A kit with a simulated hypervisor whose events go to `events`; room for five machines, and a user `automation` who may make them. */
export async function openCommandLab(opened: OpenEngine, database: DatabaseOptions): Promise<CommandLab> {
  const events = `events-${crypto.randomUUID()}`
  const open = new AsyncDisposableStack()
  open.defer(() => opened.close())
  const hypervisor = createSimulatedHypervisor({ pace: fastPace })
  open.defer(() => hypervisor.close())
  const images = { kernel: standInKernel('queue', 8192), initrd: standInInitrd('queue', 8192) }
  const kit = open.use(
    await createVirtkit({
      database,
      encryption: { keys: [{ id: 'test', key: randomBytes(32).toString('base64') }] },
      drivers: [hypervisor.driver],
      installMedia: netboot({ listen: { host: '127.0.0.1', port: 0 }, bootFiles: memoryBootFiles(images) }),
      operations: { pollMs: 50 },
      eventSinks: [cloudEvents(opened.engine, { to: events, source: 'urn:virtkit:test' })],
    }),
  )
  const { key: cluster } = await kit.clusters.add({ name: 'lab', type: 'simulated', credentials: { url: hypervisor.url } })
  const lan = { name: 'lan', cluster, cidr: '10.20.0.0/24', gateway: '10.20.0.1', dns: ['10.20.0.1'] }
  const { key: network } = await kit.networks.add(lan)
  const automation = await kit.users.add({
    name: 'automation',
    password: 'only-for-a-test',
    permissionGroups: ['operator'],
  })
  const group = { name: 'team-a', users: [automation.key], networks: [network], clusters: [cluster] }
  const { key: owner } = await kit.groups.add(group)
  await kit.contingents.set(owner, { vm: 5, cpu: 100, memory: 1024 ** 2, disk: 1024 ** 2 })
  const place = { owner, clusterkey: cluster, networks: [network], datastore: 'auto' }
  const size = { cpu: 2, ram: '2GB', disc: '20GB', oskey: 112 }
  return {
    kit,
    engine: opened.engine,
    events,
    machine: (name) => ({ name, ...place, ...size }),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  }
}
