import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { type ProxmoxSimulator, startProxmoxSimulator } from '../src/index.ts'
import { client } from './client.ts'

/** What a real server asked for: it was begun without any privilege, and given what each 403 named. */
interface Probe {
  readonly operation: string
  readonly status: number
  readonly reason: string
  readonly needs: readonly string[]
}

const machine = '/nodes/pve1/qemu/170'
const set = (params: Record<string, unknown>): [string, string, Record<string, unknown>] => [
  'PUT',
  `${machine}/config`,
  params,
]
const full = {
  vmid: 170,
  name: 'probe',
  memory: 128,
  cores: 1,
  ostype: 'l26',
  scsihw: 'virtio-scsi-single',
  net0: 'virtio,bridge=vmbr0',
  scsi0: 'local:1,format=qcow2',
  ide2: 'local:iso/up1.iso,media=cdrom',
  boot: 'order=scsi0',
}

const operations: Readonly<Record<string, readonly [string, string, Record<string, unknown>?]>> = {
  version: ['GET', '/version'],
  nextid: ['GET', '/cluster/nextid'],
  nodes: ['GET', '/nodes'],
  'node status': ['GET', '/nodes/pve1/status'],
  'storage list': ['GET', '/nodes/pve1/storage'],
  'network list': ['GET', '/nodes/pve1/network'],
  resources: ['GET', '/cluster/resources'],
  'sdn vnets': ['GET', '/cluster/sdn/vnets'],
  'create bare': ['POST', '/nodes/pve1/qemu', { vmid: 170 }],
  'create bare (delete it)': ['DELETE', machine],
  'create full': ['POST', '/nodes/pve1/qemu', full],
  'set cores': set({ cores: 2 }),
  'set memory': set({ memory: 256 }),
  'set name': set({ name: 'other' }),
  'set net1': set({ net1: 'virtio,bridge=vmbr0' }),
  'set scsi1': set({ scsi1: 'local:1,format=qcow2' }),
  'set ide2': set({ ide2: 'none,media=cdrom' }),
  'set boot': set({ boot: 'order=scsi0;net0' }),
  'set description': set({ description: 'x' }),
  'set tags': set({ tags: 'b;vt' }),
  'set agent': set({ agent: 1 }),
  'set cpu': set({ cpu: 'host' }),
  'set cipassword': set({ cipassword: 'hidden' }),
  'set ipconfig0': set({ ipconfig0: 'ip=dhcp' }),
  'set vga': set({ vga: 'std' }),
  'set serial0': set({ serial0: 'socket' }),
  'set bios': set({ bios: 'seabios' }),
  'set hotplug': set({ hotplug: 'disk' }),
  'set protection': set({ protection: 0 }),
  'set onboot': set({ onboot: 1 }),
  'delete disk': set({ delete: 'scsi1' }),
  'delete unused': set({ delete: 'unused0' }),
  resize: ['PUT', `${machine}/resize`, { disk: 'scsi0', size: '+1G' }],
  config: ['GET', `${machine}/config`],
  status: ['GET', `${machine}/status/current`],
  'snapshot list': ['GET', `${machine}/snapshot`],
  snapshot: ['POST', `${machine}/snapshot`, { snapname: 's1' }],
  'snap desc': ['PUT', `${machine}/snapshot/s1/config`, { description: 'x' }],
  rollback: ['POST', `${machine}/snapshot/s1/rollback`],
  'snap delete': ['DELETE', `${machine}/snapshot/s1`],
  start: ['POST', `${machine}/status/start`],
  'agent net': ['GET', `${machine}/agent/network-get-interfaces`],
  'agent ping': ['POST', `${machine}/agent/ping`],
  'agent exec': ['POST', `${machine}/agent/exec`, { command: 'true' }],
  monitor: ['POST', `${machine}/monitor`, { command: 'info status' }],
  vncproxy: ['POST', `${machine}/vncproxy`],
  stop: ['POST', `${machine}/status/stop`],
  clone: ['POST', `${machine}/clone`, { newid: 171, full: 1 }],
  'content list': ['GET', '/nodes/pve1/storage/local/content'],
  'download-url': [
    'POST',
    '/nodes/pve1/storage/local/download-url',
    { content: 'iso', filename: 'a.iso', url: 'http://a/a.iso' },
  ],
  'delete iso': ['DELETE', '/nodes/pve1/storage/local/content/iso%2Fup1.iso'],
  'tasks of node': ['GET', '/nodes/pve1/tasks'],
  'cluster tasks': ['GET', '/cluster/tasks'],
  'cluster options': ['GET', '/cluster/options'],
  delete: ['DELETE', machine],
  'delete clone': ['DELETE', '/nodes/pve1/qemu/171'],
}

it.each(['8.4', '9.2'] as const)('asks for the privileges that %s asked for, operation by operation', async (release) => {
  const probes = readFileSync(new URL(`recorded/privileges-${release}.jsonl`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Probe)
  await using simulator = await startProxmoxSimulator({
    release,
    tls: false,
    pace: 0,
    volumes: [{ volid: 'local:iso/up1.iso', storage: 'local', content: 'iso', format: 'iso', size: 1 }],
    users: [{ userid: 'vt@pve', tokens: [{ tokenid: 'drv', secret: 's', privsep: false }] }],
  })
  for (const probe of probes) {
    // Whether the machine of the recording could start had nothing to do with privileges; its guest was never there.
    if (probe.reason.includes('is not running')) delete simulator.world.machines.get(170)?.running
    const told = await untilGranted(simulator, probe.operation)
    expect({ operation: probe.operation, ...told }).toEqual({ ...probe, needs: probe.needs.toSorted() })
  }
  expect(probes.length).toBe(Object.keys(operations).length)
})

async function untilGranted(simulator: ProxmoxSimulator, operation: string): Promise<Omit<Probe, 'operation'>> {
  const { ask } = client(simulator, 'vt@pve!drv=s')
  const needs: string[] = []
  const [method, path, params] = operations[operation] ?? ['GET', `/no operation ${operation}`]
  for (;;) {
    const { status, reason } = await ask(method, path, params)
    await simulator.tasks.settled()
    const [, where, privileges = ''] = /^Permission check failed \((\S+), (.+)\)$/.exec(reason) ?? []
    if (status !== 403 || where === undefined)
      return { status, reason: reason === 'OK' ? '' : reason, needs: needs.toSorted() }
    const any = privileges.includes('|')
    const wanted = any ? privileges.split('|').slice(0, 1) : privileges.split(', ')
    for (const privilege of wanted) {
      needs.push(`${where}:${privilege}${any ? ` (any of ${privileges})` : ''}`)
      const role = `probe-${where.replaceAll('/', '-')}`
      const held = simulator.accounts.roles.get(role) ?? new Set<string>()
      simulator.accounts.roles.set(role, new Set([...held, privilege]))
      if (held.size === 0) {
        simulator.accounts.acl.push({ path: where, type: 'user', ugid: 'vt@pve', roleid: role, propagate: true })
      }
    }
  }
}
