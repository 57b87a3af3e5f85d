import { expect, it, vi } from 'vitest'
import { startProxmoxSimulator } from '../src/index.ts'
import { client } from './client.ts'

const users = [
  { userid: 'root@pam', tokens: [{ tokenid: 't1', secret: 's', privsep: false }] },
  {
    userid: 'ann@pve',
    password: 'x',
    roles: { '/vms/101': 'PVEVMUser' },
    tokens: [{ tokenid: 'a', secret: 's', privsep: false }],
  },
]
const root = 'root@pam!t1=s'
const fast = { tls: false, pace: 0, users } as const
const disk = { scsi0: 'local:1,format=qcow2', memory: 128 }

it('of many who create under one number one gets it, and the others are told at once', async () => {
  await using simulator = await startProxmoxSimulator(fast)
  const { ask } = client(simulator, root)
  const ids = await Promise.all(Array.from({ length: 8 }, async () => (await ask('GET', '/cluster/nextid')).data))
  expect(new Set(ids)).toEqual(new Set(['100']))
  const answers = await Promise.all(ids.map((vmid) => ask('POST', '/nodes/pve1/qemu', { vmid, ...disk })))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  for (const { status, reason } of answers.filter((answer) => answer.status !== 200)) {
    expect([status, reason]).toEqual([500, "unable to create VM 100 - VM 100 already exists on node 'pve1'"])
  }
  await simulator.tasks.settled()
  expect(simulator.world.storages.list('local', 'pve1')).toHaveLength(1)
})

it('lists are shorter for who may see less, and what he asks for by name is refused', async () => {
  await using simulator = await startProxmoxSimulator(fast)
  const all = client(simulator, root)
  for (const vmid of [100, 101]) await all.run('POST', '/nodes/pve1/qemu', { vmid, ...disk })
  const ann = client(simulator, 'ann@pve!a=s')
  expect((await ann.ask('GET', '/nodes/pve1/qemu')).data).toMatchObject([{ vmid: 101 }])
  expect((await ann.ask('GET', '/cluster/resources', { type: 'vm' })).data).toMatchObject([{ vmid: 101 }])
  expect((await ann.ask('GET', '/nodes/pve1/storage')).data).toEqual([])
  const bare = { node: 'pve1', id: 'node/pve1', type: 'node', status: 'online' }
  expect((await ann.ask('GET', '/cluster/resources', { type: 'node' })).data).toEqual([bare])
  expect((await all.ask('GET', '/cluster/resources', { type: 'node' })).data).toMatchObject([{ ...bare, maxcpu: 8 }])
  expect(await ann.ask('GET', '/nodes/pve1/qemu/100/config')).toMatchObject({
    status: 403,
    reason: 'Permission check failed (/vms/100, VM.Audit)',
  })
  expect((await ann.ask('DELETE', '/nodes/pve1/qemu/101')).reason).toBe('Permission check failed (/vms/101, VM.Allocate)')
})

it('a token with privilege separation may do what both it and its user may', async () => {
  await using simulator = await startProxmoxSimulator({
    ...fast,
    users: [
      ...users,
      {
        userid: 'bob@pve',
        roles: { '/vms': 'PVEVMAdmin' },
        tokens: [{ tokenid: 'b', secret: 's', roles: { '/vms': 'PVEAuditor' } }],
      },
    ],
  })
  await client(simulator, root).run('POST', '/nodes/pve1/qemu', { vmid: 100 })
  const { ask } = client(simulator, 'bob@pve!b=s')
  expect((await ask('GET', '/nodes/pve1/qemu/100/config')).status).toBe(200)
  expect((await ask('POST', '/nodes/pve1/qemu/100/status/start')).reason).toMatch('VM.PowerMgmt')
})

it('the list of resources sees what is only now and then', async () => {
  await using simulator = await startProxmoxSimulator({ ...fast, pace: 0.001, resourcesLagMs: 1e9 })
  const { ask, run } = client(simulator, root)
  const line = async (): Promise<unknown> => ((await ask('GET', '/cluster/resources', { type: 'vm' })).data as unknown[])[0]
  await run('POST', '/nodes/pve1/qemu', { vmid: 100, name: 'a', tags: 'x' })
  expect(await line()).toEqual({ id: 'qemu/100', vmid: 100, type: 'qemu', node: 'pve1', status: 'unknown', tags: 'x' })
  simulator.refreshResources()
  await run('POST', '/nodes/pve1/qemu/100/status/start')
  expect(await line()).toMatchObject({ name: 'a', status: 'stopped' })
  expect((await ask('GET', '/nodes/pve1/qemu/100/status/current')).data).toMatchObject({ status: 'running' })
  simulator.refreshResources()
  expect(await line()).toMatchObject({ name: 'a', status: 'running' })
})

it('what holds the file of a machine keeps others waiting, and ten seconds are too long', async () => {
  await using simulator = await startProxmoxSimulator({ ...fast, pace: 0.001 })
  const { ask, run } = client(simulator, root)
  await run('POST', '/nodes/pve1/qemu', { vmid: 100 })
  await run('POST', '/nodes/pve1/qemu/100/status/start')
  const { data: shutdown } = await ask('POST', '/nodes/pve1/qemu/100/status/shutdown', { timeout: 400 })
  const text = "can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout"
  expect(await ask('PUT', '/nodes/pve1/qemu/100/config', { name: 'b' })).toMatchObject({ status: 500, reason: text })
  expect(await run('POST', '/nodes/pve1/qemu/100/status/stop')).toBe(text)
  await simulator.tasks.settled()
  expect(simulator.tasks.get(String(shutdown)).exitstatus).toBe('VM quit/powerdown failed - got timeout')
})

it('many may clone a machine at once, and it does not go away meanwhile', async () => {
  await using simulator = await startProxmoxSimulator({ ...fast, pace: 0.01 })
  const { ask, run } = client(simulator, root)
  await run('POST', '/nodes/pve1/qemu', { vmid: 100, ...disk })
  // Each takes eight milliseconds here. Twenty, one after the other, would take longer than the last one waits.
  const ids = Array.from({ length: 20 }, (_, index) => 101 + index)
  const clones = await Promise.all(ids.map((newid) => ask('POST', '/nodes/pve1/qemu/100/clone', { newid })))
  expect(await run('DELETE', '/nodes/pve1/qemu/100')).toBe('OK')
  expect(clones.map(({ data }) => simulator.tasks.get(String(data)).exitstatus)).toEqual(ids.map(() => 'OK'))
  expect([...simulator.world.machines.keys()]).toEqual(ids)
  expect(simulator.world.storages.list('local', 'pve1').map(({ vmid }) => vmid)).toEqual(ids)
})

it('a guest by rule is in every machine that is started', async () => {
  const guests = ({ vmid }: { vmid: number }): { bootMs: number; hostName: string } => ({
    bootMs: 0,
    hostName: `vm${vmid}`,
  })
  await using simulator = await startProxmoxSimulator({ ...fast, guests })
  const { ask, run } = client(simulator, root)
  await run('POST', '/nodes/pve1/qemu', { vmid: 100, agent: 1, start: 1 })
  expect((await ask('GET', '/nodes/pve1/qemu/100/agent/get-host-name')).data).toEqual({ result: { 'host-name': 'vm100' } })
  expect(await run('POST', '/nodes/pve1/qemu/100/status/shutdown')).toBe('OK')
})

it('a guest boots, tells its addresses and obeys', async () => {
  await using simulator = await startProxmoxSimulator({ ...fast, pace: 0.01 })
  const { ask, run } = client(simulator, root)
  const mac = 'BC:24:11:00:00:01'
  await run('POST', '/nodes/pve1/qemu', { vmid: 100, agent: 1, net0: `virtio=${mac},bridge=vmbr0` })
  const machine = simulator.world.machines.get(100)
  if (machine) {
    const runs = (command: readonly string[]): { exitCode: number; stdout: string } => ({
      exitCode: 3,
      stdout: command.join(' '),
    })
    machine.guest = { bootMs: 50_000, hostName: 'web', addresses: { [mac]: ['10.0.0.5/24'] }, run: runs }
  }
  await run('POST', '/nodes/pve1/qemu/100/status/start')
  const agent = '/nodes/pve1/qemu/100/agent'
  expect((await ask('GET', `${agent}/network-get-interfaces`)).reason).toBe('QEMU guest agent is not running')
  await vi.waitFor(async () => expect((await ask('POST', `${agent}/ping`)).status).toBe(200), { timeout: 10_000 })
  expect((await ask('GET', `${agent}/network-get-interfaces`)).data).toMatchObject({
    result: [
      { name: 'lo' },
      { 'hardware-address': mac.toLowerCase(), 'ip-addresses': [{ 'ip-address': '10.0.0.5', prefix: 24 }, {}] },
    ],
  })
  const { data } = await ask('POST', `${agent}/exec`, { command: 'uptime' })
  expect((await ask('GET', `${agent}/exec-status`, data as Record<string, unknown>)).data).toEqual({
    exited: 1,
    exitcode: 3,
    'out-data': 'uptime',
  })
  expect(await run('POST', '/nodes/pve1/qemu/100/status/shutdown')).toBe('OK')
  expect((await ask('GET', `${agent}/get-host-name`)).reason).toBe('VM 100 is not running')
})

it('templates are cloned by reference, and stay as long as somebody stands on them', async () => {
  await using simulator = await startProxmoxSimulator(fast)
  const { ask, run } = client(simulator, root)
  await run('POST', '/nodes/pve1/qemu', { vmid: 100, ...disk })
  expect((await ask('POST', '/nodes/pve1/qemu/100/clone', { newid: 101, full: 0 })).reason).toMatch(/^Linked clone/)
  expect(await run('POST', '/nodes/pve1/qemu/100/template')).toBe('OK')
  expect(await run('POST', '/nodes/pve1/qemu/100/clone', { newid: 101, name: 'c' })).toBe('OK')
  const config = (await ask('GET', '/nodes/pve1/qemu/101/config')).data as Record<string, string>
  expect(config['scsi0']).toMatch('local:100/base-100-disk-0.qcow2/101/vm-101-disk-0.qcow2')
  expect(config).not.toHaveProperty('template')
  expect(await run('DELETE', '/nodes/pve1/qemu/100')).toMatch('is still in use by linked clone')
  expect(await run('DELETE', '/nodes/pve1/qemu/101')).toBe('OK')
  expect(await run('DELETE', '/nodes/pve1/qemu/100')).toBe('OK')
  expect(simulator.world.storages.volumes.size).toBe(0)
})

it('storages count what lies on them, and refuse what does not fit', async () => {
  await using simulator = await startProxmoxSimulator({
    ...fast,
    storages: [{ storage: 'vg', type: 'lvm', content: ['images'], totalBytes: 3 * 2 ** 30, otherBytes: 0 }],
  })
  const { ask, run } = client(simulator, root)
  expect(await run('POST', '/nodes/pve1/qemu', { vmid: 100, scsi0: 'vg:2' })).toBe('OK')
  expect((await ask('GET', '/nodes/pve1/storage/vg/status')).data).toMatchObject({ used: 2 ** 31, avail: 2 ** 30 })
  expect(await run('POST', '/nodes/pve1/qemu', { vmid: 101, scsi0: 'vg:1', scsi1: 'vg:1' })).toMatch(
    /^unable to create VM 101 - /,
  )
  // What was made before the failure is gone again, and so is the number.
  expect((await ask('GET', '/nodes/pve1/storage/vg/status')).data).toMatchObject({ used: 2 ** 31 })
  expect(await run('POST', '/nodes/pve1/qemu', { vmid: 101, scsi0: 'vg:1' })).toBe('OK')
  expect(await run('POST', '/nodes/pve1/qemu/101/snapshot', { snapname: 's1' })).toBe('snapshot feature is not available')
})

it('a snapshot with memory brings a running machine back; one that is deleted hands its children on', async () => {
  await using simulator = await startProxmoxSimulator(fast)
  const { ask, run } = client(simulator, root)
  const machine = '/nodes/pve1/qemu/100'
  await run('POST', '/nodes/pve1/qemu', { vmid: 100, ...disk })
  await run('POST', `${machine}/status/start`)
  for (const [snapname, vmstate] of [
    ['s1', 0],
    ['s2', 1],
    ['s3', 0],
  ] as const) {
    expect(await run('POST', `${machine}/snapshot`, { snapname, vmstate })).toBe('OK')
  }
  await run('POST', `${machine}/status/stop`)
  await run('PUT', `${machine}/resize`, { disk: 'scsi0', size: '+1G' })
  expect(await run('POST', `${machine}/snapshot/s2/rollback`)).toBe('OK')
  expect((await ask('GET', `${machine}/status/current`)).data).toMatchObject({ status: 'running' })
  expect(await run('DELETE', `${machine}/snapshot/s2`)).toBe('OK')
  const list = (await ask('GET', `${machine}/snapshot`)).data as { name: string; parent?: string }[]
  expect(Object.fromEntries(list.map(({ name, parent }) => [name, parent]))).toEqual({
    s1: undefined,
    s3: 's1',
    current: 's1',
  })
  expect(simulator.world.storages.list('local', 'pve1').filter(({ volid }) => volid.includes('state'))).toEqual([])
})

it('a machine whose disks are shared moves to another node, and is then found there only', async () => {
  await using simulator = await startProxmoxSimulator({
    ...fast,
    nodes: [{ node: 'pve1' }, { node: 'pve2' }],
    storages: [{ storage: 'nfs', type: 'nfs', shared: true }],
  })
  const { ask, run } = client(simulator, root)
  await run('POST', '/nodes/pve1/qemu', { vmid: 100, scsi0: 'nfs:1,format=qcow2' })
  await run('POST', '/nodes/pve1/qemu/100/status/start')
  expect((await ask('POST', '/nodes/pve1/qemu/100/migrate', { target: 'pve2' })).reason).toMatch('--online')
  expect(await run('POST', '/nodes/pve1/qemu/100/migrate', { target: 'pve2', online: 1 })).toBe('OK')
  expect((await ask('GET', '/nodes/pve2/qemu/100/status/current')).data).toMatchObject({ status: 'running' })
  expect((await ask('GET', '/nodes/pve1/qemu/100/status/current')).reason).toBe(
    "Configuration file 'nodes/pve1/qemu-server/100.conf' does not exist",
  )
})

it('a stop that overrules does not wait for the shutdown under way, and a task can be ended by its id', async () => {
  await using simulator = await startProxmoxSimulator({ ...fast, pace: 0.01 })
  const { ask, run } = client(simulator, root)
  await run('POST', '/nodes/pve1/qemu', { vmid: 100 })
  await run('POST', '/nodes/pve1/qemu/100/status/start')
  const { data: shutdown } = await ask('POST', '/nodes/pve1/qemu/100/status/shutdown', { timeout: 300 })
  expect(await run('POST', '/nodes/pve1/qemu/100/status/stop', { 'overrule-shutdown': 1 })).toBe('OK')
  expect(simulator.tasks.get(String(shutdown)).exitstatus).toBe('received interrupt')
  await run('POST', '/nodes/pve1/qemu/100/status/start')
  const { data } = await ask('POST', '/nodes/pve1/qemu/100/status/shutdown', { timeout: 300 })
  const upid = encodeURIComponent(String(data))
  expect((await ask('DELETE', `/nodes/pve1/tasks/${upid}`)).status).toBe(200)
  await simulator.tasks.settled()
  expect((await ask('GET', `/nodes/pve1/tasks/${upid}/status`)).data).toMatchObject({ exitstatus: 'received interrupt' })
})

it('files of the same name on two nodes are two files', async () => {
  const iso = { volid: 'local:iso/a.iso', storage: 'local', content: 'iso', format: 'iso', size: 1 } as const
  const nodes = ['pve1', 'pve2']
  await using simulator = await startProxmoxSimulator({
    ...fast,
    nodes: nodes.map((node) => ({ node })),
    volumes: nodes.map((node) => ({ ...iso, node })),
  })
  const { ask, run } = client(simulator, root)
  expect(await run('DELETE', '/nodes/pve1/storage/local/content/local:iso%2Fa.iso')).toBe('OK')
  expect((await ask('GET', '/nodes/pve1/storage/local/content')).data).toEqual([])
  expect((await ask('GET', '/nodes/pve2/storage/local/content')).data).toMatchObject([{ volid: 'local:iso/a.iso' }])
})
