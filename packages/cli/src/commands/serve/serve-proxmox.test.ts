import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ProxmoxSimulator, startProxmoxSimulator } from '@virtkit/proxmox-simulator'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { startServe } from '../../../test/serve-process.ts'

const secret = '5e7e0000-0000-4000-8000-000000005e7e'

let folder = ''
let simulator: ProxmoxSimulator

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'virtkit-serve-'))
  simulator = await startProxmoxSimulator({
    pace: 0.005,
    tls: false,
    users: [{ userid: 'root@pam', tokens: [{ tokenid: 'rest', secret, privsep: false }] }],
    volumes: [
      {
        volid: 'local:900/base-900-disk-0.qcow2',
        storage: 'local',
        content: 'images',
        format: 'qcow2',
        vmid: 900,
        size: 2 ** 31,
      },
    ],
    machines: [
      { vmid: 100, config: { name: 'erp', cores: '2', memory: '1024', net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0' } },
      {
        vmid: 900,
        config: {
          name: 'golden',
          template: '1',
          cores: '1',
          memory: '512',
          scsi0: 'local:900/base-900-disk-0.qcow2,size=2G',
          boot: 'order=scsi0',
          ide2: 'local:cloudinit,media=cdrom',
        },
      },
    ],
  })
})
afterEach(async () => {
  await simulator.close()
  rmSync(folder, { recursive: true, force: true })
})

it('a cluster of Proxmox VE is registered, read and worked on through REST', async () => {
  using server = await startServe(folder)
  const { ask } = server
  const credentials = { name: 'pve', url: simulator.url, username: 'root@pam!rest', password: secret, http: true }
  const { key: credentialskey } = await ask('POST', '/clustercredentials', credentials)
  const cluster = { name: 'lab', type: 'proxmox', credentialskey, options: { idRange: { from: 5000, to: 5999 } } }
  const { key } = await ask('POST', '/clusters', cluster)
  expect(await ask('GET', `/clusters/${String(key)}/check`)).toMatchObject({ missing: [] })
  const lan = { name: 'vmbr0', cluster: key, dhcp: false, cidr: '10.20.0.0/24', gateway: '10.20.0.1' }
  const { key: network } = await ask('POST', '/networks', lan)
  const group = { groupname: 'team-a', users: [], networks: [network], clusters: [key] }
  const { key: owner } = await ask('POST', '/usergroups', group)

  const imported = await ask('POST', `/clusters/${String(key)}/import`, { vmnames: ['erp'], owner })
  expect(imported).toMatchObject([{ name: 'erp', key: 1 }])
  expect(simulator.world.machines.get(100)?.config.get('description')).toMatch(/^virtkit: 100 virtkit:/)
  await ask('POST', '/virtualmachines/1/poweron')
  await vi.waitFor(() => expect(simulator.world.machines.get(100)?.running).toBeDefined(), 10_000)

  const wanted = {
    template: 'golden',
    name: 'web-1',
    owner,
    disc: '4GB',
    networks: [network],
    sshkeys: ['ssh-ed25519 AAAA me'],
  }
  const { key: web } = await ask('POST', `/clusters/${String(key)}/templates/clone`, wanted)
  const path = `/virtualmachines/${String(web)}`
  await vi.waitFor(async () => expect(await ask('GET', path)).toMatchObject({ deployed: true, disc: '4GB' }), 20_000)
  const clone = [...simulator.world.machines.values()].find(({ config }) => config.get('name') === 'web-1')
  expect(clone?.vmid).toBeGreaterThanOrEqual(5000)
  expect(clone?.config.get('ipconfig0')).toMatch(/^ip=10\.20\.0\.\d+\/24,gw=10\.20\.0\.1$/)
  await ask('DELETE', path)
  await vi.waitFor(() => expect([...simulator.world.machines.keys()]).toEqual([100, 900]), 20_000)
}, 60_000)
