import { type Virtkit, createVirtkit } from '@virtkit/core'
import { type ProxmoxSimulator, startProxmoxSimulator } from '@virtkit/proxmox-simulator'
import { type InstallDesk, type InstallMedia, type OsRelease, installPhases } from '@virtkit/spi'
import { proxmox } from '../src/index.ts'

const secret = 'ab1e0000-0000-4000-8000-00000000ab1e'
const size = { cpus: 1, memoryMiB: 512, diskMiB: 4096 }
const debian: OsRelease = {
  key: 1,
  id: 'debian-12',
  family: 'debian',
  name: 'Debian GNU/Linux 12 (bookworm)',
  version: '12',
  architecture: 'amd64',
  minimum: size,
  recommended: size,
}

export interface MainJobLab extends AsyncDisposable {
  readonly kit: Virtkit
  readonly simulator: ProxmoxSimulator
  readonly cluster: number
  readonly network: number
  readonly group: number
}

/** A kit on a simulated Proxmox VE over TLS, whose guests install themselves as soon as they boot a medium. */
export async function openMainJobLab(): Promise<MainJobLab> {
  let desk: InstallDesk | undefined
  const tokens: string[] = []
  const simulator = await startProxmoxSimulator({
    pace: 0.005,
    users: [{ userid: 'root@pam', tokens: [{ tokenid: 'kit', secret, privsep: false }] }],
    guests: ({ config }) => {
      if (config.get('ide2')?.startsWith('local:iso/')) void install(desk, tokens)
      const mac = /=([0-9A-F:]{17})/.exec(config.get('net0') ?? '')?.[1]
      const addresses = mac === undefined ? {} : { [mac]: ['10.20.0.1/24'] }
      return { bootMs: 1000, hostName: 'guest', addresses }
    },
  })
  const installMedia: InstallMedia = {
    catalog: { list: () => [debian], find: (id) => (id === debian.id || id === debian.key ? debian : undefined) },
    open: async (theirs) => {
      desk = theirs
      return {
        origin: 'http://127.0.0.1:1',
        medium: async (_, token) => {
          tokens.push(token)
          const bytes = Buffer.from(`boot medium of ${token}`)
          return {
            kind: 'iso',
            sizeBytes: bytes.length,
            content: async function* () {
              yield bytes
            },
          }
        },
        [Symbol.asyncDispose]: async () => {},
      }
    },
  }
  const kit = await createVirtkit({
    database: { sqlite: ':memory:' },
    drivers: [proxmox],
    installMedia,
    operations: { pollMs: 50 },
  })
  const { key: cluster } = await kit.clusters.add({
    name: 'lab',
    type: 'proxmox',
    credentials: { url: simulator.url, username: 'root@pam!kit', password: secret },
    options: { ca: simulator.certificate?.cert },
  })
  const { key: network } = await kit.networks.add({ name: 'vmbr0', cluster, cidr: '10.20.0.0/24', gateway: '10.20.0.254' })
  const { key: group } = await kit.groups.add({ name: 'team-a', networks: [network], clusters: [cluster] })
  return {
    kit,
    simulator,
    cluster,
    network,
    group,
    [Symbol.asyncDispose]: async () => {
      await kit.close()
      await simulator.close()
    },
  }
}

async function install(desk: InstallDesk | undefined, tokens: readonly string[]): Promise<void> {
  for (const token of tokens) {
    for (const phase of installPhases) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      await desk?.report(token, { phase })
    }
  }
}
