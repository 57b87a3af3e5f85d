import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Call, type Hypervisor, type MachineInfo, type MachineSpec, isVirtkitError } from '@virtkit/spi'
import { installLibvirt, lacksLibvirt } from '@virtkit/test-libvirt'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { procedures } from '../src/client/procedures.ts'
import { libvirt } from '../src/index.ts'
import { bestAcceleration, guestRunMs } from '../src/machines/acceleration.ts'
import { Session } from '../src/session.ts'
import { type LibvirtLab, openLab } from './lab.ts'

const lacks = lacksLibvirt()
const isCi = process.env['CI'] !== undefined

describe.skipIf(lacks !== undefined && !isCi)('trouble on a real libvirtd', () => {
  let lab: LibvirtLab
  let hypervisor: Hypervisor

  beforeAll(async () => {
    if (lacks !== undefined) throw new Error(`${lacks}\nTo install it: ${installLibvirt}`)
    lab = await openLab()
    hypervisor = await libvirt.connect(lab.options, call())
  }, 40_000)
  afterAll(async () => {
    await hypervisor?.[Symbol.asyncDispose]()
    await lab?.[Symbol.asyncDispose]()
  })
  // Whatever went wrong: no machine and no file is left.
  afterEach(async () => {
    const files = readdirSync(lab.libvirtd.outside('/var/lib/libvirt/disks'))
    const machines = (await lab.libvirtd.virsh('list', '--all', '--name')).trim()
    if (files.length > 0 || machines !== '') throw new Error(`left behind: ${[...files, machines].join(' ')}`)
  })

  it.each([
    ['its definition', procedures.domainDefine],
    ['its disk', procedures.volumeCreate],
    ['the word that it is whole', procedures.domainSetMetadata],
  ])(
    'a process killed while it waits for the answer to %s leaves one machine, whole after the next try',
    async (_, procedure) => {
      const key = `killed-${procedure}`
      const reached = lab.proxy.hangNextCall(procedure)
      const script = fileURLToPath(new URL('create-machine.ts', import.meta.url))
      const victim = spawn(process.execPath, ['--conditions=@virtkit/source', script, lab.options.url, key], {
        stdio: 'inherit',
      })
      await reached
      victim.kill('SIGKILL')
      await once(victim, 'exit')
      const left = await untilFound(hypervisor, key)
      const machine = await hypervisor.machines.create(specOf({ name: key }), keyed(key))
      expect(machine).toMatchObject({ ref: left.ref, key, name: key, disks: [{ sizeMiB: 16, datastore: 'disks' }] })
      expect((await lab.libvirtd.virsh('list', '--all', '--name')).trim().split('\n')).toHaveLength(1)
      await hypervisor.power.on({ ref: machine.ref, key }, call())
      await hypervisor.machines.destroy({ ref: machine.ref, key }, call())
    },
  )

  it('a machine with UEFI starts, and is destroyed with its NVRAM', async () => {
    const owned = await make('uefi', { firmware: 'uefi' })
    await hypervisor.power.on(owned, call())
    const folder = lab.libvirtd.outside('/var/lib/libvirt/qemu/nvram')
    expect(readdirSync(folder)).toHaveLength(1)
    await rejects(
      'UNSUPPORTED',
      hypervisor.snapshots!.create(owned, { name: 's', description: '', memory: false, quiesce: false }, call()),
    )
    await hypervisor.machines.destroy(owned, call())
    expect(readdirSync(folder)).toHaveLength(0)
  })

  it('two machines may have one name, of any characters', async () => {
    const name = `web/1 & <größer> "x"`
    const [one, two] = [await make('same-1', { name }), await make('same-2', { name })]
    expect(one.ref).not.toBe(two.ref)
    expect((await hypervisor.machines.find(one.ref, call()))?.name).toBe(name)
    for (const owned of [one, two]) await hypervisor.machines.destroy(owned, call())
  })

  it('refuses what libvirt could not keep, and what is not there, by name', async () => {
    const spec = specOf({
      name: 'a\u0001',
      nics: [{ network: 'none', mac: '52:54:00:00:00:01' }],
      placement: { datastore: 'none' },
    })
    const error = await rejects('INVALID_INPUT', hypervisor.machines.create(spec, keyed('wrong')))
    const fields = isVirtkitError(error, 'INVALID_INPUT') && error.details.problems.map(({ field }) => field)
    expect(fields).toEqual(['name', 'placement.datastore', 'nics[0].network'])
  })

  it('says that a pool is full before anything is made', async () => {
    await lab.libvirtd.virsh('pool-define-as', 'small', 'dir', '--target', '/var/lib/libvirt/small')
    await lab.libvirtd.virsh('pool-start', 'small')
    const thick = specOf({ disks: [{ sizeMiB: 60, provisioning: 'thick' }], placement: { datastore: 'small' } })
    const error = await rejects('DATASTORE_FULL', hypervisor.machines.create(thick, keyed('full')))
    expect(error.details).toMatchObject({ datastore: 'small', askedMiB: 60 })
    const image = { name: 'large.iso', sizeBytes: 100 * 1024 ** 2, datastore: 'small', content: neverRead }
    await rejects('DATASTORE_FULL', hypervisor.media!.upload(image, call()))
    expect(readdirSync(lab.libvirtd.outside('/var/lib/libvirt/small'))).toEqual([])
    await lab.libvirtd.virsh('pool-destroy', 'small')
    const stopped = await rejects('INVALID_INPUT', hypervisor.machines.create(thick, keyed('full')))
    expect(stopped.message).toContain('not active')
    await lab.libvirtd.virsh('pool-undefine', 'small')
  })

  it('says what to install where QEMU is missing, and leaves nothing', async () => {
    await lab.libvirtd.inside('mount', '--bind', '/dev/null', '/usr/bin/qemu-system-x86_64')
    try {
      const error = await rejects('HYPERVISOR_REFUSED', hypervisor.machines.create(specOf({}), keyed('no-qemu')))
      expect(error.hint).toContain('qemu-system-x86')
    } finally {
      await lab.libvirtd.inside('umount', '/usr/bin/qemu-system-x86_64')
    }
  })

  it('does not touch what others made', async () => {
    const xml = `<domain type="qemu"><name>theirs</name><memory>65536</memory><os><type>hvm</type></os></domain>`
    await lab.libvirtd.inside('sh', '-c', `echo '${xml}' >/run/libvirt/theirs.xml`)
    await lab.libvirtd.virsh('define', '/run/libvirt/theirs.xml')
    const all: MachineInfo[] = []
    for await (const page of hypervisor.inventory.machines({ pageSize: 10 }, call())) all.push(...page)
    const { ref, name, key } = all[0]!
    expect({ name, key }).toEqual({ name: 'theirs', key: undefined })
    await rejects('NOT_OURS', hypervisor.machines.destroy({ ref, key: 'mine' }, call()))
    await lab.libvirtd.virsh('undefine', 'theirs')
    await rejects('NOT_FOUND', hypervisor.power.on({ ref, key: 'mine' }, call()))
  })

  it('a session goes on after its connection broke', async () => {
    const owned = await make('broken')
    lab.proxy.loseNextAnswer(procedures.domains)
    const error = await rejects('HYPERVISOR_UNAVAILABLE', hypervisor.inventory.hosts(call()))
    expect(error.outcome).toBe('did-not-happen')
    await hypervisor.machines.destroy(owned, call())
  })

  it('an unreachable socket is told at once, with what to look at', async () => {
    const error = await rejects(
      'HYPERVISOR_UNAVAILABLE',
      libvirt.connect({ url: 'qemu:///system?socket=/nowhere/sock' }, call()),
    )
    expect(error.outcome).toBe('did-not-happen')
    expect(error.hint).toContain('libvirtd')
  })

  it('finds out by a guest that really runs how guests had best run, in time and without a trace', async () => {
    const session = new Session(lab.options)
    const ran = await session.perform(call(), (api, deed) => guestRunMs(session, api, deed, 'qemu', 10_000))
    expect(ran).toBeGreaterThan(0)
    // The same guest has not run in no time at all: as one that hangs.
    const hung = await session.perform(call(), (api, deed) => guestRunMs(session, api, deed, 'qemu', 1))
    expect(hung).toBeUndefined()
    await session.close()
  })

  it('takes software emulation where KVM is not there', async () => {
    await lab.libvirtd.inside('mount', '--bind', '/dev/null', '/dev/kvm').catch(() => undefined)
    const session = new Session(lab.options)
    expect(await session.perform(call(), (api, deed) => bestAcceleration(session, api, deed))).toBe('tcg')
    await session.close()
  })

  async function make(key: string, more: Partial<MachineSpec> = {}): Promise<{ ref: string; key: string }> {
    const { ref } = await hypervisor.machines.create(specOf(more), keyed(key))
    return { ref, key }
  }
})

async function rejects(code: string, promise: Promise<unknown>) {
  const error = await promise.then(
    () => new Error('it was answered'),
    (reason: unknown) => reason,
  )
  if (!isVirtkitError(error) || error.code !== code) throw error
  return error
}

async function untilFound(hypervisor: Hypervisor, key: string): Promise<{ readonly ref: string }> {
  for (;;) {
    const found = await hypervisor.machines.findByKey(key, call())
    if (found) return found
  }
}

function specOf(more: Partial<MachineSpec>): MachineSpec {
  return {
    name: 'vm',
    cpus: 1,
    memoryMiB: 64,
    firmware: 'bios',
    disks: [{ sizeMiB: 16, provisioning: 'thin' }],
    nics: [],
    placement: {},
    ...more,
  }
}

function call(): Call {
  return { signal: AbortSignal.timeout(25_000) }
}

function keyed(key: string): Call & { readonly key: string } {
  return { ...call(), key }
}

function neverRead(): AsyncIterable<Uint8Array> {
  throw new Error('the content was read')
}
