import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findVcsimSources } from './vcsim/find-vcsim-sources.ts'
import { type MachineFacts, readMachines } from './vcsim/read-machine.ts'
import { SoapCaller } from './vcsim/soap-caller.ts'
import { startVcsim, type Vcsim } from './vcsim/start-vcsim.ts'

const found = findVcsimSources()

describe.skipIf('missing' in found)('machines of the simulated vCenter', () => {
  let vcsim: Vcsim
  let caller: SoapCaller
  let machine: string
  const name = 'DC0_C0_RP0_VM0'
  const read = async (): Promise<MachineFacts> => (await readMachines(vcsim, [name]))[0]!
  const slowly = (ms: number): Promise<number> => vcsim.addRule({ methods: ['*'], kind: 'slow-task', ms })

  beforeAll(async () => {
    vcsim = await startVcsim({ machines: 2 })
    caller = new SoapCaller(vcsim)
    await caller.logIn()
    machine = await caller.find(`/DC0/vm/${name}`)
  }, 400_000)
  afterEach(() => vcsim.removeRules())
  afterAll(() => vcsim?.close())

  it('a slow task reports progress, and does its work at its end', async () => {
    await slowly(1500)
    const task = `Task:${await caller.value('PowerOffVM_Task', machine)}`
    const seen = new Set<number>()
    while ((await caller.property(task, 'info.state')) !== 'success') {
      expect(await caller.property(task, 'info.error')).toBe('')
      seen.add(Number(await caller.property(task, 'info.progress')))
      const power = await caller.property(machine, 'runtime.powerState')
      if ((await vcsim.runningTasks()) === 1) expect(power).toBe('poweredOn')
    }
    expect(seen.size).toBeGreaterThan(2)
    expect([...seen]).toEqual([...seen].toSorted((a, b) => a - b))
    expect([0, 20, 40, 60, 80, 100]).toEqual(expect.arrayContaining([...seen]))
    expect(await caller.property(machine, 'runtime.powerState')).toBe('poweredOff')
  })

  it('a slow task fails as a quick one does', async () => {
    await slowly(20)
    expect(await caller.task('PowerOffVM_Task', machine)).toBe('InvalidPowerState')
    expect(await caller.call('PowerOffVM_Task', 'VirtualMachine:vm-999')).toMatchObject({
      status: 500,
      body: expect.stringContaining('ManagedObjectNotFoundFault') as string,
    })
    expect(await caller.task('PowerOnVM_Task', machine)).toBe('success')
  })

  it('a slow task that is cancelled does nothing, once', async () => {
    await slowly(5_000)
    const task = `Task:${await caller.value('PowerOffVM_Task', machine)}`
    expect(await caller.property(task, 'info.cancelable')).toBe('true')
    expect(await caller.call('CancelTask', task)).toMatchObject({ status: 200 })
    await expect.poll(() => caller.property(task, 'info.state')).toBe('error')
    expect(await caller.property(task, 'info.error')).toContain('RequestCanceled')
    expect(await caller.property(task, 'info.cancelled')).toBe('true')
    expect(await caller.property(machine, 'runtime.powerState')).toBe('poweredOn')
    expect((await caller.call('CancelTask', task)).body).toContain('InvalidStateFault')
    expect((await caller.call('CancelTask', 'Task:task-0')).body).toContain('ManagedObjectNotFoundFault')
  })

  it('a slow task goes on when the session of who started it is over', async () => {
    await slowly(200)
    const task = `Task:${await caller.value('PowerOffVM_Task', machine)}`
    expect(await vcsim.expireSessions()).toBe(1)
    await caller.logIn()
    await expect.poll(() => caller.property(task, 'info.state')).toBe('success')
    expect(await vcsim.sessions()).toBe(1)
    expect(await vcsim.mostSessions()).toBe(1)
  })

  it('snapshots are renamed, and going back brings back hardware and power', async () => {
    await caller.task('PowerOnVM_Task', machine)
    const take = (title: string, memory: boolean): Promise<string> =>
      caller.task(
        'CreateSnapshot_Task',
        machine,
        `<name>${title}</name><description>d</description><memory>${memory}</memory><quiesce>false</quiesce>`,
      )
    expect(await take('asleep', false)).toBe('success')
    expect(await take('awake', true)).toBe('success')
    const before = await read()
    expect(before.snapshots).toMatchObject([
      { name: 'asleep', power: 'poweredOff', children: [{ name: 'awake', power: 'poweredOn' }] },
    ])
    const [asleep, awake] = [before.snapshots[0]!, before.snapshots[0]!.children[0]!]
    const rename = '<name>a &lt; b</name><description>why</description>'
    expect(await caller.call('RenameSnapshot', `VirtualMachineSnapshot:${awake.ref}`, rename)).toMatchObject({
      status: 200,
    })
    expect((await caller.call('RenameSnapshot', 'VirtualMachineSnapshot:none', rename)).body).toContain('NotFoundFault')

    const [disk] = /<VirtualDevice [^>]*type="VirtualDisk">.*?<\/VirtualDevice>/s.exec(
      await caller.property(machine, 'config.hardware.device'),
    )!
    const grown = disk
      .replaceAll('XMLSchema-instance:', 'xsi:')
      .replace('<VirtualDevice', '<device')
      .replace('</VirtualDevice>', '</device>')
      .replace(/<capacityInKB>\d+/, '<capacityInKB>4096')
      .replace(/<capacityInBytes>\d+/, `<capacityInBytes>${4096 * 1024}`)
    const change =
      '<spec><numCPUs>4</numCPUs><memoryMB>512</memoryMB>' +
      `<deviceChange><operation>edit</operation>${grown}</deviceChange>` +
      '<extraConfig><key>mark</key><value xsi:type="xsd:string">later</value></extraConfig></spec>'
    expect(await caller.task('ReconfigVM_Task', machine, change)).toBe('success')
    const changed = await read()
    expect(changed).toMatchObject({
      cpus: 4,
      memoryMiB: 512,
      disks: [{ capacityKiB: 4096 }],
      extraConfig: { mark: 'later' },
    })
    expect(changed.snapshots[0]!.children).toMatchObject([{ name: 'a < b', description: 'why' }])

    for (const [{ ref }, power] of [
      [asleep, 'poweredOff'],
      [awake, 'poweredOn'],
    ] as const) {
      expect(await caller.task('RevertToSnapshot_Task', `VirtualMachineSnapshot:${ref}`)).toBe('success')
      const back = await read()
      expect(back).toMatchObject({
        cpus: 1,
        memoryMiB: 32,
        disks: before.disks,
        nics: before.nics,
        power,
        currentSnapshot: ref,
      })
      expect(back.extraConfig).toEqual(before.extraConfig)
    }
  })

  it('guests have addresses, and shut down when their tools run', async () => {
    const other = 'DC0_C0_RP0_VM1'
    const ref = await caller.find(`/DC0/vm/${other}`)
    expect((await caller.call('ShutdownGuest', ref)).body).toContain('ToolsUnavailableFault')
    const addresses = [{ mac: '00:50:56:00:00:01', ips: ['192.0.2.7', '2001:db8::7'] }]
    await vcsim.setGuest({ machine: other, tools: 'running', hostName: 'web', addresses, deaf: true })
    expect((await readMachines(vcsim, [other]))[0]?.guest).toEqual({
      tools: 'guestToolsRunning',
      hostName: 'web',
      addresses: [['192.0.2.7', '2001:db8::7']],
    })
    expect(await caller.call('ShutdownGuest', ref)).toMatchObject({ status: 200 })
    expect(await caller.property(ref, 'runtime.powerState')).toBe('poweredOn')
    await vcsim.setGuest({ machine: other, tools: 'running' })
    expect(await caller.call('RebootGuest', ref)).toMatchObject({ status: 200 })
    expect(await caller.call('ShutdownGuest', ref)).toMatchObject({ status: 200 })
    await expect.poll(() => caller.property(ref, 'runtime.powerState')).toBe('poweredOff')
    expect((await caller.call('ShutdownGuest', ref)).body).toContain('InvalidPowerStateFault')
  })
})
