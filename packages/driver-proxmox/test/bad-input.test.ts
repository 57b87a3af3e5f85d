import { type ProxmoxSimulator, type ProxmoxSimulatorOptions, startProxmoxSimulator } from '@virtkit/proxmox-simulator'
import { type Hypervisor, type MachineSpec, type VirtkitError, isVirtkitError } from '@virtkit/spi'
import { expect, it } from 'vitest'
import { proxmox } from '../src/index.ts'
import { ownIds } from '../src/machine/candidate-ids.ts'

const secret = 'bad10000-0000-4000-8000-00000000bad1'
const call = { signal: new AbortController().signal }
const keyed = (key: string) => ({ ...call, key })
const spec = (over: Partial<MachineSpec> = {}): MachineSpec => ({
  name: 'web',
  cpus: 1,
  memoryMiB: 256,
  firmware: 'bios',
  disks: [{ sizeMiB: 1024, provisioning: 'thin' }],
  nics: [],
  placement: {},
  ...over,
})

interface Lab extends AsyncDisposable {
  readonly simulator: ProxmoxSimulator
  readonly hypervisor: Hypervisor
}

async function open(world: ProxmoxSimulatorOptions = {}, options: Readonly<Record<string, unknown>> = {}): Promise<Lab> {
  const tokens = [{ tokenid: 't', secret, privsep: false }]
  const users = [{ userid: 'root@pam', tokens }, ...(world.users ?? [])]
  const simulator = await startProxmoxSimulator({ pace: 0.005, tls: false, ...world, users })
  const given = { url: simulator.url, http: true, username: 'root@pam!t', password: secret, settleMs: 1500, ...options }
  const checked = await proxmox.options['~standard'].validate(given)
  if (checked.issues) throw new Error(checked.issues.map(({ message }) => message).join())
  const hypervisor = await proxmox.connect(checked.value, call)
  return {
    simulator,
    hypervisor,
    [Symbol.asyncDispose]: async () => {
      await hypervisor[Symbol.asyncDispose]()
      await simulator.close()
    },
  }
}

const failing = (promise: Promise<unknown>): Promise<VirtkitError> =>
  promise.then(
    () => Promise.reject(new Error('it was answered')),
    (error: unknown) => (isVirtkitError(error) ? error : Promise.reject(error as Error)),
  )

it('of two keys whose numbers are the same, asked for at once, each gets a machine of its own', async () => {
  const idRange = { from: 5000, to: 5999 }
  const first = (key: string): number | undefined => ownIds(key, idRange)[0]
  const keys = Array.from({ length: 5000 }, (_, index) => `key-${index}`)
  const same = keys.filter((key) => first(key) === first('key-0'))
  expect(same.length).toBeGreaterThan(2)
  await using lab = await open({}, { idRange })
  const { machines } = lab.hypervisor
  const made = await Promise.all(same.map((key) => machines.create(spec({ name: key }), keyed(key))))
  expect(new Set(made.map(({ ref }) => ref)).size).toBe(same.length)
  for (const [index, { ref }] of made.entries()) {
    const found = await machines.find(ref, call)
    expect([found?.name, found?.key]).toEqual([same[index], same[index]])
  }
})

it('a node that is down is said of its machines; the others live on, and new ones go there', async () => {
  const shared = [{ storage: 'nfs', type: 'nfs', shared: true }]
  await using lab = await open({ nodes: [{ node: 'pve1' }, { node: 'pve2' }], storages: shared })
  const { machines, inventory, power } = lab.hypervisor
  const one = await machines.create(spec({ placement: { host: 'pve1' } }), keyed('one'))
  const two = await machines.create(spec({ placement: { host: 'pve2' } }), keyed('two'))
  lab.simulator.world.nodes.get('pve2')!.online = false
  expect((await failing(machines.find(two.ref, call))).code).toBe('HYPERVISOR_UNAVAILABLE')
  const refused = await failing(power.on({ ref: two.ref, key: 'two' }, call))
  expect([refused.code, refused.outcome]).toEqual(['HYPERVISOR_UNAVAILABLE', 'did-not-happen'])
  await power.on({ ref: one.ref, key: 'one' }, call)
  expect((await machines.create(spec(), keyed('three'))).host).toBe('pve1')
  expect((await inventory.hosts(call)).map(({ name, online }) => [name, online])).toEqual([
    ['pve1', true],
    ['pve2', false],
  ])
  const offline = await failing(machines.create(spec({ placement: { host: 'pve2' } }), keyed('four')))
  expect(offline.details).toMatchObject({ problems: [{ field: 'placement.host', problem: 'pve2 is offline' }] })
  // Those that can be read are listed, and the list does not pass for a whole one.
  const listed: string[] = []
  const reading = (async () => {
    for await (const page of inventory.machines({ pageSize: 10 }, call)) listed.push(...page.map(({ ref }) => ref))
  })()
  expect((await failing(reading)).message).toMatch(/pve2 does not answer: its machines are missing/)
  expect(listed).toContain(one.ref)
})

it('a full storage, and one that takes no images, are refused by name with the way out', async () => {
  const storages = [
    { storage: 'small', type: 'dir', content: ['images'], totalBytes: 9 * 2 ** 30, otherBytes: 9 * 2 ** 30 },
  ]
  await using lab = await open({ storages })
  const full = await failing(lab.hypervisor.machines.create(spec(), keyed('full')))
  expect([full.code, full.outcome]).toEqual(['DATASTORE_FULL', 'did-not-happen'])
  expect(full.details).toMatchObject({ datastore: 'small' })
  expect(lab.simulator.world.machines.size).toBe(0)
  const image = { name: 'a.iso', sizeBytes: 1, content: async function* () {} }
  const nowhere = await failing(lab.hypervisor.media!.upload(image, call))
  expect(nowhere.details).toMatchObject({ problems: [{ field: 'datastore' }] })
  const small = await failing(lab.hypervisor.media!.upload({ ...image, datastore: 'small' }, call))
  expect(small.message).toMatch(/small is not there, or does not take images \(content iso\)/)
})

it('a locked machine is waited for, and no longer than is allowed', async () => {
  await using lab = await open({}, { lockWaitMs: 400 })
  const { machines } = lab.hypervisor
  const { ref } = await machines.create(spec(), keyed('mine'))
  const machine = lab.simulator.world.machines.get(Number(ref))!
  machine.lock = 'backup'
  const busy = await failing(machines.reconfigure({ ref, key: 'mine' }, { cpus: 2 }, call))
  expect([busy.code, busy.outcome]).toEqual(['HYPERVISOR_BUSY', 'did-not-happen'])
  expect(busy.message).toMatch(/VM is locked \(backup\)/)
  setTimeout(() => delete machine.lock, 100)
  expect((await machines.reconfigure({ ref, key: 'mine' }, { cpus: 2 }, call)).cpus).toBe(2)
})

it('a guest without an agent has no addresses and is switched off in time', async () => {
  await using lab = await open({ guests: () => ({ bootMs: 0, hostName: 'g', agent: false }) })
  const { machines, power, guest } = lab.hypervisor
  const { ref } = await machines.create(spec(), keyed('mine'))
  await power.on({ ref, key: 'mine' }, call)
  expect(await guest!.addresses(ref, call)).toEqual([])
})

it('a snapshot on a storage that cannot is UNSUPPORTED before anything is begun', async () => {
  const storages = [{ storage: 'lvm', type: 'lvm', content: ['images'] }]
  await using lab = await open({ storages })
  const disks = [{ sizeMiB: 1024, provisioning: 'thick' as const }]
  const { ref } = await lab.hypervisor.machines.create(spec({ disks }), keyed('mine'))
  const request = { name: 'one', description: '', memory: false, quiesce: false }
  const error = await failing(lab.hypervisor.snapshots!.create({ ref, key: 'mine' }, request, call))
  expect([error.code, error.outcome]).toEqual(['UNSUPPORTED', 'did-not-happen'])
  const thin = await failing(lab.hypervisor.machines.create(spec(), keyed('thin')))
  expect(thin.details).toMatchObject({ problems: [{ field: 'disks[0].provisioning' }] })
})

it('what a token may not is named with its path, when it is refused and when it is asked for', async () => {
  const roles = { '/vms': 'PVEVMUser', '/storage': 'PVEDatastoreUser' }
  const ann = { userid: 'ann@pve', roles, tokens: [{ tokenid: 'a', secret, privsep: false }] }
  await using lab = await open({ users: [ann] }, { username: 'ann@pve!a' })
  const { machines, privileges } = lab.hypervisor
  const missing = await privileges!.missing(call)
  expect(missing).toContainEqual({ operation: 'machines.create', privilege: 'VM.Allocate', path: '/vms' })
  expect(missing).toContainEqual({ operation: 'snapshots.create', privilege: 'VM.Snapshot', path: '/vms' })
  expect(missing).not.toContainEqual(expect.objectContaining({ operation: 'power.on' }))
  expect((await failing(machines.create(spec(), keyed('none')))).code).toBe('FORBIDDEN')
  lab.simulator.world.machines.set(777, {
    vmid: 777,
    node: 'pve1',
    config: new Map([['description', 'virtkit: 777 hers']]),
    pending: new Map(),
    snapshots: new Map(),
  })
  const error = await failing(machines.reconfigure({ ref: '777', key: 'hers' }, { cpus: 2 }, call))
  expect(error.details).toEqual({ missing: [{ privilege: 'VM.Config.CPU', path: '/vms/777' }] })
})

it('a bridge that is not there is told by the log of the task that fails', async () => {
  await using lab = await open()
  const { machines, power } = lab.hypervisor
  const nics = [{ network: 'vmbr0', mac: 'bc:24:11:00:00:01' }]
  const { ref } = await machines.create(spec({ nics }), keyed('mine'))
  lab.simulator.world.nodes.get('pve1')!.bridges.splice(0)
  const error = await failing(power.on({ ref, key: 'mine' }, call))
  expect(error.code).toBe('HYPERVISOR_REFUSED')
  expect(error.message).toMatch(/bridge 'vmbr0' does not exist/)
})

it('a copy that somebody makes of a machine of ours is not ours', async () => {
  await using lab = await open()
  const { machines } = lab.hypervisor
  const { ref } = await machines.create(spec(), keyed('mine'))
  const original = lab.simulator.world.machines.get(Number(ref))!
  lab.simulator.world.machines.set(100, { ...original, vmid: 100, config: new Map(original.config) })
  expect((await machines.find('100', call))?.key).toBeUndefined()
  expect((await machines.findByKey('mine', call))?.ref).toBe(ref)
  expect((await failing(machines.destroy({ ref: '100', key: 'mine' }, call))).code).toBe('NOT_OURS')
  await machines.destroy({ ref, key: 'mine' }, call)
  expect([...lab.simulator.world.machines.keys()]).toEqual([100])
})

it('a create whose answer comes never is found, also when it is done after everybody has given up', async () => {
  await using lab = await open()
  const { machines } = lab.hypervisor
  const path = '/nodes/{node}/qemu'
  for (const kind of ['answer-lost', 'timed-out-done', 'timed-out-done-later'] as const) {
    lab.simulator.faults.add({ method: 'POST', path, kind, ms: 60_000, times: 1 })
    const { ref } = await machines.create(spec(), keyed(kind))
    expect(lab.simulator.world.machines.get(Number(ref))?.config.get('description')).toBe(`virtkit: ${ref} ${kind}`)
  }
  lab.simulator.faults.add({ method: 'POST', path, kind: 'timed-out', times: 1 })
  const lost = await failing(machines.create(spec(), keyed('lost')))
  expect([lost.code, lost.outcome]).toEqual(['HYPERVISOR_UNAVAILABLE', 'unknown'])
  await machines.create(spec(), keyed('lost'))
  expect(lab.simulator.world.machines.size).toBe(4)
})

it('a number that somebody takes between question and answer is his, and the next one is ours', async () => {
  await using lab = await open()
  const [first = 0, second = 0] = ownIds('late', { from: 10_000, to: 999_999 })
  const { world, faults } = lab.simulator
  const theirs = { vmid: first, node: 'pve1', config: new Map([['name', 'theirs']]) }
  const atTheServer = new (class extends RegExp {
    override test(text: string): boolean {
      const fits = super.test(text)
      if (fits) world.machines.set(first, { ...theirs, pending: new Map(), snapshots: new Map() })
      return fits
    }
  })('^/nodes/pve1/qemu$')
  faults.add({ method: 'POST', path: atTheServer, kind: 'slow', ms: 1, times: 1 })
  const { ref, key } = await lab.hypervisor.machines.create(spec(), keyed('late'))
  expect([ref, key]).toEqual([String(second), 'late'])
  expect([...(world.machines.get(first)?.config ?? [])]).toEqual([['name', 'theirs']])
})
