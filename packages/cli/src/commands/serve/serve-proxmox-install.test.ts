import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProxmoxSimulator } from '@virtkit/proxmox-simulator'
import { expect, it, onTestFinished, vi } from 'vitest'
import {
  bootFromMedium,
  patiently,
  proxmoxSecret,
  proxmoxUser,
  startProxmox,
  volumesOf,
} from '../../../test/proxmox-guest.ts'
import { type ServeProcess, startServe } from '../../../test/serve-process.ts'

it('a machine is created, installed from an uploaded medium, snapshot and deleted through REST', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'virtkit-serve-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  await using simulator = await startProxmox()
  using server = await startServe(folder, ['--boot-host', '127.0.0.1'])
  const { ask } = server
  const { cluster, network, owner, oskey } = await setUp(server, simulator)
  const size = { cpu: 2, ram: '2GB', disc: '20GB', datastore: 'auto' }
  const { key } = await ask('POST', '/virtualmachines', {
    name: 'web-1',
    owner,
    oskey,
    clusterkey: cluster,
    networks: [network],
    ...size,
  })
  const path = `/virtualmachines/${String(key)}`
  const { install } = await ask('POST', `${path}/install`, { locale: 'de_DE.UTF-8' })

  const guest = await bootFromMedium(simulator)
  const { machine } = guest
  const [card] = await ask<{ mac: string }[]>('GET', `/virtualmachinenetworks/${String(key)}`)
  const config = Object.fromEntries(machine.config)
  expect(config).toMatchObject({ name: 'web-1', cores: '2', memory: '2048' })
  expect(config['net0']?.toLowerCase()).toBe(`virtio=${card?.mac},bridge=vmbr0`)
  expect(config['scsi0']).toMatch(/^local:\d+\/vm-\d+-disk-0\.qcow2,.*size=20G$/)
  expect(config['boot']).toMatch(/^order=ide2;/)

  const run = (): Promise<object | undefined> => ask<object[]>('GET', `${path}/installs`).then(([newest]) => newest)
  await guest.report('installing', 50)
  expect(await run()).toMatchObject({ id: install, phase: 'installing', percent: 50 })
  expect(await ask('GET', path)).toMatchObject({ deployed: false, status: 'installing' })
  await guest.report('finishing', 90)
  await vi.waitFor(() => expect(machine.config.get('ide2')).toBe('none,media=cdrom'), patiently)
  // The server gives a running machine its boot order at the next start; until then the drive is empty.
  expect(machine.pending.get('boot')).toMatch(/^order=scsi0;/)
  await guest.report('ready', 100)
  await vi.waitFor(
    async () => expect(await ask('GET', path)).toMatchObject({ deployed: true, status: 'deployed' }),
    patiently,
  )
  expect(await run()).toMatchObject({ id: install, phase: 'ready', percent: 100 })
  expect(await ask('GET', `${path}/compare`)).toEqual([])
  await vi.waitFor(() => expect(volumesOf(simulator)).toEqual(['images']), patiently)

  await ask('POST', `${path}/snapshots`, { name: 'fresh', description: 'größer' })
  await vi.waitFor(async () => {
    const snapshots = await ask<object[]>('GET', `${path}/snapshots`)
    expect(snapshots).toMatchObject([{ name: 'fresh', description: 'größer', iscurrent: true }])
  }, patiently)
  expect(machine.snapshots.size).toBe(1)

  await ask('DELETE', path)
  await vi.waitFor(() => expect(simulator.world.machines.size).toBe(0), patiently)
  expect(volumesOf(simulator)).toEqual([])
  await vi.waitFor(() => expect(ask('GET', path)).rejects.toThrow('There is no machine'), patiently)
}, 120_000)

async function setUp(
  { ask }: ServeProcess,
  { url }: ProxmoxSimulator,
): Promise<{ cluster: unknown; network: unknown; owner: unknown; oskey: unknown }> {
  const credentials = { name: 'pve', url, username: proxmoxUser, password: proxmoxSecret, http: true }
  const { key: credentialskey } = await ask('POST', '/clustercredentials', credentials)
  const { key: cluster } = await ask('POST', '/clusters', { name: 'lab', type: 'proxmox', credentialskey })
  const lan = { name: 'vmbr0', cluster, dhcp: false, cidr: '10.20.0.0/24', gateway: '10.20.0.1', dns: '10.20.0.1' }
  const { key: network } = await ask('POST', '/networks', lan)
  const group = { groupname: 'team-a', users: [], networks: [network], clusters: [cluster] }
  const { key: owner } = await ask('POST', '/usergroups', group)
  const systems = await ask<{ key: number; name: string }[]>('GET', '/operatingsystems')
  const oskey = systems.find(({ name }) => name.startsWith('Debian GNU/Linux 12'))?.key
  return { cluster, network, owner, oskey }
}
