import { type MachineOptions, type ProxmoxSimulator, startProxmoxSimulator } from '@virtkit/proxmox-simulator'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { findProxmoxClients } from './find-proxmox-clients.ts'

const run = promisify(execFile)
const found = findProxmoxClients()

// Clients that others wrote, as they are: what they rely on, the simulator must do.
describe('clients of Proxmox VE', () => {
  if ('missing' in found) {
    // oxlint-disable-next-line vitest/expect-expect -- it says why there are no others
    it('drive the simulator', (test) => test.skip(found.missing))
    return
  }
  const { python, fencePve, ansiblePlaybook } = found

  it.each(['8.4', '9.2'] as const)('proxmoxer walks through %s, by ticket and by token', async (release) => {
    const folder = mkdtempSync(join(tmpdir(), 'virtkit-proxmox-'))
    try {
      await using simulator = await start(release)
      const certificate = join(folder, 'ca.pem')
      writeFileSync(certificate, simulator.certificate?.cert ?? '')
      const script = fileURLToPath(new URL('proxmox-clients/proxmoxer-walk.py', import.meta.url))
      const { stdout } = await run(python, [script, '127.0.0.1', String(simulator.port), certificate])
      const { ticket, token, ...rest } = JSON.parse(stdout) as Record<string, Record<string, unknown>>
      for (const walk of [ticket, token]) expect(walk).toMatchObject({ ...walked, log: loggedBy(walk) })
      expect(rest).toEqual({
        version: release,
        upload: 'OK',
        content: [['local:iso/a.iso', 70_000]],
        missing: [500, "Configuration file 'nodes/pve1/qemu-server/999.conf' does not exist"],
        invalid: [400, 'Parameter verification failed.'],
      })
      expect(simulator.world.machines.size).toBe(0)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('fence_pve finds a machine, tells whether it is on, and turns it off and on', async () => {
    await using simulator = await start('8.4', [{ vmid: 100, config: { name: 'a' }, running: true }])
    const fence = async (action: string): Promise<string> => {
      const words = `--ip 127.0.0.1 --ipport ${simulator.port} --username root@pam --password secret --plug 100`
      const { stdout } = await run(fencePve, `${words} --pve-node-auto --ssl-insecure --action ${action}`.split(' '))
      return stdout.trim()
    }
    expect(await fence('status')).toMatch(/ON$/)
    expect(await fence('off')).toMatch(/Powered OFF$/)
    expect(simulator.world.machines.get(100)?.running).toBeUndefined()
    expect(await fence('on')).toMatch(/Powered ON$/)
    expect(simulator.world.machines.get(100)?.running).toBeDefined()
  })

  it("Ansible's modules make, start, snapshot, roll back, clone and delete a machine in one playbook", async () => {
    const folder = mkdtempSync(join(tmpdir(), 'virtkit-proxmox-'))
    try {
      await using simulator = await start('8.4')
      const steps = await play(ansiblePlaybook, simulator, folder)
      const { storages, create, status, tasks, ...rest } = steps
      expect(storages?.['proxmox_storages']).toMatchObject([{ storage: 'local', type: 'dir', path: '/var/lib/vz' }])
      expect(create).toMatchObject({ changed: true, vmid: 100, devices: { scsi0: 'local:100/vm-100-disk-0.qcow2' } })
      expect(status).toMatchObject({ status: 'running' })
      expect(Object.entries(rest).map(([name, { changed }]) => [name, changed])).toEqual(
        ['start', 'snapshot', 'update', 'rollback', 'clone', 'delete'].map((name) => [name, true]),
      )
      const log = tasks?.['proxmox_tasks'] as { type: string; status: string; tokenid?: string }[]
      expect(log.toReversed().map((task) => [task.type, task.status, task.tokenid])).toEqual([
        ['qmcreate', 'OK', undefined],
        ['qmstart', 'OK', undefined],
        ['qmsnapshot', 'OK', 't1'],
        ['qmrollback', 'OK', 't1'],
        ['qmclone', 'OK', undefined],
        ['qmdestroy', 'OK', undefined],
      ])
      // The copy is gone; the machine is as it was before it was changed.
      const [machine, ...others] = simulator.world.machines.values()
      expect(others).toEqual([])
      expect([machine?.vmid, machine?.config.get('onboot'), machine?.parent]).toEqual([100, '0', 'before'])
      const volumes = [...simulator.world.storages.volumes.values()]
      expect(volumes.map(({ volid }) => volid)).toEqual(['local:100/vm-100-disk-0.qcow2'])
    } finally {
      rmSync(folder, { recursive: true })
    }
  }, 90_000)
})

type Steps = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** What each task of the playbook answered, by its name. Throws what Ansible printed when one fails. */
async function play(ansiblePlaybook: string, simulator: ProxmoxSimulator, folder: string): Promise<Steps> {
  const [certificate, settings] = [join(folder, 'ca.pem'), join(folder, 'ansible.cfg')]
  writeFileSync(certificate, simulator.certificate?.cert ?? '')
  writeFileSync(settings, '')
  const playbook = fileURLToPath(new URL('proxmox-clients/ansible-walk.yml', import.meta.url))
  const words = ['--inventory', 'localhost,', '--extra-vars', `api=127.0.0.1:${simulator.port}`, playbook]
  const env = {
    PATH: '/usr/bin:/bin',
    HOME: folder,
    LC_ALL: 'C.UTF-8',
    ANSIBLE_CONFIG: settings,
    ANSIBLE_STDOUT_CALLBACK: 'json',
    REQUESTS_CA_BUNDLE: certificate,
  }
  const { stdout } = await run(ansiblePlaybook, words, { env, timeout: 80_000 }).catch((error: { stdout?: string }) => {
    throw new Error(`the playbook failed: ${error.stdout}`, { cause: error })
  })
  const { plays } = JSON.parse(stdout) as {
    plays: { tasks: { task: { name: string }; hosts: { localhost: Steps[string] } }[] }[]
  }
  return Object.fromEntries(plays.flatMap(({ tasks }) => tasks.map(({ task, hosts }) => [task.name, hosts.localhost])))
}

const walked = {
  create: 'OK',
  start: 'OK',
  'start again': expect.stringMatching(/^VM \d+ already running$/) as string,
  status: 'running',
  snapshot: 'OK',
  rollback: 'OK',
  snapshots: ['before', 'current'],
  clone: 'OK',
  config: 'changed',
  'delete 0': 'OK',
  'delete 1': 'OK',
}

const loggedBy = (walk: Record<string, unknown> | undefined): unknown => {
  const vmid = (walk?.['listed'] as number[] | undefined)?.[0]
  return [
    expect.stringMatching(`^Formatting '/var/lib/vz/images/${vmid}/vm-${vmid}-disk-0.qcow2'`),
    `scsi0: successfully created disk 'local:${vmid}/vm-${vmid}-disk-0.qcow2,size=1G'`,
    'TASK OK',
  ]
}

function start(release: '8.4' | '9.2', machines: readonly MachineOptions[] = []): Promise<ProxmoxSimulator> {
  return startProxmoxSimulator({
    release,
    machines,
    pace: 0.01,
    password: 'secret',
    storages: [{ storage: 'local', type: 'dir', path: '/var/lib/vz' }],
    users: [{ userid: 'root@pam', tokens: [{ tokenid: 't1', secret: 'token-secret', privsep: false }] }],
  })
}
